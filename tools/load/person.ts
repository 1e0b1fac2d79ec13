/** What a person and a directory do. Every answer that is not the right one is an error. */
import type { Duplex } from 'node:stream'
import { signedResponse, type TestIdp } from '../signing/saml-signer.ts'
import { requestIdIn } from '../stage/sign-in.ts'
import { ask, open, type Asking } from '../stage/stage.ts'
import { CLOSE, frame, framesOf, TEXT, upgradeHeaders } from '../stage/websocket.ts'

const SITE = 'http://app.localhost'
const ACS = `${SITE}/.gatehouse/saml/okta/acs`
const navigation = {
  Accept: 'text/html',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
}

export interface Person {
  readonly userName: string
  /** The id in the directory. */
  readonly id: string
  /** The address, as Cloudflare tells it. */
  readonly address: string
}

/** Gives the isolate for the next request. */
export type NextPort = () => number

/** Signs in, each request at the next isolate. @returns the Cookie header. */
export async function signIn(
  { userName, address }: Person,
  idp: TestIdp,
  nextPort: NextPort,
): Promise<string> {
  const jar = new Map<string, string>()
  const go = async (to: string, expected: number, asking: Partial<Asking> = {}, body?: string) => {
    const { pathname, search } = new URL(to, SITE)
    const Cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...navigation, Cookie, 'CF-Connecting-IP': address, ...asking.headers }
    const answer = await ask(pathname + search, { ...asking, port: nextPort(), headers }, body)
    if (answer.status !== expected) throw new Error(`${pathname} answers ${answer.status}`)
    for (const header of answer.headers['set-cookie'] ?? []) {
      const [pair = ''] = header.split(';')
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    return answer
  }
  const toLogin = (await go('/engineering/plan', 302)).headers.location ?? ''
  const page = await go(toLogin, 200)
  const onward = /id="onward" href="([^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const toIdp = (await go(onward, 302)).headers.location ?? ''
  const SAMLResponse = await signedResponse(idp, {
    spEntityId: ACS.replace('acs', 'metadata'),
    acsUrl: ACS,
    inResponseTo: await requestIdIn(toIdp),
    now: new Date(),
    responseId: `_${crypto.randomUUID()}`,
    assertionId: `_${crypto.randomUUID()}`,
    nameId: userName,
  })
  const RelayState = new URL(toIdp).searchParams.get('RelayState') ?? ''
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const form = new URLSearchParams({ SAMLResponse, RelayState }).toString()
  const landed = await go(ACS, 303, { method: 'POST', headers }, form)
  const { location } = landed.headers
  if (location !== `${SITE}/engineering/plan`) throw new Error(`landed at ${location}`)
  const session = jar.get('__Host-gatehouse')
  if (!session) throw new Error('no session')
  return `__Host-gatehouse=${session}`
}

/** @returns the status, after the page has named the right person if it is 200. */
export async function readPage(
  { userName, address }: Person,
  cookie: string,
  port: number,
): Promise<number> {
  const headers = { Cookie: cookie, 'CF-Connecting-IP': address }
  const { status, text } = await ask('/engineering/plan', { port, headers })
  if (status !== 200) return status
  const told: { readonly headers: Readonly<Record<string, string>> } = JSON.parse(text)
  const payload = told.headers['x-gatehouse-jwt-assertion']?.split('.')[1] ?? ''
  const claims = String(Buffer.from(payload, 'base64url'))
  if (!claims.includes(`"preferred_username":"${userName}"`)) throw new Error('another person')
  return status
}

export interface Talk {
  /** Sends a message, and waits until it comes back. */
  readonly say: (text: string) => Promise<void>
  /** Resolves with the close code; null: cut off. */
  readonly closed: Promise<number | null>
  readonly end: () => void
}

export async function openTalk(person: Person, cookie: string, port: number): Promise<Talk> {
  const headers = { ...upgradeHeaders(), Cookie: cookie, 'CF-Connecting-IP': person.address }
  const request = open('/engineering/socket', { port, headers })
  request.end()
  const { socket, head } = await new Promise<{ socket: Duplex; head: Buffer }>(
    (resolve, reject) => {
      request.on('upgrade', (_, upgraded, rest) => resolve({ socket: upgraded, head: rest }))
      request.on('response', ({ statusCode }) => reject(new Error(`no upgrade: ${statusCode}`)))
      request.on('error', reject)
    },
  )
  socket.on('error', () => undefined)
  const waiting = new Map<string, () => void>()
  const listen = async (): Promise<number | null> => {
    for await (const { opcode, payload } of framesOf(socket, head)) {
      if (opcode === CLOSE) {
        socket.destroy()
        return payload.readUInt16BE(0)
      }
      waiting.get(String(payload))?.()
      waiting.delete(String(payload))
    }
    return null
  }
  const closed = listen().catch(() => null)
  return {
    closed,
    async say(text) {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.set(text, resolve)
      socket.write(frame(TEXT, Buffer.from(text), true))
      const code = await Promise.race([promise, closed])
      if (code !== undefined) throw new Error(`closed with ${code}`)
    },
    end: () => void socket.destroy(),
  }
}

/** The origin's end: sends back each message. */
export async function echo(socket: Duplex): Promise<void> {
  for await (const { opcode, payload } of framesOf(socket, Buffer.alloc(0))) {
    if (opcode === CLOSE) break
    socket.write(frame(TEXT, payload, false))
  }
  socket.destroy()
}

export type Scim = (
  method: string,
  path: string,
  port: number,
  body?: object,
) => Promise<Readonly<Record<string, unknown>>>

export const createScim =
  (authorization: string): Scim =>
  async (method, path, port, body) => {
    const headers = {
      Authorization: authorization,
      'Content-Type': 'application/scim+json',
      'CF-Connecting-IP': '203.0.113.7',
    }
    const sent = body === undefined ? undefined : JSON.stringify(body)
    const answer = await ask(`/.gatehouse/scim/okta/v2${path}`, { port, method, headers }, sent)
    const expected = method === 'POST' ? 201 : path.startsWith('/Groups') && body ? 204 : 200
    if (answer.status !== expected) {
      throw new Error(`${method} ${path.split(/[/?]/)[1]} answers ${answer.status}`)
    }
    return answer.text === '' ? {} : JSON.parse(answer.text)
  }

export const patch = (...Operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
})
