/** A user who is signed in at both isolates with open streams, and every way to end that access. */
import type { Duplex } from 'node:stream'
import type { Connection } from '../../src/connection/connection.ts'
import { saveConnection } from './connection.ts'
import { insertToken } from '../../src/directory/token-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { hashScimToken, toScimToken } from '../../src/scim/token.ts'
import { endSignInsOf } from '../../src/session/ending-store.ts'
import { revokeSession } from '../../src/session/revoke-store.ts'
import { listSessions } from '../../src/session/standing-store.ts'
import { connectionOf } from '../signing/connection.ts'
import { keepSecret } from './evidence.ts'
import { signIn } from './sign-in.ts'
import { answerTo, ask, open, type Stage } from './stage.ts'
import { CLOSE, framesOf, upgradeHeaders } from './websocket.ts'

export const PAGE = '/engineering/plan'
const now = () => toInstant(Date.now())

export interface Directory {
  readonly authorization: string
  /** Sends a SCIM request as the identity provider does, to either isolate. @returns the body. */
  readonly send: (method: string, path: string, body?: unknown) => Promise<unknown>
  readonly setConnection: (fields: Partial<Connection>) => Promise<void>
}

/** From now on the stage's connection accepts only provisioned users. */
export async function openDirectory(stage: Stage): Promise<Directory> {
  const setConnection = (fields: Partial<Connection>) =>
    saveConnection(stage.db, connectionOf(stage.idp, { provisioning: 'scim', ...fields }), now())
  await setConnection({})
  const token = toScimToken(crypto.getRandomValues(new Uint8Array(32)))
  keepSecret(token)
  const row = { id: 't', connection: 'okta', label: 'flows', createdAt: now(), expiresAt: null }
  await insertToken(stage.db, row, await hashScimToken(token)).run()
  const headers = {
    Authorization: `Bearer ${token}`,
    'Content-Type': 'application/scim+json',
  }
  return {
    authorization: headers.Authorization,
    setConnection,
    send: async (method, path, body) => {
      const asking = { port: stage.ports[1], method, headers }
      const sent = body === undefined ? undefined : JSON.stringify(body)
      const answer = await ask(`/.gatehouse/scim/okta/v2${path}`, asking, sent)
      if (answer.status >= 300)
        throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
      return answer.text === '' ? null : JSON.parse(answer.text)
    },
  }
}

const patch = (...Operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
})
const idOf = (made: unknown): string => String(Object(made)['id'])

export interface Inside {
  readonly user: string
  readonly group: string
  readonly cookie: string
  /** The status of the page at each isolate. */
  readonly statuses: () => Promise<readonly number[]>
  /** Resolves with the close code when the WebSocket is closed. */
  readonly socket: Promise<number | null>
  /** Resolves when the event stream ends. */
  readonly events: Promise<void>
}

/** Provisions the user, adds it to the group, signs it in, and visits both isolates. */
export async function enter(stage: Stage, directory: Directory): Promise<Inside> {
  const user = idOf(await directory.send('POST', '/Users', { userName: 'zoe@example.test' }))
  const members = [{ value: user }]
  const group = idOf(
    await directory.send('POST', '/Groups', { displayName: 'engineering', members }),
  )
  const { cookie } = await signIn(stage, PAGE)
  const statuses = () =>
    Promise.all(
      stage.ports.map(
        async (port) => (await ask(PAGE, { port, headers: { Cookie: cookie } })).status,
      ),
    )
  const before = await statuses()
  if (before.some((status) => status !== 200)) throw new Error(`not in: ${before.join()}`)
  const socket = await openSocket(stage.ports[0], cookie)
  const events = await openEvents(stage, cookie)
  return {
    user,
    group,
    cookie,
    statuses,
    socket: socket.closed,
    events: events.ended,
  }
}

/** Removes the user and the group, so that the next test can use the same names. */
export async function leave(directory: Directory, { user, group }: Inside): Promise<void> {
  await directory.setConnection({})
  await directory.send('DELETE', `/Groups/${group}`)
  await directory.send('DELETE', `/Users/${user}`).catch(() => null)
}

