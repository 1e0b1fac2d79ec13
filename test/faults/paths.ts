/** Every kind of request, what it needs of the stores, and its answer while they work. */
import { vi } from 'vitest'
import { A, B, LOGIN, Person } from '../login/person.ts'
import { CONSOLE } from '../console/stage.ts'
import { redirectOf, request as logoutRequest } from '../logout/stage.ts'
import { readRequest } from '../login/stage.ts'
import { RISC, setOf } from '../signals/signer.ts'
import type { Lost } from './faults.ts'
import { browserAt, known, signedIn, type Isolate, type World } from './world.ts'

type Ask = () => Promise<Response>

export interface Path {
  /** The requests before, while the stores work; then the one that meets the fault. */
  readonly arrange: (isolate: Isolate, world: World) => Promise<Ask>
  readonly needs: readonly Lost[]
  readonly answers: number
  /** What the request brings is used up by it. */
  readonly isOnce?: true
  /** It sends a form, which a link cannot repeat. */
  readonly isForm?: true
  /** What a monitor asks has an answer of its own, and no line in the log. */
  readonly isMonitored?: true
  /** Who waits. */
  readonly waits: 'visitor' | 'program'
}

const reads: readonly Lost[] = ['KV reads', 'D1 reads']

type Sending = Pick<Isolate, 'send'>

let count = 0
const newName = (): string => `person-${++count}@example.test`

/** A page, by a person whom another isolate has signed in. */
async function pageBy(isolate: Isolate, world: World, url: string): Promise<Ask> {
  const browser = browserAt(isolate, (await known(world, `${A}/`)).at(url))
  return () => browser.go(url)
}

/** At the identity provider, with the form that its page posts. */
async function toAnswer(isolate: Isolate, { stage }: World): Promise<Ask> {
  const person = new Person(stage)
  person.staysAtIdp = true
  await person.open(`${LOGIN}/.gatehouse/login?to=%2F.gatehouse%2F`)
  const { id, relayState } = await readRequest(person.seen.at(-1) ?? '')
  const answer = await stage.respond({ id }, { nameId: person.nameId })
  const browser = browserAt(isolate, person.at(LOGIN))
  return () => stage.post(browser, answer, relayState)
}

const sendTo =
  (isolate: Sending, url: string, token: string, init: RequestInit = {}): Ask =>
  () =>
    isolate.send(
      new Request(url, {
        ...init,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      }),
    )

const scim = (
  isolate: Sending,
  { scimToken }: Pick<World, 'scimToken'>,
  path: string,
  body?: object,
): Ask =>
  sendTo(isolate, `${LOGIN}/.gatehouse/scim/okta/v2${path}`, scimToken, {
    method: body ? 'POST' : 'GET',
    body: body ? JSON.stringify(body) : null,
  })

const api = (isolate: Isolate, { apiToken }: World, path: string, method = 'GET'): Ask =>
  sendTo(isolate, `${LOGIN}/.gatehouse/api/v1${path}`, apiToken, { method })

/** A user whom nobody has disabled. */
async function newUser({ stage, scimToken }: World): Promise<string> {
  const userName = newName()
  await scim({ send: (request) => stage.send(request) }, { scimToken }, '/Users', {
    userName,
    active: true,
  })()
  return userName
}

const anonymous =
  (url: string) =>
  async (isolate: Isolate): Promise<Ask> =>
  () =>
    isolate.send(new Request(url, { headers: { Accept: 'text/html' }, redirect: 'manual' }))

const batch = () => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
  Operations: Array.from({ length: 20 }, (_, i) => ({
    method: 'POST',
    path: '/Users',
    bulkId: `u${i}`,
    data: { userName: newName() },
  })),
})

