/** Sessions that are bound to a device, at the gate. */
import { html } from 'hono/html'
import { loginForm } from '../lib/login-form.ts'
import type { Session, SessionReading } from '../session/session.ts'
import type { SiteVisit } from '../site/visit.ts'
import { refuse } from './answers.ts'
import { returnPath } from './ask-to-log-in.ts'
import { isUpgrade } from './request-kind.ts'

/**
 * The session that came from elsewhere than its device; null: none did. A browser waits for the next
 * cookie with each request but a WebSocket, and says so if it goes on without
 * (`Secure-Session-Skipped`): such a request is refused, and proves no theft.
 */
export const stolenOf = (request: Request, reading: SessionReading): Session | null =>
  reading.kind === 'ended' &&
  reading.reason === 'no-device' &&
  !isUpgrade(request) &&
  !request.headers.has('Secure-Session-Skipped')
    ? reading.session
    : null

export async function deviceNeeded(request: Request, visit: SiteVisit): Promise<Response> {
  await visit.learn()
  const { texts } = visit.words()
  return refuse(request, visit, {
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
