import type { AdminSide } from '../admin/part.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'

/** @param side null: the Worker has no console and no API. */
export const create = (deps: PartDeps, side: AdminSide | null): Answer =>
  answering(deps, ...(side ? [side.app] : []))