export const paths: Readonly<Record<string, Path>> = {
  'a page, in an isolate that does not know the session': {
    arrange: (isolate, world) => pageBy(isolate, world, `${A}/`),
    needs: reads,
    answers: 200,
    waits: 'visitor',
  },
  'a page, in an isolate that has just asked': {
    arrange: async (isolate, world) => {
      const ask = await pageBy(isolate, world, `${A}/`)
      await ask()
      return ask
    },
    needs: [],
    answers: 200,
    waits: 'visitor',
  },
  'a page, when revocationSeconds have passed': {
    arrange: async (isolate, world) => {
      const ask = await pageBy(isolate, world, `${A}/`)
      await ask()
      vi.setSystemTime(Date.now() + 15_000)
      return ask
    },
    needs: ['D1 reads'],
    answers: 200,
    waits: 'visitor',
  },
  'a public page': {
    arrange: (isolate, world) => pageBy(isolate, world, `${A}/public`),
    needs: [],
    answers: 200,
    waits: 'visitor',
  },
  'a page, by nobody': { arrange: anonymous(`${A}/`), needs: [], answers: 302, waits: 'visitor' },
  'the home page': {
    arrange: (isolate, world) => pageBy(isolate, world, `${A}/.gatehouse/`),
    needs: reads,
    answers: 200,
    waits: 'visitor',
  },
  'who is signed in, for a script': {
    arrange: (isolate, world) => pageBy(isolate, world, `${A}/.gatehouse/me`),
    needs: reads,
    answers: 200,
    waits: 'visitor',
  },
  'a sign-in that begins': {
    arrange: anonymous(`${LOGIN}/.gatehouse/login?go=1&to=%2F`),
    needs: ['D1 reads'],
    answers: 302,
    waits: 'visitor',
  },
  'a sign-in that the identity provider answers': {
    arrange: toAnswer,
    needs: ['D1 reads', 'D1 writes', 'KV writes'],
    answers: 303,
    isOnce: true,
    waits: 'visitor',
  },
  'a sign-in that comes from the login host': {
    arrange: async (isolate, { stage }) => {
      const person = await signedIn(stage, `${B}/`, newName())
      const url = await person.transferTo(`${A}/`)
      const browser = browserAt(isolate, person.at(A))
      return () => browser.go(url)
    },
    needs: ['D1 reads', 'D1 writes', 'KV writes'],
    answers: 303,
    isOnce: true,
    waits: 'visitor',
  },
  'a sign-out': {
    arrange: async (isolate, { stage }) => {
      const browser = browserAt(isolate, (await signedIn(stage, `${A}/`, newName())).at(A))
      return () => browser.submit(`${A}/.gatehouse/logout`, {})
    },
    needs: ['D1 reads', 'D1 writes'],
    answers: 200,
    isForm: true,
    waits: 'visitor',
  },
  'a sign-out that the identity provider asks for': {
    arrange: async (isolate, { stage }) => {
      const person = await signedIn(stage, `${A}/`, newName())
      const browser = browserAt(isolate, person.at(LOGIN))
      const message = logoutRequest(stage, { nameId: person.nameId })
      const url = await redirectOf(stage.idp, message)
      return () => browser.go(url)
    },
    needs: ['D1 reads', 'D1 writes'],
    answers: 200,
    isOnce: true,
    waits: 'visitor',
  },
  'a list of SCIM': {
    arrange: async (isolate, world) => scim(isolate, world, '/Users'),
    needs: ['D1 reads'],
    answers: 200,
    waits: 'program',
  },
  'a user that SCIM creates': {
    arrange: async (isolate, world) => scim(isolate, world, '/Users', { userName: newName() }),
    needs: ['D1 reads', 'D1 writes'],
    answers: 201,
    isOnce: true,
    waits: 'program',
  },
  'a batch of SCIM': {
    arrange: async (isolate, world) => scim(isolate, world, '/Bulk', batch()),
    needs: ['D1 reads', 'D1 writes'],
    answers: 200,
    waits: 'program',
  },
  'a question to the API': {
    arrange: async (isolate, world) => api(isolate, world, '/users'),
    needs: ['D1 reads'],
    answers: 200,
    waits: 'program',
  },
  'a change by the API': {
    arrange: async (isolate, world) =>
      api(isolate, world, `/users/${await newUser(world)}/disable`, 'POST'),
    needs: ['D1 reads', 'D1 writes'],
    answers: 200,
    waits: 'program',
  },
  'a page of the console': {
    arrange: async (isolate, world) => {
      const browser = browserAt(
        isolate,
        (await known(world, CONSOLE, 'olga@example.test')).at(CONSOLE),
      )
      return () => browser.go(CONSOLE)
    },
    needs: reads,
    answers: 200,
    waits: 'program',
  },
  'a change by the console': {
    arrange: async (isolate, world) => {
      const user = await newUser(world)
      const browser = browserAt(
        isolate,
        (await known(world, CONSOLE, 'olga@example.test')).at(CONSOLE),
      )
      return () => browser.submit(`${CONSOLE}/do/user-disable`, { back: '/people', user })
    },
    needs: [...reads, 'D1 writes'],
    answers: 303,
    isForm: true,
    waits: 'program',
  },
  'a signal that is pushed': {
    arrange: async (isolate, world) => {
      await known(world, `${A}/`)
      const body = await setOf(world.signer, `${RISC}account-credential-change-required`, {
        claims: { sub_id: { format: 'email', email: 'zoe@example.test' } },
      })
      return () =>
        isolate.send(
          new Request(`${LOGIN}/.gatehouse/signals/stream-1`, {
            method: 'POST',
            body,
            headers: { 'Content-Type': 'application/secevent+jwt' },
          }),
        )
    },
    needs: ['D1 reads', 'D1 writes'],
    answers: 202,
    waits: 'program',
  },
  'the keys of the token': {
    arrange: anonymous(`${A}/.gatehouse/jwks.json`),
    needs: ['D1 reads'],
    answers: 200,
    waits: 'program',
  },
  'our metadata': {
    arrange: async (isolate, world) => {
      const url = `${LOGIN}/.gatehouse/saml/okta/metadata`
      await world.stage.send(new Request(url))
      return anonymous(url)(isolate)
    },
    needs: ['D1 reads'],
    answers: 200,
    waits: 'program',
  },
  'whether it runs': {
    arrange: anonymous(`${A}/.gatehouse/health`),
    needs: [],
    answers: 200,
    waits: 'program',
  },
  'whether it is ready': {
    arrange: anonymous(`${A}/.gatehouse/health/ready`),
    needs: reads,
    answers: 200,
    isMonitored: true,
    waits: 'program',
  },
}
