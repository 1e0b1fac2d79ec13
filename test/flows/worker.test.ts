import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findUsers, setUserActive } from '../../src/directory/sign-in-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { leaks, keepSecret, said } from '../../tools/stage/evidence.ts'
import type { Told } from '../../tools/stage/origin.ts'
import { signIn } from '../../tools/stage/sign-in.ts'
import { ask, createStage, REVOCATION_SECONDS, type Stage } from '../../tools/stage/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.stop())

const asPage = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
const pass = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

describe('the Worker that a deploy uploads', () => {
  it('has nothing of Node in it', () => {
    const names = new Set(stage.built.map(({ path }) => `./${path}`))
    const imports = stage.built.flatMap(({ contents }) => [
      ...contents.matchAll(/\b(?:from|import\(|import|require\()["']([\w./@:-]+)["']/g),
    ])
    expect(imports.length).toBeGreaterThan(50)
    expect(imports.map(([, from = '']) => from).filter((from) => !names.has(from))).toEqual([])
    expect(stage.built.some(({ contents }) => contents.includes('/.gatehouse'))).toBe(true)
  })

  it('lets nobody in while its secret is missing, and says in the log what is', async () => {
    const bare = await createStage({})
    try {
      const answer = await ask('/', { port: bare.ports[0], headers: asPage })
      expect(answer.status).toBe(503)
      expect(answer.headers['retry-after']).toBe('5')
      expect(answer.text).not.toContain('GATEHOUSE_SECRET')
      await expect
        .poll(() => bare.logged.join('\n'))
        .toContain('GATEHOUSE_SECRET must be 32 random bytes')
    } finally {
      await bare.stop()
    }
  })

  it('answers no host that is not in its config', async () => {
    const answer = await ask('/', { port: stage.ports[0], host: 'other.localhost' })
    expect([answer.status, answer.headers['content-type']]).toEqual([421, 'application/json'])
  })
})

describe('a person', () => {
  it('lands on the page asked for, and the origin knows who it is', async () => {
    const { cookie, landedAt } = await signIn(stage, '/engineering/plan?draft=1', {
      groups: ['engineering', 'Søn & co'],
      displayname: ['Zoë'],
    })
    expect(landedAt).toBe('http://app.localhost/engineering/plan?draft=1')
    const port = stage.ports[0]
    const spoofed = { 'X-Forwarded-Email': 'boss@example.test', X_Forwarded_Groups: 'root' }
    const page = await ask('/engineering/plan?draft=1', {
      port,
      headers: { ...asPage, ...spoofed, Cookie: `theme=dark; ${cookie}` },
    })
    const told: Told = JSON.parse(page.text)
    expect(told.url).toBe('/engineering/plan?draft=1')
    expect(told.headers).toMatchObject({
      cookie: 'theme=dark',
      'x-forwarded-email': 'zoe@example.test',
      'x-forwarded-groups': 'engineering,S%C3%B8n & co',
      'x-forwarded-host': 'app.localhost',
      'x-forwarded-proto': 'http',
    })
    expect(Object.keys(told.headers).filter((name) => name.includes('_'))).toEqual([])

    const token = told.headers['x-gatehouse-jwt-assertion'] ?? ''
    keepSecret(token.split('.').at(-1))
    const jwks = JSON.parse((await ask('/.gatehouse/jwks.json', { port })).text)
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
      issuer: 'http://app.localhost',
      audience: 'http://app.localhost',
      algorithms: ['ES256'],
    })
    expect(payload).toMatchObject({ email: 'zoe@example.test', name: 'Zoë', connection: 'okta' })
    expect(payload.sub).toBe(told.headers['x-forwarded-user'])
  })

  it('is known to every isolate, and to a Worker behind by its binding', async () => {
    const { cookie } = await signIn(stage, '/page')
    const headers = { ...asPage, Cookie: cookie }
    for (const port of stage.ports) {
      expect((await ask('/page', { port, headers })).status).toBe(200)
    }
    const bound = await signIn(stage, '/there?a=b', {}, 'bound.localhost')
    const answer = await ask('/there?a=b', {
      port: stage.ports[1],
      host: 'bound.localhost',
      headers: { ...asPage, Cookie: bound.cookie },
    })
    const told: Told = JSON.parse(answer.text)
    expect(told.url).toBe('http://bound.localhost/there?a=b')
    expect(told.headers).toHaveProperty('x-gatehouse-jwt-assertion')
    expect(told.headers).not.toHaveProperty('cookie')
  })

  it('has no session on another site', async () => {
    const { cookie } = await signIn(stage, '/')
    const headers = { ...asPage, Cookie: cookie }
    const answer = await ask('/', { port: stage.ports[0], host: 'bound.localhost', headers })
    expect([answer.status, answer.headers.location]).toEqual([302, '/.gatehouse/login?to=%2F'])
  })

  it('who is disabled is refused by every isolate when revocationSeconds have passed', async () => {
    const { cookie } = await signIn(stage, '/')
    const headers = { ...asPage, Cookie: cookie }
    const statuses = () =>
      Promise.all(stage.ports.map(async (port) => (await ask('/', { port, headers })).status))
    expect(await statuses()).toEqual([200, 200])
    const [user] = await findUsers(stage.db, 'zoe@example.test')
    const set = (active: boolean) =>
      setUserActive(stage.db, user?.id ?? '', active, toInstant(Date.now()))
    expect(await set(false)).toBe(true)
    await pass(REVOCATION_SECONDS)
    expect(await statuses()).toEqual([302, 302])
    // Back in means signing in anew: what was over stays over.
    await set(true)
    await pass(REVOCATION_SECONDS)
    expect(await statuses()).toEqual([302, 302])
    const again = await signIn(stage, '/')
    const page = await ask('/', {
      port: stage.ports[1],
      headers: { ...asPage, Cookie: again.cookie },
    })
    expect(page.status).toBe(200)
  })
})

it('nothing that the Worker logged, kept for the operator or showed here is a cookie, token, key or answer', async () => {
  const kept = async () => (await stage.db.prepare('SELECT * FROM audit').all()).results
  const loginsKept = async () => (await kept()).filter(({ kind }) => kind === 'login').length
  const loginsLogged = () => stage.logged.filter((line) => line.includes('"audit":"login"')).length
  // Both are written after the answer.
  await expect.poll(loginsLogged).toBeGreaterThan(3)
  await expect.poll(async () => (await loginsKept()) - loginsLogged()).toBe(0)
  said.push(...stage.logged, JSON.stringify(await kept()))
  expect(leaks()).toEqual([])
})
