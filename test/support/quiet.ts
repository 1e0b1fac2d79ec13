/**
 * Lines that look like failures and are none: they come from the tools, once for each test file, and
 * nothing that a test does changes them. All other lines are printed.
 */
const expected = [
  // vitest asks for Node's inspector, which workerd has not, and goes on without it.
  /^\[vitest-plugin\] Failed to require "node:inspector" from "[^"\n]*\/vitest\/dist\/[^\n]*\n$/,
  /^Fallback service failed to fetch module; body = ; specifier = node:inspector\n$/,
  // A package that was published without the source that its map names.
  /^Sourcemap for "[^"\n]*\/node_modules\/saxes\/saxes\.js" points to [^\n]*\n$/,
  // workerd says how it reads a header that a test sends on purpose.
  /^A header value for "[\w-]+" contains non-ASCII characters: [^\n]*\n$/,
]

type Done = (error?: Error | null) => void

const isExpected = (text: unknown): boolean =>
  typeof text === 'string' && expected.some((line) => line.test(text))

export function quiet(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream)
    stream.write = (
      text: string | Uint8Array,
      encoding?: BufferEncoding | Done,
      done?: Done,
    ): boolean => {
      if (isExpected(text)) return true
      return typeof encoding === 'function' ? write(text, encoding) : write(text, encoding, done)
    }
  }
  // What wrangler says at the start: "Using secrets defined in .dev.vars", its greeting.
  process.env['WRANGLER_LOG'] ??= 'error'
}
