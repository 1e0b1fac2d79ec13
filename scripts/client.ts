/** `npm run client` makes the text of /.gatehouse/client.js anew, from client/client.ts. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, stop } from 'esbuild'
import { format, resolveConfig } from 'prettier'
import { root } from '../cli/project.ts'

export const clientFile = join(root, 'src', 'login', 'client-script.ts')

/** The source of `clientFile`: the script as text, and its ETag. */
export async function clientSource(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'client', 'client.ts')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  })
  await stop()
  const text = outputFiles[0]?.text.trim() ?? ''
  const etag = createHash('sha256').update(text).digest('base64url').slice(0, 16)
  const source = `/** Made by \`npm run client\` from client/client.ts. */
export const clientScript = ${JSON.stringify(text)}
export const clientTag = ${JSON.stringify(`"${etag}"`)}
`
  return format(source, { ...(await resolveConfig(clientFile)), parser: 'typescript' })
}

if (import.meta.main) writeFileSync(clientFile, await clientSource())
