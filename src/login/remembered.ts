/** The connection by which a browser last signed in, offered first when a person has to choose. */
import type { Connection } from '../connection/connection.ts'
import { readCookies, setCookie } from '../lib/cookie.ts'

const CONNECTION_COOKIE = '__Host-gatehouse-connection'
const KEPT_SECONDS = 180 * 86_400

/** Only an id of those that are offered counts, so the cookie can open nothing. */
export function readRemembered(
  headers: Headers,
  connections: readonly Connection[],
): Connection | null {
  const [id] = readCookies(headers, `${CONNECTION_COOKIE}=`)
  return connections.find((connection) => connection.id === id) ?? null
}

/** The same for everybody who signs in by this connection, so it tells no person from another. */
export const rememberedCookie = (connection: string): string =>
  setCookie({
    name: CONNECTION_COOKIE,
    value: connection,
    sameSite: 'Lax',
    maxAgeSeconds: KEPT_SECONDS,
  })
