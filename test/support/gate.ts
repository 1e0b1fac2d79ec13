/** The gate with real sessions in the real KV and D1. The origin is a function. */
import { env } from 'cloudflare:workers'
import { createIdentify } from '../../src/identity/identify.ts'
import { createKeyRing, SIGNING_KEYS_PURPOSE } from '../../src/identity/keys.ts'
import type { AuditEvent } from '../../src/audit/event.ts'
import { utf8 } from '../../src/lib/bytes.ts'
import type { Instant } from '../../src/lib/instant.ts'
import { createLimits } from '../../src/lib/limits.ts'
import { createDailySealer, createSealer } from '../../src/lib/seal.ts'
import { FORM_PURPOSE } from '../../src/form/sent.ts'
import { measuredGate, type MeasuredDeps } from '../../src/proxy/measured.ts'
import type { Onlookers } from '../../src/proxy/timing.ts'
import { createProgramReader } from '../../src/program/reader.ts'
import { serviceTokens } from '../../src/program/service-store.ts'
import { createPrograms } from '../../src/proxy/program.ts'
import { createUnsent } from '../../src/proxy/unsent.ts'
import { createSessionReader, type SessionStores } from '../../src/session/reader.ts'
import type { Session } from '../../src/session/session.ts'
import { revokeSession } from '../../src/session/revoke-store.ts'
import type { Site } from '../../src/site/site.ts'
import type { Visit } from '../../src/site/visit.ts'
import { boundCookies, stores } from './session.ts'
import { noon, siteOf, visitOf } from './site.ts'

const sealer = await createSealer(
  { current: utf8('g'.repeat(32)), previous: null },
  SIGNING_KEYS_PURPOSE,
)

const formSealer = createDailySealer(
  { current: utf8('f'.repeat(32)), previous: null },
  FORM_PURPOSE,
)

export interface GateOptions {
  readonly site?: Partial<Site>
  readonly origin?: (request: Request) => Response | Promise<Response>
  readonly stores?: Partial<SessionStores>
  readonly revocationSeconds?: number
  readonly mostUnsent?: number
  readonly rateLimit?: RateLimit
  readonly breakOff?: () => void
  readonly waitUntil?: Visit['waitUntil']
  readonly onlookers?: Onlookers
  readonly record?: MeasuredDeps['record']
}

export interface TestGate {
  /** @param now to which the clock is set. */
  readonly ask: (request: Request, now?: Instant) => Promise<Response>
  /** The requests that the origin got, in order. */
  readonly sent: Request[]
  readonly events: AuditEvent[]
  /** The time of each event. */
  readonly at: Instant[]
  /** The time that the clock shows to open requests. */
  now: Instant
}

/** Creates a gate like that of one isolate. */
export function createGate(options: GateOptions = {}): TestGate {
  const { kv, db } = { ...stores, ...options.stores }
  const revocationSeconds = options.revocationSeconds ?? 15
  const origin = options.origin ?? (() => new Response('from the origin'))
  const readSession = createSessionReader({
    kv,
    db,
    revocationSeconds,
    boundCookies,
    shortestIdleSeconds: null,
  })
  const site = siteOf(options.site)
  const sent: Request[] = []
  const events: AuditEvent[] = []
  const at: Instant[] = []
  const audit = (visit: Visit) => (event: AuditEvent) => {
    events.push(event)
    at.push(visit.now)
  }
  const sources = { service: serviceTokens(db), access: null }
  const limits = createLimits(options.rateLimit ?? null)
  const readProgram = createProgramReader(sources, { limits, revocationSeconds })
  const programs = createPrograms({ readProgram, audit })
  const deps = {
    readSession,
    findPrograms: () => Promise.resolve(programs),
    readSessionAgain: readSession.stands,
    noteLife: readSession.alive,
    endStolen: (session: Session, now: Instant) => revokeSession(db, session.id, now),
    revocationSeconds,
    identify: createIdentify(createKeyRing(db, sealer)),
    fetchOrigin: async (_origin: unknown, to: string | Request, how: RequestInit) => {
      const request = new Request(to, how)
      sent.push(request)
      return origin(request)
    },
    audit,
    clock: () => world.now,
    unsent: createUnsent(() => world.now, options.mostUnsent),
    forms: { db, sealer: formSealer, newId: () => crypto.randomUUID() },
    onlookers: options.onlookers ?? { admins: null, connections: null },
    record: options.record ?? null,
  }
  const world: TestGate = {
    sent,
    events,
    at,
    now: noon,
    ask: (request, now = world.now) => {
      world.now = now
      const visit = visitOf(site, now, request.url)
      const { breakOff = visit.breakOff, waitUntil = visit.waitUntil } = options
      return measuredGate(request, { ...visit, breakOff, waitUntil }, deps)
    },
  }
  return world
}

export const emptyKeys = () => env.DB.exec('DELETE FROM signing_keys')

/** The headers with which a browser opens an address. */
export const navigation = {
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
  Accept: 'text/html',
}
