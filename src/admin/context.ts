/** What every operation of an operator is given, and the event that each change leaves in the audit. */
import type { AuditEvent } from '../audit/event.ts'
import { toRow } from '../audit/row.ts'
import { saveEvents } from '../audit/store.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'
import { hasHidden } from '../lib/plain.ts'
import type { Result } from '../lib/result.ts'
import type { Sealer } from '../lib/seal.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import { connectionsOf } from '../policy/pin.ts'
import type { Fetch } from '../webhook/send.ts'
import type { Admins } from '../site/admins-config.ts'
import type { MetadataReach } from '../upkeep/fetch.ts'
import type { HostsConfig } from '../site/host-config.ts'
import type { ConfiguredSite } from '../site/site.ts'

/** The person who asks for an operation, and how the request came. */
export interface Operator {
  /** It goes into the audit. No permission depends on it: on the command line anybody gives any name. */
  readonly name: string
  readonly face: 'command line' | 'console' | 'api'
  readonly scopes: readonly Scope[]
  /**
   * The id of the user who signed in to the console, or who made the token of the API there. null:
   * not known, as on the command line or by a one-time link.
   */
  readonly user: string | null
}

/**
 * What an operator may do. `people`: users, sessions and joins. `connections`: connections, SCIM
 * tokens and removal guards. `all`: everything, and what no other scope covers.
 */
export type Scope = (typeof scopes)[number]
export const scopes = ['read', 'people', 'connections', 'all'] as const

export const mayDo = ({ scopes: own }: Operator, scope: Scope): boolean =>
  own.includes('all') || own.includes(scope)

/**
 * Whether the operator may change what the identity provider of a connection vouches for. With that
 * right an operator can sign in as any of its people. So if the people of a connection can be
 * administrators, only an owner has it: otherwise an operator could become one.
 */
export function mayChangeTrust(
  { operator, config }: Pick<Context, 'operator' | 'config'>,
  connection: string,
): boolean {
  if (mayDo(operator, 'all')) return true
  if (!config) return false
  const { admins, loginHost } = config
  return (admins?.rules ?? []).every(({ rule }) => {
    const ids = connectionsOf(rule) ?? loginHost.connections
    return ids !== null && !ids.includes(connection)
  })
}

/** What operations ask of `gatehouse.config.ts`. */
export interface DeployedConfig extends HostsConfig {
  readonly sites: readonly ConfiguredSite[]
  readonly admins: Admins | null
}

export interface Context {
  readonly db: D1Database
  /** Sessions; null: the face does not reach KV. */
  readonly kv: KVNamespace | null
  readonly operator: Operator
  readonly now: Instant
  /** Of the request by which the operator asked; null: there is none, as on the command line. */
  readonly requestId: string | null
  /** A new random id. */
  readonly newId: () => string
  /** So many random bytes. */
  readonly random: (bytes: number) => Bytes
  /** null: the face does not know it. */
  readonly config: DeployedConfig | null
  /** Opens what the Worker sealed for this purpose; null: GATEHOUSE_SECRET is not known here. */
  readonly openSealer: (purpose: string) => Promise<Sealer | null>
  /**
   * Reads a metadata document, with a bound for size and time, by https only. Of a large one, only
   * the entity is kept. The error is a sentence. null: the face fetches nothing.
   */
  readonly fetchMetadata:
    ((url: string, entityId: string | null) => Promise<Result<Uint8Array, string>>) | null
  /** Sends a message to a webhook. */
  readonly fetchWebhook: Fetch
  /** How metadata URLs that are stored are asked; null: the face asks none. */
  readonly metadataReach: MetadataReach | null
  /** The change is made, but the audit could not keep its event. */
  readonly onUnaudited: (error: StoreUnavailable) => void
  /** The audit has an event of a change, so webhooks may have to be told. */
  readonly onAudited: () => void
}

type OperatorEvent = Extract<AuditEvent, { kind: 'operator' }>

const MOST_NAME = 100

/** One line of 1 to 100 visible characters; else null. */
export function parseOperatorName(text: string): string | null {
  const name = text.trim()
  return name === '' || name.length > MOST_NAME || hasHidden(name) ? null : name
}

/** Each face as the audit has always named it. */
const actors: Readonly<Record<Operator['face'], OperatorEvent['actor']>> = {
  'command line': 'cli',
  console: 'console',
  api: 'api',
}

/** Last step of an operation. The change stands even where the audit fails. */
export async function record(
  { db, operator, now, requestId, onUnaudited, onAudited }: Context,
  done: Omit<OperatorEvent, 'kind' | 'actor' | 'operator'>,
): Promise<void> {
  const { name, face, user } = operator
  const facts = { ...done.facts, ...(user === null ? {} : { operatorUser: user }) }
  const by = { kind: 'operator', actor: actors[face], operator: name } as const
  const row = toRow({ ...by, ...done, facts }, now, requestId)
  try {
    await saveEvents(db, row.share, { rows: [row], dropped: 0 }, now)
    onAudited()
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    onUnaudited(error)
  }
}
