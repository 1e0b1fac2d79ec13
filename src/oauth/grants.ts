/** Grants as they are made and ended, each with its event in the audit. */
import type { Audit, AuditEvent } from '../audit/event.ts'
import { plusSeconds } from '../lib/instant.ts'
import type { LiveSession } from '../session/session.ts'
import type { Site } from '../site/site.ts'
import type { Visit } from '../site/visit.ts'
import type { Client } from './client.ts'
import type { OauthDeps } from './deps.ts'
import { saveGrant } from './grant-store.ts'
import type { EndedGrant, NewGrant } from './grant.ts'

type Event<K extends AuditEvent['kind']> = Extract<AuditEvent, { readonly kind: K }>

interface Making extends Pick<NewGrant, 'codeHash' | 'bound'>, Pick<Event<'grant-made'>, 'by'> {
  readonly client: Client
  readonly site: Site
  readonly live: LiveSession
  readonly codeSeconds: number
}

/** @returns false: the sign-in has no row, or ended a moment ago; or the device waits no longer. */
export async function makeGrant(
  visit: Visit,
  { client, site, live, codeHash, codeSeconds, bound, by }: Making,
  { db, newId, terms, audit }: OauthDeps,
): Promise<boolean> {
  const { now } = visit
  const { session } = live
  const { signIn } = session
  const id = newId()
  const isSaved =
    signIn !== null &&
    (await saveGrant(db, {
      id,
      client,
      site: site.authority,
      session: { ...session, signIn },
      now,
      expiresAt: plusSeconds(now, terms.absoluteSeconds),
      codeHash,
      codeExpiresAt: plusSeconds(now, codeSeconds),
      bound,
    }))
  if (!isSaved) return false
  audit(visit)({
    kind: 'grant-made',
    site: site.authority,
    connection: session.connection,
    user: session.userId,
    client: client.id,
    name: client.name,
    grant: id,
    by,
  })
  return true
}

export function auditEnd(
  { id: grant, userId: user, connection, client, site }: EndedGrant,
  reason: Event<'grant-ended'>['reason'],
  audit: Audit,
): void {
  audit({ kind: 'grant-ended', site, connection, user, client, grant, reason })
}
