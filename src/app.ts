import { Hono } from 'hono/tiny'
import type { AdminPart } from './admin/part.ts'
import { createKeepAttempt } from './attempt/keep.ts'
import type { Audit } from './audit/event.ts'
import { noted } from './audit/fault.ts'
import { logAudit } from './audit/log.ts'
import { createAuditTrail, type AuditVisit } from './audit/trail.ts'
import { explainFaults, parseConfig, type Config, type GatehouseConfig } from './config.ts'
import { runCron } from './cron.ts'
import { parseEnv } from './env.ts'
import {
  lastResort,
  notAnAddress,
  notFound,
  notOurs,
  onlyHttps,
  tooMany,
  unavailable,
} from './http.ts'
import { FORM_PURPOSE } from './form/kept.ts'
import { createFormApp } from './form/routes.ts'
import { createHealthApp } from './health/routes.ts'
import { createHomeApp } from './home/routes.ts'
import { createIdentify } from './identity/identify.ts'
import { createKeyRing, SIGNING_KEYS_PURPOSE } from './identity/keys.ts'
import { createIdentityApp } from './identity/routes.ts'
import { discardBody } from './lib/body.ts'
import { wordsFor } from './lib/brand.ts'
import { answerInTime } from './lib/in-time.ts'
import { toInstant, type Instant } from './lib/instant.ts'
import { createLimits, limitOf } from './lib/limits.ts'
import { unmeasured } from './lib/meter.ts'
import { bearsToken, isOwnPath, mayEndPrograms, SCIM_PREFIX } from './lib/paths.ts'
import { createDailySealer, createSealer } from './lib/seal.ts'
import { whenceOf } from './lib/whence.ts'
import { PENDING_PURPOSE } from './login/pending.ts'
import { createLoginApp } from './login/routes.ts'
import { LOGOUT_PURPOSE } from './logout/kept.ts'
import { createLogoutApp } from './logout/routes.ts'
import { createMetrics, measuredCron, withMetrics } from './metrics/metrics.ts'
import { accessTokens } from './oauth/access-store.ts'
import { isMetadataAddress } from './oauth/metadata.ts'
import { createOauth } from './oauth/oauth.ts'
import { createProgramReader } from './program/reader.ts'
import { serviceTokens } from './program/service-store.ts'
import { createOriginFetch } from './proxy/forward.ts'
import { measuredGate, type MeasuredDeps } from './proxy/measured.ts'
import { createUnsent } from './proxy/unsent.ts'
import { createScimApp } from './scim/routes.ts'
import { createSessionReader } from './session/reader.ts'
import { isAddress } from './site/address.ts'
import { isLoginHost, type Host } from './site/host.ts'
import { guardedNames } from './site/guarded.ts'
import { hostsOf, loginHostAlone } from './site/hosts.ts'
import { refusePlainHttp } from './site/https.ts'
import { corsHeaders } from './site/cors.ts'
import { findSite } from './site/match.ts'
import type { Site } from './site/site.ts'
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

const noConsole =
  "  admins is for the console, which this Worker does not have. In its entry: import { admin } from '@gatehouse/worker/admin', then createGatehouse(config, { admin })"

/** The Worker's handlers. What they need is prepared once per isolate. */
export interface Gatehouse {
  fetch(request: Request, env: unknown, context: Waiting): Promise<Response>
  /**
   * For cron: removes what has expired, rotates the token's signing keys and our keys towards the
   * IdPs, reads the IdPs' metadata again, warns of certificates that end, fetches signals, and sends
   * what waits for webhooks.
   */
  scheduled(controller: unknown, env: unknown): Promise<void>
}
type Now = AuditVisit & Pick<Visit, 'breakOff' | 'words'>
type Waiting = Pick<ExecutionContext, 'waitUntil' | 'abort'>

/**
 * @throws if the config has faults; the message lists all of them. The Worker then does not start,
 * so it cannot be deployed.
 */
