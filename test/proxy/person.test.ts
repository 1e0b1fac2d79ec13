/** `X-Gatehouse-Person`: for whom a page makes a request. */
import { beforeEach, expect, it } from 'vitest'
import { createGate } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn } from '../support/session.ts'

const site = {
  routes: [
    { path: '/', policy: { kind: 'signed-in' } },
    { path: '/public', policy: { kind: 'public' } },
  ],
  corsOrigins: ['https://friend.example'],
} as const
const url = (path: string) => `https://app.example.com${path}`

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

const save = (token: string, person: string, path = '/notes') =>
  requestWith(token, url(path), {
    method: 'POST',
    body: 'text',
    headers: { 'X-Gatehouse-Person': person, Origin: 'https://friend.example' },
  })

it('lets a request through for the person who is signed in, and the site never sees the header', async () => {
  const { token, user } = await signIn()
  const { ask, sent } = createGate({ site })
  expect((await ask(save(token, user.id))).status).toBe(200)
  expect(await sent[0]?.text()).toBe('text')
  expect(sent[0]?.headers.has('X-Gatehouse-Person')).toBe(false)
})

it('refuses a request for another person, and the site never sees the request', async () => {
  const { user: ada } = await signIn()
  const { token, user: grace, session } = await signIn({}, { subject: 'grace', userName: 'grace' })
  const { ask, sent, events } = createGate({ site })
  for (const person of [ada.id, '', `${grace.id}, ${ada.id}`]) {
    const answer = await ask(save(token, person))
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ error: 'other-person' })
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('https://friend.example')
  }
  expect(sent).toEqual([])
  expect(events[0]).toEqual({
    kind: 'access-denied',
    site: 'app.example.com',
    connection: 'okta',
    user: grace.id,
    session: session.id,
    path: '/notes',
    reason: 'the request is for another person',
  })
})

it('does not matter on a public route, where nobody is signed in', async () => {
  const { token } = await signIn()
  const { ask, sent } = createGate({ site })
  expect((await ask(save(token, 'somebody', '/public'))).status).toBe(200)
  expect(sent[0]?.headers.has('X-Gatehouse-Person')).toBe(false)
})
