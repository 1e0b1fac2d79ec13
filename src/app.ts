import { noted } from './audit/fault.ts'
import { logAudit } from './audit/log.ts'
import type { AuditVisit } from './audit/trail.ts'
import type { GatehouseConfig } from './config.ts'
import { answerWith, lastResort } from './http.ts'
import { discardBody } from './lib/body.ts'
import { answerInTime } from './lib/in-time.ts'
import { toInstant, type Instant } from './lib/instant.ts'
import { unmeasured } from './lib/meter.ts'
import { bearsToken, isOwnPath } from './lib/paths.ts'
import { speakingTo, type Speaking } from './lib/speaking.ts'
import { whenceOf } from './lib/whence.ts'
import { measuredGate } from './proxy/measured.ts'
import { addressOf } from './site/address.ts'
import type { Host } from './site/host.ts'
import { loginHostAlone } from './site/hosts.ts'
import { isMetadataAddress } from './site/resource-metadata.ts'
import { refusePlainHttp } from './site/https.ts'
import { corsHeaders } from './site/cors.ts'
import { findSite } from './site/match.ts'
import type { Site } from './site/site.ts'
import type { Visit } from './site/visit.ts'
import { prepare, type Parts, type Prepared } from './prepare.ts'
import { readConfig } from './read-config.ts'

export type { Parts }

const noConsole =
  "  admins is for the console, which this Worker does not have. In its entry: import { admin } from '@gatehouse/worker/admin', then createGatehouse(config, { admin })"

/** The Worker's handlers. Their dependencies are prepared once per isolate. */
export interface Gatehouse {
  fetch(request: Request, env: unknown, context: Waiting): Promise<Response>
  /**
   * For cron: removes what has expired, rotates the token's signing keys and our keys towards the
   * IdPs, reads the IdPs' metadata again, warns of certificates that end, fetches signals, and sends
   * what waits for webhooks.
   */
  scheduled(controller: unknown, env: unknown): Promise<void>
}
type Now = AuditVisit & Speaking & Pick<Visit, 'breakOff'>
type Waiting = Pick<ExecutionContext, 'waitUntil' | 'abort'>

/**
 * @throws if the config has faults, with all of them in the message; or if it is not the config that
 * the deploy has checked. The Worker then does not start, so it cannot be deployed.
 */
export function createGatehouse(input: GatehouseConfig, parts: Parts = {}): Gatehouse {
  const config = readConfig(input)
  if (config.admins && !parts.admin) throw new Error(`gatehouse.config.ts:\n${noConsole}`)
  const alone = loginHostAlone(config, config.sites)
  let prepared: Prepared | null = null

  // The result is kept, not the promise: in Workers a request must not wait for another request's
  // I/O.
  async function prepareOnce(env: unknown): Promise<Prepared | null> {
    const ready = prepared ?? (await prepare(env, config, parts, clock))
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
    const url = addressOf(request)
    const host = url && findHost(url).host
    if (!host) return
    for (const [name, value] of Object.entries(corsHeaders(request, host))) headers.set(name, value)
    headers.append('Vary', 'Origin')
  }

  async function answer(request: Request, env: unknown, moment: Now): Promise<Response> {
    const ready = prepared ?? (await prepareOnce(env))
    if (!ready) return answerWith('temporarily-unavailable', request, moment)
    const url = addressOf(request)
    if (!url) return answerWith('bad-address', request, moment)
    const { host, site } = findHost(url)
    if (!host) return answerWith('unknown-host', request, moment)
    const insecure = refusePlainHttp(request, url, host)
    if (insecure) {
      return bearsToken(url.pathname) ? answerWith('not-https', request, moment) : insecure
    }
    const visit: Visit = { host, url, meter: unmeasured, ...moment }
    const isOwn = isOwnPath(url.pathname) || isMetadataAddress(visit, site, config)
    if (site && !isOwn) return measuredGate(request, { ...visit, site }, ready.gate)
    // The runtime drops a request whose client is gone. A change would then be without its event.
    visit.waitUntil(visit.answered)
    return answerInTime(url, async () => ready.own.answer(request, visit))
  }

  return {
    async fetch(request, env, context) {
      const requestId = crypto.randomUUID()
      const now = clock()
      const { promise: answered, resolve: setAnswered } = Promise.withResolvers<void>()
      const moment: Now = {
        requestId,
        ...speakingTo(request, config.brand),
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

const clock = (): Instant => toInstant(Date.now())
