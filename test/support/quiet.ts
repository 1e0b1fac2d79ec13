/**
 * Lines that look like failures but are not. The tools print them once for each test file, whatever
 * the tests do. All other lines are printed.
 */
const expected = [
  // vitest looks for Node's inspector, which workerd does not have, and continues without it.
  /^\[vitest-plugin\] Failed to require "node:inspector" from "[^"\n]*\/vitest\/dist\/[^\n]*\n$/,
  /^Fallback service failed to fetch module; body = ; specifier = node:inspector\n$/,
  // A package was published without the source that its source map names.
  /^Sourcemap for "[^"\n]*\/node_modules\/(saxes\/saxes|standardwebhooks\/dist\/index)\.js" points to [^\n]*\n$/,
  // workerd warns of a header that a test sends on purpose.
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
  // Keeps wrangler's greetings at the start out of the output ("Using secrets defined in
  // .dev.vars").
  process.env['WRANGLER_LOG'] ??= 'error'
}
