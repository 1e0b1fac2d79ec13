/** How far a connection is set up, by what its identity provider and its directory have sent. */
import { findLastAccepted } from '../attempt/read-store.ts'
import { isDraft, signatureOf, type Connection } from '../connection/connection.ts'
import { listTokens, type StoredToken } from '../directory/token-store.ts'
import type { Instant } from '../lib/instant.ts'
import { toPem } from '../saml/certificate.ts'
import type { RequestSignature } from '../saml/outgoing/sign.ts'
import { createSpKeys, makeSpKeys, SP_KEYS_PURPOSE } from '../sp/keys.ts'
import type { Context } from './context.ts'
import { findSomeSignIn } from './set-up-store.ts'

export interface SetUp {
  readonly connection: Connection
  readonly hasMetadata: boolean
  /** The last sign-in that was accepted, as far as it is known; null: none. */
  readonly signedInAt: Instant | null
  /** The last response that was accepted, also that of a test. */
  readonly respondedAt: Instant | null
  /** Tokens of the directory that count. */
  readonly tokens: readonly StoredToken[]
  /** The last request of the directory; null: none. */
  readonly directoryAt: Instant | null
}

export async function findSetUp(
  { db, now }: Pick<Context, 'db' | 'now'>,
  connection: Connection,
): Promise<SetUp> {
  const tokens = (await listTokens(db, connection.id)).filter(
    ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt > now),
  )
  const uses = tokens.flatMap(({ lastUsedAt }) => lastUsedAt ?? [])
  const signedInAt = await findSomeSignIn(db, connection.id)
  return {
    connection,
    hasMetadata: !isDraft(connection),
    signedInAt,
    respondedAt: (await findLastAccepted(db, connection.id)) ?? signedInAt,
    tokens,
    directoryAt: uses.toSorted((a, b) => b - a)[0] ?? null,
  }
}

export interface OwnCertificate {
  readonly kind: 'encryption' | RequestSignature
  readonly pem: string
}

/**
 * Makes our keys for the identity provider before the connection is stored, so that no visitor waits
 * for them. On the command line cron makes them: a GATEHOUSE_SECRET there may be another than the
 * Worker's, which then could not open the keys.
 */
export async function makeOwnKeys(
  { db, now, operator, openSealer }: Pick<Context, 'db' | 'now' | 'operator' | 'openSealer'>,
  { settings }: Connection,
): Promise<void> {
  if (operator.face === 'command line') return
  const sealer = await openSealer(SP_KEYS_PURPOSE)
  if (sealer) await makeSpKeys(db, sealer, [signatureOf(settings.signRequests)], now)
}

/** Our certificates that the identity provider may need. */
export async function findOwnCertificates(
  { db, now, openSealer }: Pick<Context, 'db' | 'now' | 'openSealer'>,
  { settings: { requireEncryption, signRequests } }: Connection,
): Promise<readonly OwnCertificate[]> {
  const sealer = await openSealer(SP_KEYS_PURPOSE)
  if (!sealer) return []
  const algorithm = signatureOf(signRequests)
  const { signing, encryption } = await createSpKeys(db, sealer).certificates(algorithm, now)
  const first = (kind: OwnCertificate['kind'], [certificate]: readonly string[]) =>
    certificate === undefined ? [] : [{ kind, pem: toPem(certificate) }]
  return [
    ...first(algorithm, signing),
    ...(requireEncryption ? first('encryption', encryption) : []),
  ]
}
