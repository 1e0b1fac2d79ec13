/** An identity provider's answer to a login that was started here. */
import { BACK_PATH } from '../lib/paths.ts'
import type { Visit } from '../site/visit.ts'
import { arrive, arriveWith, type ArriveDeps } from './arrive.ts'
import { finishLogin, type FinishDeps, type IdpAnswer } from './finish.ts'
import { refuseLogin } from './refuse.ts'
import { seeOther } from './see-other.ts'
import { askToSwitch, showSwitch } from './switch.ts'

export type AnswerDeps = ArriveDeps & FinishDeps

export async function answerLogin(
  visit: Visit,
  answer: IdpAnswer,
  deps: AnswerDeps,
): Promise<Response> {
  const { form, connection, logins } = answer
  const asked = logins.find(({ handle }) => handle === form.relayState)
  // The cookie of this tab's login is gone, but another tab may have signed the browser in since.
  // The session cookie does not come with the IdP's POST (SameSite=Lax), only with the redirect
  // that follows, so the page at BACK_PATH looks for a session.
  if (!asked) return seeOther(`${BACK_PATH}?lost=${encodeURIComponent(connection.id)}`)
  if (asked.outcome?.kind === 'done') return arrive(visit, asked.returnTo)
  if (asked.outcome) return showSwitch(visit, asked, logins, deps)
  const login = await finishLogin(visit, answer, deps)
  if (!login.ok) {
    const { returnTo } = asked
    return refuseLogin(visit, { connection, refusal: login.error, returnTo }, deps)
  }

  const { session, token, other, areGroupsOmitted, seen } = login.value
  const audit = deps.audit(visit)
  const whose = { site: visit.host.authority, connection: connection.id, user: session.userId }
  audit({ kind: 'login', ...whose, session: session.id })
  if (areGroupsOmitted) audit({ kind: 'groups-omitted', ...whose })
  const name = session.email ?? session.userName
  deps.keepAttempt(visit, {
    id: visit.requestId,
    kind: 'sign-in',
    host: visit.host.authority,
    connection: connection.id,
    reason: null,
    user: session.userId,
    person: name,
    facts: { session: session.id, areGroupsOmitted },
    seen,
  })
  const { expiresAt } = session
  if (other === null) {
    return arriveWith(
      visit,
      { login: asked, token, expiresAt, ended: asked.replaces },
      logins,
      deps,
    )
  }
  return askToSwitch(visit, { login: asked, offer: { token, expiresAt, name }, logins }, deps)
}
