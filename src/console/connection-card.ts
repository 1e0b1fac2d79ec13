/** What the cards on the page of a connection have in common. */
import { toGiven, type Typed } from '../admin/field.ts'
import { withinSeconds, type Operation } from '../admin/operation.ts'
import type { Block } from '../admin/view.ts'
import type { Connection } from '../connection/connection.ts'
import type { At, RefusedForm } from './page.ts'

export interface CardOf {
  readonly connection: Connection
  readonly mayChange: boolean
  /** Whether the admin may change what its identity provider vouches for. */
  readonly mayTrust: boolean
  readonly refused: RefusedForm | null
  /** This page. */
  readonly back: string
}

/** What a reading operation shows. */
export async function viewOf(
  { prepare }: Operation,
  typed: Typed,
  { context, deps }: At,
): Promise<readonly Block[]> {
  const prepared = prepare(toGiven(typed))
  if (!prepared.ok) return []
  const bound = withinSeconds(deps.config.revocationSeconds)
  const done = await prepared.value(context, { bound, ifVersion: null })
  return done.ok ? done.value.view : [{ kind: 'sentence', text: done.error.message }]
}
