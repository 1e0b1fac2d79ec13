import { accessTokens } from '../oauth/access-store.ts'
import { createProgramReader } from '../program/reader.ts'
import { serviceTokens } from '../program/service-store.ts'
import { createPrograms, type ProgramDeps, type Programs } from '../proxy/program.ts'
import type { PartDeps } from './deps.ts'

export interface ProgramPartDeps
  extends Pick<PartDeps, 'stores' | 'config' | 'limits'>, Pick<ProgramDeps, 'audit'> {}

/** What admits programs at the gate: one for the whole isolate, because it remembers tokens. */
export function create({ stores, config, limits, audit }: ProgramPartDeps): Programs {
  const { db } = stores
  const { oauth, sites, revocationSeconds } = config
  const access = oauth && accessTokens(db, sites)
  const sources = { service: serviceTokens(db), access }
  return createPrograms({
    readProgram: createProgramReader(sources, { limits, revocationSeconds }),
    audit,
  })
}
