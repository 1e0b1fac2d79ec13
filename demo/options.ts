/** What a demo may be told. It is read before the demo is loaded, which takes a second. */
import type { DemoSettings } from './gatehouse.config.ts'

export interface DemoOptions extends Pick<
  DemoSettings,
  'session' | 'revocationSeconds' | 'corsOrigins'
> {
  /** The ports to try first; 0: the system chooses. */
  readonly ports: { readonly site: number; readonly idp: number; readonly origin: number }
  /** The URL of the site behind the gate; null: the demo's own site. */
  readonly origin: string | null
  /** Whether people sign in at the site's own host, or at one that guards no site. */
  readonly loginHost: 'site' | 'apart'
  /** Called with each line that the gate logs. */
  readonly log: (line: string) => void
}

export const defaults: DemoOptions = {
  ports: { site: 8787, idp: 8788, origin: 8789 },
  session: { absoluteSeconds: 8 * 3600, idleSeconds: 3600 },
  revocationSeconds: 15,
  corsOrigins: [],
  origin: null,
  loginHost: 'site',
  log: () => undefined,
}
