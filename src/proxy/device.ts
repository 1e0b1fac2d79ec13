/** Sessions that are bound to a device, at the gate. */
import type { Session, SessionReading } from '../session/session.ts'
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