export interface Cause {
  readonly name: string
  readonly act: (stage: Stage, directory: Directory, inside: Inside) => Promise<unknown>
  /** Undoes the cause; null: it cannot be undone. */
  readonly undo: ((directory: Directory, inside: Inside) => Promise<unknown>) | null
  /** The HTTP status of the page after the cause. */
  readonly status: 401 | 403
  /** Whether the old cookie works again after `undo`. */
  readonly isSessionKept: boolean
}

export const causes: readonly Cause[] = [
  {
    name: 'SCIM: active is false',
    act: (_, directory, { user }) =>
      directory.send('PATCH', `/Users/${user}`, patch({ op: 'replace', value: { active: false } })),
    undo: (directory, { user }) =>
      directory.send('PATCH', `/Users/${user}`, patch({ op: 'replace', value: { active: true } })),
    status: 401,
    isSessionKept: false,
  },
  {
    name: 'SCIM: DELETE of the person',
    act: (_, directory, { user }) => directory.send('DELETE', `/Users/${user}`),
    undo: null,
    status: 401,
    isSessionKept: false,
  },
  {
    name: 'SCIM: removal from the group',
    act: (_, directory, { user, group }) =>
      directory.send(
        'PATCH',
        `/Groups/${group}`,
        patch({ op: 'remove', path: `members[value eq "${user}"]` }),
      ),
    undo: (directory, { user, group }) =>
      directory.send(
        'PATCH',
        `/Groups/${group}`,
        patch({ op: 'add', path: 'members', value: [{ value: user }] }),
      ),
    status: 403,
    isSessionKept: true,
  },
  {
    name: 'a disabled connection',
    act: (_, directory) => directory.setConnection({ enabled: false }),
    undo: (directory) => directory.setConnection({}),
    status: 401,
    isSessionKept: true,
  },
  {
    name: 'a revoked session',
    act: async ({ db }, _, { user }) => {
      for (const { id } of await listSessions(db, user, now())) await revokeSession(db, id, now())
    },
    undo: null,
    status: 401,
    isSessionKept: false,
  },
  {
    name: 'the end of all sign-ins of everybody',
    act: ({ db }) => endSignInsOf(db, { of: { kind: 'everybody' }, why: 'revoked', now: now() }),
    undo: null,
    status: 401,
    isSessionKept: false,
  },
]

async function openSocket(
  port: number,
  cookie: string,
): Promise<{ readonly closed: Promise<number | null> }> {
  const headers = { ...upgradeHeaders(), Cookie: cookie }
  const request = open('/engineering/socket', { port, headers })
  request.end()
  const { socket, head } = await new Promise<{ socket: Duplex; head: Buffer }>(
    (resolve, reject) => {
      request.on('upgrade', (_, upgraded, rest) => resolve({ socket: upgraded, head: rest }))
      request.on('response', ({ statusCode }) => reject(new Error(`no upgrade: ${statusCode}`)))
      request.on('error', reject)
    },
  )
  const closed = async (): Promise<number | null> => {
    for await (const { opcode, payload } of framesOf(socket, head)) {
      if (opcode !== CLOSE) continue
      socket.destroy()
      return payload.readUInt16BE(0)
    }
    return null
  }
  return { closed: closed() }
}

async function openEvents(
  stage: Stage,
  cookie: string,
): Promise<{ readonly ended: Promise<void> }> {
  stage.origin.at('/engineering/events', (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('data: hello\n\n')
  })
  const headers = { Accept: 'text/event-stream', Cookie: cookie }
  const request = open('/engineering/events', { port: stage.ports[1], headers })
  request.end()
  const events = (await answerTo(request))[Symbol.asyncIterator]()
  await events.next()
  const ended = async (): Promise<void> => {
    while (!(await events.next()).done);
  }
  return { ended: ended() }
}
