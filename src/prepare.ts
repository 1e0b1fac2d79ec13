/** What an isolate makes once of its bindings and its config. */
import { Hono } from 'hono/tiny'
import type { AdminPart } from './admin/part.ts'
import { createKeepAttempt } from './attempt/keep.ts'
import type { Audit } from './audit/event.ts'
import { createAuditTrail, type AuditVisit } from './audit/trail.ts'
import { explainFaults, type Config } from './config.ts'
import { runCron } from './cron.ts'
import { parseEnv } from './env.ts'
import { notFound, tooMany } from './http.ts'
import { FORM_PURPOSE } from './form/kept.ts'
import { createFormApp } from './form/routes.ts'
import { createBinding } from './binding/binding.ts'
import { createBindingApp } from './binding/routes.ts'
import { rememberCertificates } from './connection/remember-certificates.ts'
import { createHealthApp } from './health/routes.ts'
import { createHomeApp } from './home/routes.ts'
import { createIdentify } from './identity/identify.ts'
import { createKeyRing, SIGNING_KEYS_PURPOSE } from './identity/keys.ts'
import { createIdentityApp } from './identity/routes.ts'
import type { Instant } from './lib/instant.ts'
import { createLimits, limitOf } from './lib/limits.ts'
import { mayEndPrograms, SCIM_PREFIX } from './lib/paths.ts'
import { createDailySealer, createSealer } from './lib/seal.ts'
import { PENDING_PURPOSE } from './login/pending.ts'
import { createLoginApp } from './login/routes.ts'
import { LOGOUT_PURPOSE } from './logout/kept.ts'
import { createLogoutApp } from './logout/routes.ts'
import { createMetrics, measuredCron, withMetrics } from './metrics/metrics.ts'
import { accessTokens } from './oauth/access-store.ts'
import { createOauth } from './oauth/oauth.ts'
import { createProgramReader } from './program/reader.ts'
import { serviceTokens } from './program/service-store.ts'
import { createOriginFetch } from './proxy/forward.ts'
import type { MeasuredDeps } from './proxy/measured.ts'
import { createUnsent } from './proxy/unsent.ts'
import { createScimApp } from './scim/routes.ts'
import { createSessionReader } from './session/reader.ts'
import { revokeSession } from './session/standing-store.ts'
import { isLoginHost } from './site/host.ts'
import { guardedNames } from './site/guarded.ts'
import { hostsOf } from './site/hosts.ts'
import { findSite } from './site/match.ts'
import type { Visit } from './site/visit.ts'
import { createSignalsApp } from './signals/routes.ts'
import { createChoose } from './signals/refresh.ts'
import { createSpKeys, SP_KEYS_PURPOSE } from './sp/keys.ts'
import { publicReach } from './upkeep/fetch.ts'
import { createOutbox, fetchOutside, TIMEOUT_SECONDS } from './webhook/send.ts'
import { WEBHOOK_PURPOSE } from './webhook/webhook.ts'

export interface Parts {
  /** The console and the API, from `@gatehouse/worker/admin`. Without it the Worker has neither. */
  readonly admin?: AdminPart
}

export interface Prepared {
  readonly audit: (moment: AuditVisit) => Audit
  readonly gate: MeasuredDeps
  readonly own: Hono<OwnEnv>
  readonly tidy: (now: Instant) => Promise<void>
}
type OwnEnv = { Bindings: { visit: Visit }; Variables: { visit: Visit } }

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
  const readSession = createSessionReader({ ...stores, revocationSeconds, ...binding })
  const access = config.oauth && accessTokens(db, sites)
  const programs = { service: serviceTokens(db), access }
  const readProgram = createProgramReader(programs, { limits, revocationSeconds })
  const keySealer = await createSealer(secrets, SIGNING_KEYS_PURPOSE)
  const keys = createKeyRing(db, keySealer)
  const spSealer = await createSealer(secrets, SP_KEYS_PURPOSE)
  const guarded = guardedNames(config)
  const reach = publicReach(guarded)
  const webhooks = {
    db,
    sealer: await createSealer(secrets, WEBHOOK_PURPOSE),
    fetch: fetchOutside(guarded),
    timeoutSeconds: TIMEOUT_SECONDS,
  }
  const metrics = env.value.metrics && createMetrics(env.value.metrics)
  const audit = withMetrics(createAuditTrail(db, createOutbox(webhooks)), metrics)
  const hosts = hostsOf(loginHost, sites, sitesElsewhere)
  const newId = () => crypto.randomUUID()
  const forms = { db, sealer: createDailySealer(secrets, FORM_PURPOSE), newId }

  const own = new Hono<OwnEnv>()
  own.use(async (c, next) => {
    const { visit } = c.env
    const limited = limitOf(visit.url.pathname)
    if (limited && (await limits(limited, c.req.raw, visit.now))) return tooMany(c.req.raw, visit)
    c.set('visit', visit)
    await next()
    const isChange = c.req.method !== 'GET' && c.res.status < 400
    if (isChange && mayEndPrograms(visit.url.pathname)) readProgram.forget()
    return undefined
  })
  own.route('/', createHealthApp(stores))
  own.route('/', createIdentityApp({ keys }))
  own.route(
    '/',
    createHomeApp({ db, readSession, loginHost, sites, hasOauth: config.oauth !== null }),
  )
  const login = {
    stores,
    sealer: createDailySealer(secrets, PENDING_PURPOSE),
    prepareCertificate: rememberCertificates(),
    spKeys: createSpKeys(db, spSealer),
    readSession,
    challenges: binding.challenges,
    audit,
    keepAttempt: createKeepAttempt(db, config.attempts),
    hosts,
    newId,
  }
  own.route('/', createLoginApp(login))
  own.route(
    '/',
    createLogoutApp({
      ...login,
      logoutSealer: createDailySealer(secrets, LOGOUT_PURPOSE),
      targets: config.signOutTargets,
      reach,
    }),
  )
  own.use(`${SCIM_PREFIX}/*`, (c, next) =>
    isLoginHost(c.var.visit.host, hosts) ? next() : Promise.resolve(c.notFound()),
  )
  const routesOf = ({ url }: Visit) => findSite(sites, url)?.routes ?? []
  own.route('/', createBindingApp({ ...binding, db, readSession, audit, routesOf }))
  own.route('/', createFormApp({ sealer: forms.sealer, readSession }))
  own.route('/', createScimApp<Visit>({ db, audit, newId, limits }))
  const signals = { db, newId, choose: createChoose({ db, reach }) }
  own.route('/', createSignalsApp({ ...signals, audit, hosts }))
  const oauth = createOauth({ ...login, db, reach, limits, config })
  if (oauth) own.route('/', oauth.app)
  const parts = { stores, config, secrets, assets, readSession, audit, hosts, newId, limits }
  const side = admin?.(parts) ?? null
  if (side) own.route('/', side.app)
  own.notFound((c) => notFound(c.req.raw, c.env.visit))
  // Errors go on to `lastResort` in `fetch`, the one place that handles them.
  own.onError((error) => {
    throw error
  })

  return {
    audit,
    gate: {
      readSession,
      readProgram,
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
    tidy: measuredCron(metrics, clock, (now) =>
      runCron(
        { db, secrets, keySealer, spSealer, signals, reach, webhooks, oauth, side, clock },
        now,
      ),
    ),
  }
}
