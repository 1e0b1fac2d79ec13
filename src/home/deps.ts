import type { SessionReader } from '../session/reader.ts'
import type { Host } from '../site/host.ts'
import type { ConfiguredSite } from '../site/site.ts'

export interface HomeDeps {
  readonly db: D1Database
  readonly readSession: SessionReader
  readonly loginHost: Host
  readonly sites: readonly ConfiguredSite[]
  /** Whether programs may get access, so that a person may want to take some back. */
  readonly hasOauth: boolean
}
