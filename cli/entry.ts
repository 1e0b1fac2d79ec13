/** An entry of the Worker that replaces the project's: with another config, or for this machine. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inProject } from './project.ts'

/** @param name of the file. Git ignores its folder. */
export async function writeEntry(name: string, lines: readonly string[]): Promise<string> {
  const folder = inProject('.wrangler', 'gatehouse')
  const file = join(folder, name)
  await mkdir(folder, { recursive: true })
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

export const importing = (what: string, file: string): string =>
  `import ${what} from ${JSON.stringify(file)}`
