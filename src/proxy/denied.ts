import { html } from 'hono/html'
import { loginForm } from '../lib/login-form.ts'
import { BACK_PATH, LOGOUT_PATH } from '../lib/paths.ts'
import { describeMissing } from '../policy/describe.ts'
import type { Explained } from '../policy/explain.ts'
import type { LiveSession } from '../session/session.ts'
import type { SiteVisit } from '../site/visit.ts'
import { refuse } from './answers.ts'
import { rememberHere, returnPath } from './ask-to-log-in.ts'

/**
 * The visitor is signed in but has no access. The page names the account, says what is missing if
 * the site wants that said, and what to do next.
 */
export function denied(
  request: Request,
  visit: SiteVisit,
  { live, why }: { readonly live: LiveSession; readonly why: Explained },
): Promise<Response> {
  const { words, rule } = visit.site.denied
  const name = live.session.email ?? live.session.userName
  const missing = rule === 'shown' ? describeMissing(why) : null
  const to = returnPath(request, visit)
  const says = [
    `You are signed in as ${name}. This account has no access to this address.`,
    ...(missing === null ? [] : [`It needs ${missing}.`]),
    ...(words === null ? [] : [words]),
  ]
  return refuse(request, visit, {
    status: 403,
    error: 'access-denied',
    title: "You don't have access to this page",
    message: says.join(' '),
    body: html`<p>You are signed in as <strong>${name}</strong></p>
      ${missing === null ? '' : html`<p>This page needs ${missing}.</p>`}
      <p>
        ${words ?? 'If you need access, ask your administrator, and give them the request number below.'}
      </p>
      <div class="actions">
        ${loginForm({
          label: 'Use another account',
          connection: null,
          to,
          isFresh: true,
          isPrimary: true,
        })}
        <form method="post" action="${LOGOUT_PATH}">
          <input type="hidden" name="to" value="${to}" />
          <button class="second">Sign out</button>
        </form>
      </div>`,
    formAction: "'self'",
    ...(to === BACK_PATH ? { script: rememberHere } : {}),
  })
}
