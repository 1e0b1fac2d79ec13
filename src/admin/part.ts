/** The console and the API: a part that a project adds to its Worker, and that a gate can do without. */
import type { Hono } from 'hono/tiny'
import type { AuditVisit } from '../audit/trail.ts'
import type { Audit } from '../audit/event.ts'
import type { DeployedConfig } from './context.ts'
import type { Instant } from '../lib/instant.ts'
import type { Limits } from '../lib/limits.ts'
import type { SealingSecrets } from '../lib/seal.ts'
import type { SessionReader, SessionStores } from '../session/reader.ts'
import type { Hosts } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'

export interface AdminDeps {
  readonly stores: SessionStores
  readonly config: DeployedConfig & { readonly revocationSeconds: number }
  readonly secrets: SealingSecrets
  /** Styles and scripts of the console; null: wrangler.toml does not bind them. */
  readonly assets: Fetcher | null
  readonly readSession: SessionReader
  readonly audit: (moment: AuditVisit) => Audit
  readonly hosts: Hosts
  readonly newId: () => string
  readonly limits: Limits
}

export type AdminEnv = { Variables: { visit: Visit } }
export interface AdminSide {
  /** Everything at /.gatehouse/admin and /.gatehouse/api of the login host. */
  readonly app: Hono<AdminEnv>
  /** For cron. */
  readonly tidy: (now: Instant) => Promise<void>
}
export type AdminPart = (deps: AdminDeps) => Promise<AdminSide>
