/**
 * A cookie with the connection that a browser last signed in with. It is offered first next time.
 */
import type { Connection } from '../connection/connection.ts'
import { readCookies, setCookie } from '../lib/cookie.ts'

const CONNECTION_COOKIE = '__Host-gatehouse-connection'
const KEPT_SECONDS = 180 * 86_400

/** Only the id of an offered connection counts, so a forged cookie opens no other. */
export function readRemembered(
  headers: Headers,
  connections: readonly Connection[],
): Connection | null {
  const [id] = readCookies(headers, `${CONNECTION_COOKIE}=`)
  return connections.find((connection) => connection.id === id) ?? null
}

/** Everybody who signs in with this connection gets the same cookie, so it identifies nobody. */
export const rememberedCookie = (connection: string): string =>
  setCookie({
    name: CONNECTION_COOKIE,
    value: connection,
    sameSite: 'Lax',
    maxAgeSeconds: KEPT_SECONDS,
  })
