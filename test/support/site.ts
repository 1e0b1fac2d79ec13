import type { User } from '../../src/directory/user.ts'
import { toInstant, type Instant } from '../../src/lib/instant.ts'
import { unmeasured } from '../../src/lib/meter.ts'
import type { LiveSession, Session } from '../../src/session/session.ts'
import { authorityOf } from '../../src/site/host.ts'
import { english } from '../../src/lib/words/speech.ts'
import { toBrand } from '../../src/site/brand-config.ts'
import type { Site } from '../../src/site/site.ts'
import type { SiteVisit } from '../../src/site/visit.ts'
import { background } from './background.ts'

export const noon: Instant = toInstant(Date.UTC(2026, 10, 24, 12))

export const siteOf = (fields: Partial<Site> = {}): Site => ({
  authority: authorityOf(new URL(fields.url ?? 'https://app.example.com')),
  url: 'https://app.example.com',
  origin: { kind: 'url', url: 'https://origin.example.net', host: 'origin' },
  originTerms: { path: '', headers: [], timeoutSeconds: null },
  routes: [{ path: '/', policy: { kind: 'signed-in' } }],
  session: { absoluteSeconds: 28_800, idleSeconds: null },
  deviceBinding: 'off',
  tokenSeconds: 300,
  headers: 'gatehouse',
  corsOrigins: [],
  preflights: 'answer',
  announceSessionEnd: false,
  oauth: false,
  denied: { words: null, rule: 'hidden' },
  shown: { name: 'app.example.com', description: null, icon: 'A' },
  downloads: 'watch',
  connections: null,
  choice: 'list',
  signOutClears: 'cache',
  trust: 'one-connection',
  ...fields,
})

export const visitOf = (site: Site, now: Instant = noon, url = `${site.url}/`): SiteVisit => ({
  host: site,
  site,
  url: new URL(url),
  requestId: 'request-1',
  learn: () => Promise.resolve(),
  words: () => ({ ...english, brand: toBrand({ words: {} }) }),
  now,
  meter: unmeasured,
  whence: () => ({ country: null, network: null }),
  waitUntil: background.waitUntil,
  breakOff: () => undefined,
  answered: Promise.resolve(),
})

/** The sign-in of a session that is opened with it. */
export const newSignInOf = (
  { expiresAt }: Session,
  user: Pick<User, 'sessionsValidFrom' | 'source'>,
) => ({
  user,
  expiresAt,
  client: { device: 'Firefox on Linux', country: null },
  nameQualifier: null,
  spNameQualifier: null,
})

export const liveOf = (
  fields: Partial<Session> = {},
  groups: readonly string[] = ['staff'],
  groupIds: readonly string[] | null = [],
): LiveSession => ({
  session: {
    id: 'session-1',
    site: 'app.example.com',
    connection: 'okta',
    userId: 'user-1',
    userName: 'ada',
    email: 'ada@example.com',
    displayName: 'Ada Lovelace',
    groups,
    attributes: {},
    nameId: 'ada',
    nameIdFormat: null,
    sessionIndex: null,
    authnInstant: noon,
    authnContext: null,
    signIn: `sign-in of ${fields.id ?? 'session-1'}`,
    signedInAt: fields.openedAt ?? noon,
    openedAt: noon,
    expiresAt: toInstant(noon + 28_800_000),
    idleSeconds: null,
    ...fields,
  },
  via: null,
  groups,
  groupIds,
  lastSeenAt: noon,
  readAt: noon,
  boundAt: null,
})
