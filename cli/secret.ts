/** GATEHOUSE_SECRET, where this machine knows it: in the environment, or that of `npm run dev`. */
import { readFile } from 'node:fs/promises'
import { decodeBase64, type Bytes } from '../src/lib/bytes.ts'
import { createSealer, type Sealer } from '../src/lib/seal.ts'
import { inProject } from './project.ts'

/** null: it is not known here. The deployed Worker's is in no file, and cannot be read back. */
export async function openSealer(purpose: string, isLocal: boolean): Promise<Sealer | null> {
  const vars = isLocal ? await readFile(inProject('.dev.vars'), 'utf8').catch(() => '') : ''
  const current = secretIn(process.env, vars, 'GATEHOUSE_SECRET')
  const previous = secretIn(process.env, vars, 'GATEHOUSE_SECRET_PREVIOUS')
  return current ? createSealer({ current, previous }, purpose) : null
}

function secretIn(
  environment: Readonly<Record<string, string | undefined>>,
  vars: string,
  name: string,
): Bytes | null {
  const line = vars.split('\n').find((each) => each.startsWith(`${name}=`))
  const text = environment[name] ?? line?.slice(name.length + 1).replace(/^(["'])(.*)\1\s*$/, '$2')
  const bytes = text === undefined ? null : decodeBase64(text)
  return bytes?.ok && bytes.value.length >= 32 ? bytes.value : null
}
