/** The person at the console: by a session of the login host that a rule of `admins` admits. */
import type { AdminDeps } from '../admin/part.ts'
import type { Scope } from '../admin/context.ts'
import type { Instant } from '../lib/instant.ts'
import { readAsks } from '../policy/asks.ts'
import { decide, type Decision } from '../policy/decide.ts'
import { toFacts } from '../policy/facts.ts'
import type { LiveSession } from '../session/session.ts'
import type { Role } from '../site/admins-config.ts'
import type { Visit } from '../site/visit.ts'
import { findEntered } from '../admin/link-store.ts'
import { consoleEntry, readEntry } from './enter-cookie.ts'

export interface Admin {
  /** For pages and for the audit. */
  readonly name: string
  readonly role: Role
  readonly scopes: readonly Scope[]
  /** The id of the user; null: a one-time link names none. */
  readonly user: string | null
  /** The id of the session, or of the one-time link. */
  readonly session: string
  readonly signedInAt: Instant
  /** By a one-time link: no identity provider was asked. */
  readonly isByLink: boolean
}

export type Visitor =
  | { readonly kind: 'admin'; readonly admin: Admin }
  | { readonly kind: 'nobody' }
  /** Another sign-in would do. */
  | { readonly kind: 'anew'; readonly decision: Extract<Decision<LiveSession>, { kind: 'anew' }> }
  | { readonly kind: 'stranger'; readonly live: LiveSession }

/** @param mustBeNow whether D1 is asked, and not what the isolate remembers. */
export async function findVisitor(
  request: Request,
  visit: Visit,
  { stores, config, readSession }: AdminDeps,
  mustBeNow: boolean,
): Promise<Visitor> {
  const entry = await readEntry(consoleEntry, request.headers)
  const entered = entry && (await findEntered(stores.db, entry, visit.now))
  if (entered) {
    const { id, madeBy, enteredAt } = entered
    const admin = { name: `${madeBy} (by link)`, user: null, session: id, signedInAt: enteredAt }
    return { kind: 'admin', admin: { ...admin, ...powersOf('owner'), isByLink: true } }
  }
  const read = mustBeNow ? readSession.again : readSession
  const asks = readAsks(request, [request.method])
  const facts = toFacts(await read(request, visit), visit.host.connections, asks)
  if (facts.who.kind === 'nobody') return { kind: 'nobody' }
  const { live } = facts.who
  const decisions = (config.admins?.rules ?? []).map(({ role, rule }) => ({
    role,
    decision: decide({ kind: 'rule', rule }, facts, visit.now),
  }))
  const found = decisions.find(({ decision }) => decision.kind === 'allow')
  if (found) {
    const { email, userName, userId: user, id, signedInAt } = live.session
    const admin = { name: email ?? userName, user, session: id, signedInAt, isByLink: false }
    return { kind: 'admin', admin: { ...admin, ...powersOf(found.role) } }
  }
  for (const { decision } of decisions) {
    if (decision.kind === 'anew') return { kind: 'anew', decision }
  }
  return { kind: 'stranger', live }
}

const scopesOf: Readonly<Record<Role, readonly Scope[]>> = {
  owner: ['all'],
  operator: ['read', 'people', 'connections'],
  auditor: ['read'],
}

const powersOf = (role: Role) => ({ role, scopes: scopesOf[role] })
