/** Asks the browser to bind its new session to the device (DBSC, `Secure-Session-Registration`). */
import { DEVICE_REGISTER_PATH } from '../lib/paths.ts'
import type { TokenHash } from '../session/token.ts'
import type { Visit } from '../site/visit.ts'
import type { Challenges } from './challenge.ts'

/** The header of the answer that gives the browser its session. Other browsers ignore it. */
export async function offerBinding(
  response: Response,
  { host, now }: Visit,
  session: TokenHash,
  challenges: Challenges,
): Promise<void> {
  if (host.deviceBinding === 'off') return
  const challenge = await challenges.offer(host.authority, session, now)
  response.headers.set(
    'Secure-Session-Registration',
    `(ES256);path="${DEVICE_REGISTER_PATH}";challenge="${challenge}"`,
  )
}
