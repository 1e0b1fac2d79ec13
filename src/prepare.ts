/** What an isolate makes once of its bindings and its config. */
import type { AdminPart } from './admin/part.ts'
import type { Audit } from './audit/event.ts'
import { createAuditTrail, type AuditVisit } from './audit/trail.ts'
import { createBinding } from './binding/binding.ts'
import type { Config } from './config.ts'
import { parseEnv } from './env.ts'
import { answerWith } from './http.ts'
import { FORM_PURPOSE } from './form/sent.ts'
import { createIdentify } from './identity/identify.ts'
import { createKeyRing, SIGNING_KEYS_PURPOSE } from './identity/keys.ts'
import type { Instant } from './lib/instant.ts'
import { createLimits } from './lib/limits.ts'
import { onDemand } from './lib/part.ts'
import { createDailySealer, createSealer } from './lib/seal.ts'
import { createMetrics, measuredCron, withMetrics } from './metrics/metrics.ts'
import { createOwn, type Own } from './own.ts'
import { createOriginFetch } from './proxy/forward.ts'
import type { MeasuredDeps } from './proxy/measured.ts'
import { createUnsent } from './proxy/unsent.ts'
import { createSessionReader } from './session/reader.ts'
import { revokeSession } from './session/revoke-store.ts'
import { explainFaults } from './site/explain-faults.ts'
import { guardedNames } from './site/guarded.ts'
import { hostsOf } from './site/hosts.ts'

export interface Parts {
  /** The console and the API, from `@gatehouse/worker/admin`. Without it the Worker has neither. */
  readonly admin?: AdminPart
}

export interface Prepared {
  readonly audit: (moment: AuditVisit) => Audit
  readonly gate: MeasuredDeps
  readonly own: Own
  readonly tidy: (now: Instant) => Promise<void>
}

/** Null if the environment has faults. They are logged, and every request is refused. */
export async function prepare(
  input: unknown,
  config: Config,
  { admin }: Parts,
  clock: () => Instant,
): Promise<Prepared | null> {
  const env = parseEnv(input, config)
  if (!env.ok) {
    console.error(`Gatehouse cannot start:\n${explainFaults(env.error)}`)
    return null
  }
  const { kv, db, secrets, services, originSecrets, assets } = env.value
  const limits = createLimits(env.value.limits)
  const stores = { kv, db }
  const { loginHost, revocationSeconds, sites, sitesElsewhere } = config
  const binding = createBinding(secrets)
  const hosts = hostsOf(loginHost, sites, sitesElsewhere)
  const { shortestIdleSeconds } = hosts
  const terms = { revocationSeconds, shortestIdleSeconds }
  const readSession = createSessionReader({ ...stores, ...terms, ...binding })
  const keys = createKeyRing(db, await createSealer(secrets, SIGNING_KEYS_PURPOSE))
  const guarded = guardedNames(config)
  const outbox = onDemand('webhook', async () =>
    (await import('./parts/outbox.ts')).create({ stores, secrets, guarded }),
  )
  const metrics = env.value.metrics && createMetrics(env.value.metrics)
  const trail = createAuditTrail(db, async (now) => (await outbox())(now))
  const audit = withMetrics(trail, metrics)
  const findPrograms = onDemand('programs', async () =>
    (await import('./parts/programs.ts')).create({ stores, config, limits, audit }),
  )
  const newId = () => crypto.randomUUID()
  const forms = { db, sealer: createDailySealer(secrets, FORM_PURPOSE), newId }
  const own = createOwn({
    ...binding,
    stores,
    config,
    secrets,
    assets,
    readSession,
    findPrograms,
    audit,
    hosts,
    limits,
    keys,
    forms,
    guarded,
    newId,
    notFound: (request, visit) => answerWith('not-found', request, visit),
    admin: admin ?? null,
    clock,
  })

  return {
    audit,
    gate: {
      readSession,
      findPrograms,
      readSessionAgain: readSession.stands,
      endStolen: (session, now) => revokeSession(db, session.id, now),
      noteLife: readSession.alive,
      revocationSeconds,
      identify: createIdentify(keys),
      fetchOrigin: createOriginFetch({ services, originSecrets }),
      audit,
      clock,
      unsent: createUnsent(clock),
      forms,
      onlookers: { admins: config.admins, connections: loginHost.connections },
      record: metrics && metrics.request,
    },
    own,
    tidy: measuredCron(metrics, clock, own.tidy),
  }
}
