import { html } from 'hono/html'
import { ownText } from '../lib/brand.ts'
import { loginForm } from '../lib/login-form.ts'
import { BACK_PATH, LOGOUT_PATH } from '../lib/paths.ts'
import { rememberHere } from '../lib/tab-memory.ts'
import { english, say, sayHtml } from '../lib/words/speech.ts'
import { describeMissing } from '../policy/describe.ts'
import type { Explained } from '../policy/explain.ts'
import type { LiveSession } from '../session/session.ts'
import type { SiteVisit } from '../site/visit.ts'
import { showRefusal } from './answers.ts'
import { returnPath } from './login-path.ts'

/**
 * The visitor is signed in but has no access. The page names the account, says what is missing if
 * the site wants that said, and what to do next.
 */
export async function denied(
  request: Request,
  visit: SiteVisit,
  { live, why }: { readonly live: LiveSession; readonly why: Explained },
): Promise<Response> {
  const { site } = visit
  await visit.learn()
  const words = visit.words()
  const { texts } = words
  const { rule } = site.denied
  const own = site.denied.words ?? words.brand.words.denied
  const ownInEnglish = ownText(own, english)
  const name = live.session.email ?? live.session.userName
  const isShown = rule === 'shown'
  const to = returnPath(request, visit)
  const says = [
    `You are signed in as ${name}. This account has no access to this address.`,
    ...(isShown ? [`It needs ${describeMissing(why)}.`] : []),
    ...(ownInEnglish === null ? [] : [ownInEnglish]),
  ]
  return showRefusal(request, visit, {
    status: 403,
    error: 'access-denied',
    text: 'access-denied',
    message: says.join(' '),
    body: html`<p>${sayHtml(words, 'youAre', { person: html`<strong>${name}</strong>` })}</p>
      ${isShown ? html`<p>${say(words, 'needs', { missing: describeMissing(why, words) })}</p>` : ''}
      <p>${ownText(own, words) ?? texts.refusals['access-denied'][1]}</p>
      <div class="actions">
        ${loginForm({
          label: texts.otherAccount,
          connection: null,
          to,
          isFresh: true,
          isPrimary: true,
        })}
        <form method="post" action="${LOGOUT_PATH}">
          <input type="hidden" name="to" value="${to}" />
          <button class="second">${texts.signOut}</button>
        </form>
      </div>`,
    formAction: "'self'",
    ...(to === BACK_PATH ? { script: rememberHere } : {}),
  })
}
