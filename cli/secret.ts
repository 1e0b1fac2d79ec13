/** GATEHOUSE_SECRET, if this machine has it: in the environment, or in the file of `npm run dev`. */
import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { decodeBase64, type Bytes } from '../src/lib/bytes.ts'
import { createSealer, type Sealer } from '../src/lib/seal.ts'
import { inProject } from './project.ts'

/** null: this machine does not have it. The deployed Worker's secret is in no file, and cannot be read back. */
export async function openSealer(purpose: string, isLocal: boolean): Promise<Sealer | null> {
  const text = isLocal ? await readFile(inProject('.dev.vars'), 'utf8').catch(() => '') : ''
  const vars = parseEnv(text)
  const current = secretIn(process.env, vars, 'GATEHOUSE_SECRET')
  const previous = secretIn(process.env, vars, 'GATEHOUSE_SECRET_PREVIOUS')
  return current ? createSealer({ current, previous }, purpose) : null
}

function secretIn(
  environment: Readonly<Record<string, string | undefined>>,
  vars: NodeJS.Dict<string>,
  name: string,
): Bytes | null {
  const text = environment[name] ?? vars[name]
  const bytes = text === undefined ? null : decodeBase64(text)
  return bytes?.ok && bytes.value.length >= 32 ? bytes.value : null
}