export function createGatehouse(input: GatehouseConfig, parts: Parts = {}): Gatehouse {
  const parsed = parseConfig(input)
  if (!parsed.ok) throw new Error(`gatehouse.config.ts:\n${explainFaults(parsed.error)}`)
  const config = parsed.value
  if (config.admins && !parts.admin) throw new Error(`gatehouse.config.ts:\n${noConsole}`)
  const alone = loginHostAlone(config, config.sites)
  let prepared: Prepared | null = null

  // The result is kept, not the promise: in Workers a request must not wait for another request's
  // I/O.
  async function prepareOnce(env: unknown): Promise<Prepared | null> {
    const ready = prepared ?? (await prepare(env, config, parts))
    prepared ??= ready
    return prepared
  }

  /** The host at a URL, and the site behind it. The login host may have none. */
  function findHost(url: URL): { readonly host: Host | null; readonly site: Site | null } {
    if (alone?.authority === url.host) return { host: alone, site: null }
    const site = findSite(config.sites, url)
    return { host: site, site }
  }

  /** A page that may call the site can then tell a failure of ours from a browser that is offline. */
  function letPagesRead({ headers }: Response, request: Request): void {
    const { host } = isAddress(request) ? findHost(new URL(request.url)) : { host: null }
    if (!host) return
    for (const [name, value] of Object.entries(corsHeaders(request, host))) headers.set(name, value)
    headers.append('Vary', 'Origin')
  }

  async function answer(request: Request, env: unknown, moment: Now): Promise<Response> {
    const ready = prepared ?? (await prepareOnce(env))
    if (!ready) return unavailable(request, moment)
    if (!isAddress(request)) return notAnAddress(request, moment)
    const url = new URL(request.url)
    const { host, site } = findHost(url)
    if (!host) return notOurs(request, moment)
    const insecure = refusePlainHttp(request, url, host)
    if (insecure) return bearsToken(url.pathname) ? onlyHttps(request, moment) : insecure
    const visit: Visit = { host, url, meter: unmeasured, ...moment }
    const isOwn = isOwnPath(url.pathname) || isMetadataAddress(visit, site, config)
    return isOwn || !site
      ? answerInTime(url, async () => ready.own.fetch(request, { visit }))
      : measuredGate(request, { ...visit, site }, ready.gate)
  }

  return {
    async fetch(request, env, context) {
      const requestId = crypto.randomUUID()
      const now = clock()
      const { promise: answered, resolve: setAnswered } = Promise.withResolvers<void>()
      const moment: Now = {
        requestId,
        words: () => wordsFor(request, config.brand),
        now,
        whence: () => whenceOf(request),
        waitUntil: (work) => context.waitUntil(noted(work, requestId, now)),
        breakOff: () => context.abort('broken off by Gatehouse'),
        answered,
      }
      try {
        const shown = await answer(request, env, moment)
        await discardBody(request)
        return shown
      } catch (error) {
        const audit = prepared?.audit(moment) ?? logAudit(requestId, now)
        const shown = await lastResort(error, request, moment, audit)
        letPagesRead(shown, request)
        await discardBody(request)
        return shown
      } finally {
        setAnswered()
      }
    },

    async scheduled(_controller, env) {
      const ready = await prepareOnce(env)
      await ready?.tidy(clock())
    },
  }
}

interface Prepared {
  readonly audit: (moment: AuditVisit) => Audit
  readonly gate: MeasuredDeps
  readonly own: Hono<OwnEnv>
  readonly tidy: (now: Instant) => Promise<void>
}
type OwnEnv = { Bindings: { visit: Visit }; Variables: { visit: Visit } }

/** Null if the environment has faults. They are logged, and every request is refused. */
async function prepare(input: unknown, config: Config, { admin }: Parts): Promise<Prepared | null> {
  const env = parseEnv(input, config)
  if (!env.ok) {
    console.error(`Gatehouse cannot start:\n${explainFaults(env.error)}`)
    return null
  }
  const { kv, db, secrets, services, originSecrets, assets } = env.value
  const limits = createLimits(env.value.limits)
  const stores = { kv, db }
  const { loginHost, revocationSeconds, sites, sitesElsewhere } = config
  const readSession = createSessionReader({ kv, db, revocationSeconds })
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
    spKeys: createSpKeys(db, spSealer),
    readSession,
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
      readSessionAgain: readSession.again,
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

const clock = (): Instant => toInstant(Date.now())
