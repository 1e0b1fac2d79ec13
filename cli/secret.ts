/** GATEHOUSE_SECRET, if this machine has it: in the environment, or in the file of `npm run dev`. */
import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { parseSecret } from '../src/env.ts'
import type { Bytes } from '../src/lib/bytes.ts'
import { createSealer, type Sealer } from '../src/lib/seal.ts'
import { devVarsFile } from './project.ts'

export const SECRET = 'GATEHOUSE_SECRET'

/** It is there, and is none: the message says where. */
export class BadSecret extends Error {
  override readonly name = 'BadSecret'
}

/** null: this machine does not have it. The deployed Worker's secret is in no file, and cannot be read back. */
export async function openSealer(purpose: string, isLocal: boolean): Promise<Sealer | null> {
  const text = isLocal ? await readFile(devVarsFile(), 'utf8').catch(() => '') : ''
  const vars = parseEnv(text)
  const current = secretIn(process.env, vars, SECRET)
  const previous = secretIn(process.env, vars, 'GATEHOUSE_SECRET_PREVIOUS')
  return current ? createSealer({ current, previous }, purpose) : null
}

function secretIn(
  environment: Readonly<Record<string, string | undefined>>,
  vars: NodeJS.Dict<string>,
  name: string,
): Bytes | null {
  const text = environment[name] ?? vars[name] ?? ''
  if (text === '') return null
  const secret = parseSecret(name, text)
  if (secret.ok) return secret.value
  const where = environment[name] === undefined ? devVarsFile() : 'the environment of this command'
  throw new BadSecret(`In ${where}, ${name} ${secret.error.problem}`)
}
