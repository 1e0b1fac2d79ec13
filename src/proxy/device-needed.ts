import { html } from 'hono/html'
import { loginForm } from '../lib/login-form.ts'
import type { SiteVisit } from '../site/visit.ts'
import { showRefusal } from './answers.ts'
import { returnPath } from './login-path.ts'

/** The host needs a session that is bound to its device. */
export async function deviceNeeded(request: Request, visit: SiteVisit): Promise<Response> {
  await visit.learn()
  const { texts } = visit.words()
  return showRefusal(request, visit, {
    status: 403,
    error: 'device-needed',
    text: 'device-needed',
    body: html`<p>${texts.refusals['device-needed'][1]}</p>
      <div class="actions">
        ${loginForm({
          label: texts.signInAgain,
          connection: null,
          to: returnPath(request, visit),
          isFresh: true,
          isPrimary: true,
        })}
      </div>`,
    formAction: "'self'",
  })
}
