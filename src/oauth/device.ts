/** The device flow (RFC 8628): a device shows a code, and a person enters it here. */
import { hashText } from '../lib/bytes.ts'
import { plusSeconds } from '../lib/instant.ts'
import { createCounter } from '../lib/limits.ts'
import { DEVICE_PATH } from '../lib/paths.ts'
import { isNavigation } from '../lib/same-origin.ts'
import { zoneOf } from '../lib/words/dates.ts'
import { liveAt } from '../session/session.ts'
import { siteAt } from '../site/match.ts'
import type { Visit } from '../site/visit.ts'
import { answerJson, refuseJson } from './answer.ts'
import { judgeScope } from './ask.ts'
import { signIn } from './authorize.ts'
import { findListed } from './client-store.ts'
import type { OauthDeps } from './deps.ts'
import { devicePage, deviceDonePage, deviceEntryPage } from './device-pages.ts'
import { findDevice, POLL_SECONDS, refuseDevice, saveDevice } from './device-store.ts'
import { makeGrant } from './grants.ts'
import { judgeEntry } from './judge.ts'
import { closedPage, faultPage } from './pages.ts'
import type { Call } from './call.ts'
import { findResource, noSite } from './resource.ts'
import { newDeviceCode, newUserCode, parseUserCode } from './token.ts'

const DEVICE_SECONDS = 600
/** Codes that one person may enter within a minute. There are 25 billion codes, and 1000 wait at most. */
const GUESSES_ALLOWED = 10

/** RFC 8628 §3.1 and §3.2 */
export async function askForDevice(
  { caller, given }: Call,
  { host, now, whence }: Visit,
  { db, sites }: OauthDeps,
): Promise<Response> {
  if (!caller.device) {
    return refuseJson({
      error: 'unauthorized_client',
      why: 'The operator has not allowed this client to use the device flow.',
    })
  }
  const fault = judgeScope(given.get('scope') ?? null)
  if (fault) return refuseJson(fault)
  const site = findResource(sites, given.get('resource') ?? null)
  if (!site) return refuseJson(noSite)
  const code = newDeviceCode()
  const userCode = newUserCode()
  const isSaved = await saveDevice(db, {
    codeHash: await hashText(code),
    userCodeHash: await hashText(userCode),
    client: caller.id,
    site: site.authority,
    ...whence(),
    now,
    expiresAt: plusSeconds(now, DEVICE_SECONDS),
  })
  if (!isSaved) {
    return refuseJson({
      status: 429,
      error: 'temporarily_unavailable',
      why: 'Too many devices wait for a person. Try again later.',
      headers: { 'Retry-After': '60' },
    })
  }
  // No verification_uri_complete: a link with the code in it is what phishing needs.
  return answerJson(200, {
    device_code: code,
    user_code: userCode,
    verification_uri: host.url + DEVICE_PATH,
    expires_in: DEVICE_SECONDS,
    interval: POLL_SECONDS,
  })
}

export interface Entered {
  readonly userCode: string
  /** null: the person has not chosen yet. */
  readonly choice: 'allow' | 'refuse' | null
  /** The id of the user that the page named; empty: it named none yet. */
  readonly userId: string
}

/** One per isolate, because it counts codes. */
export function createEnterCode() {
  const count = createCounter()

  /** @param entered null: the page is opened. */
  return async (
    request: Request,
    visit: Visit,
    entered: Entered | null,
    deps: OauthDeps,
  ): Promise<Response> => {
    const { db, sites } = deps
    const { now } = visit
    if (!isNavigation(request)) return faultPage(visit, 'frame')
    const live = liveAt(await deps.readSession(request, visit), null)
    if (!live) return signIn({ to: DEVICE_PATH })
    if (!entered) return deviceEntryPage(visit, null)
    const { userId } = live.session
    if (count(userId, now) > GUESSES_ALLOWED) return deviceEntryPage(visit, 'deviceTooMany')
    const userCode = parseUserCode(entered.userCode)
    const userCodeHash = await hashText(userCode ?? '')
    const device = userCode === null ? null : await findDevice(db, userCodeHash, now)
    const client = device && (await findListed(db, device.client))
    const site = device && siteAt(sites, device.site)
    if (userCode === null || !device || !client?.device || !site?.oauth) {
      return deviceEntryPage(visit, 'deviceUnknown')
    }
    const stop = judgeEntry(site, live, request, now)
    if (stop?.kind === 'closed') return closedPage(visit, { site, back: null })
    if (stop) {
      const { connection } = live.session
      return stop.kind === 'anew'
        ? signIn({ to: DEVICE_PATH, connection, contexts: stop.contexts })
        : signIn({ to: DEVICE_PATH, isFresh: true })
    }
    if (entered.choice === null || entered.userId !== userId) {
      return devicePage(
        visit,
        { userCode, device, client, site, live, zone: zoneOf(request) },
        deps,
      )
    }
    if (entered.choice === 'refuse') {
      await refuseDevice(db, userCodeHash, now)
      return deviceDonePage(visit, 'deviceRefused')
    }
    const made = {
      client,
      site,
      live,
      codeHash: device.codeHash,
      codeSeconds: DEVICE_SECONDS,
      bound: null,
      by: 'device',
    } as const
    if (!(await makeGrant(visit, made, deps))) return deviceEntryPage(visit, 'deviceUnknown')
    return deviceDonePage(visit, 'deviceDone')
  }
}
