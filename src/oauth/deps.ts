import type { Audit } from '../audit/event.ts'
import type { AuditVisit } from '../audit/trail.ts'
import type { Limits } from '../lib/limits.ts'
import type { SessionReader } from '../session/reader.ts'
import type { Host } from '../site/host.ts'
import type { ConfiguredSite } from '../site/site.ts'
import type { ClientDeps } from './clients.ts'

export interface OauthDeps extends ClientDeps {
  readonly readSession: SessionReader
  readonly audit: (moment: AuditVisit) => Audit
  /** Also the issuer: its URL. */
  readonly loginHost: Host
  readonly sites: readonly ConfiguredSite[]
  readonly limits: Limits
  readonly newId: () => string
}
