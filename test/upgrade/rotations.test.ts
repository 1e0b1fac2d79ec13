/**
 * Each rotation as docs/operating.md tells it, step by step. While a step rolls out, isolates of
 * before and after it answer the same browser in turn. No session is lost, no login under way is
 * lost, and an origin that keeps our keys for an hour can verify every token.
 */
import { env } from 'cloudflare:workers'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { beforeEach, expect, it, vi } from 'vitest'
import { keyRetire, keyRotate, keySwitch } from '../../src/admin/key-operations.ts'
import { createGatehouse } from '../../src/app.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { usualSettings } from '../../tools/signing/connection.ts'
import { act, context, valueOf } from '../admin/stage.ts'
import { createBrowser, locationOf, type Browser } from '../support/browser.ts'
import { emptyEverything } from '../support/empty.ts'
import { fetchSettled } from '../support/worker.ts'
import { configOf, createStage, readRequest, SITE, start, type Stage } from '../login/stage.ts'

beforeEach(emptyEverything)

const HOUR = 3_600_000
const DAY = 24 * HOUR
const [OLD, NEW] = ['a', 'b'].map((letter) => btoa(letter.repeat(32)))
const day = (days: number) => vi.setSystemTime(start.getTime() + days * DAY)

type Secrets = Readonly<Record<string, string | undefined>>

interface Isolate {
  readonly fetch: (request: Request) => Promise<Response>
  readonly cron: () => Promise<void>
}

/** A site that is long-lived, so that what ends a session is the rotation and nothing else. */
const config = configOf({ session: { absoluteSeconds: 31 * 86_400, idleSeconds: null } })

/** The origin verifies every request's token, and keeps our public keys for an hour. */
class Origin {
  #jwks: { readonly at: number; readonly keys: JSONWebKeySet } | null = null
  #ask: (() => Promise<Response>) | null = null
  verified = 0
  readonly kids = new Set<string>()

  use(ask: () => Promise<Response>): void {
    this.#ask = ask
  }

  async fetch(to: string | Request, how: RequestInit): Promise<Response> {
    const token = new Request(to, how).headers.get('X-Gatehouse-Jwt-Assertion') ?? ''
    if (!this.#jwks || Date.now() - this.#jwks.at >= HOUR) {
      const keys = await (await this.#ask?.())?.json<JSONWebKeySet>()
      if (!keys) throw new Error('there is nobody to ask for keys')
      this.#jwks = { at: Date.now(), keys }
    }
    const { protectedHeader } = await jwtVerify(token, createLocalJWKSet(this.#jwks.keys), {
      currentDate: new Date(),
    })
    this.kids.add(protectedHeader.kid ?? '')
    this.verified++
    return new Response('the page behind')
  }
}

function isolate(secrets: Secrets, origin: Origin): Isolate {
  const worker = createGatehouse(config)
  const bindings = { ...env, GATEHOUSE_SECRET: undefined, ...secrets, ORIGIN: origin }
  return {
    fetch: (request) => fetchSettled(worker, request, bindings),
    cron: () => worker.scheduled({}, bindings),
  }
}

/** A browser whose requests the isolates answer in turn. @param first which one begins. */
function browserOf(isolates: () => readonly Isolate[], first = 0): Browser {
  let turn = first
  return createBrowser((request) => {
    const all = isolates()
    const next = all[turn++ % all.length]
    if (!next) throw new Error('there is no isolate')
    return next.fetch(request)
  })
}

/** As stage.begin, with any browser. */
async function begin(
  browser: Browser,
): Promise<{ readonly id: string; readonly relayState: string }> {
  const toLogin = locationOf(await browser.go(`${SITE}/`))
  const page = await (await browser.go(SITE + toLogin)).text()
  const onward = /id="onward" href="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
  return readRequest(locationOf(await browser.go(SITE + onward)))
}

async function finish(
  stage: Stage,
  browser: Browser,
  asked: { readonly id: string; readonly relayState: string },
): Promise<void> {
  const answer = await stage.respond(asked, { nameId: `${asked.id}@acme.com` })
  const landed = await stage.post(browser, answer, asked.relayState)
  expect([landed.status, await landed.text()]).toEqual([303, ''])
}

const isIn = async (browser: Browser): Promise<boolean> => {
  const response = await browser.go(`${SITE}/`)
  return (await response.text()) === 'the page behind'
}

it('GATEHOUSE_SECRET is exchanged without losing a session, a login or a token', async () => {
  const origin = new Origin()
  const stage = await createStage(config)
  const before = isolate({ GATEHOUSE_SECRET: OLD }, origin)
  // 1. The new secret is one that opens.
  const both = isolate({ GATEHOUSE_SECRET: OLD, GATEHOUSE_SECRET_PREVIOUS: NEW }, origin)
  // 2. The two change places, at once.
  const after = isolate({ GATEHOUSE_SECRET: NEW, GATEHOUSE_SECRET_PREVIOUS: OLD }, origin)
  // 3. A day later the old one goes.
  const alone = isolate({ GATEHOUSE_SECRET: NEW }, origin)

  let now: readonly Isolate[] = [before]
  origin.use(() => (now[0] ?? before).fetch(new Request(`${SITE}/.gatehouse/jwks.json`)))
  const newBrowser = (place = 0) => browserOf(() => now, place)
  const first = newBrowser()
  await finish(stage, first, await begin(first))
  expect(await isIn(first)).toBe(true)

  const browsers = [first]
  let underWay: { readonly browser: Browser; readonly asked: Awaited<ReturnType<typeof begin>> }[] =
    []
  const steps = [[before], [before, both], [both], [both, after], [after]]
  for (const [i, step] of steps.entries()) {
    const begun = await Promise.all(
      [0, 1].map(async (place) => {
        const browser = newBrowser(place)
        return { browser, asked: await begin(browser) }
      }),
    )
    now = step
    vi.setSystemTime(start.getTime() + (i + 1) * 60_000)
    // Logins that began in the step before end in this one, whichever isolate answers.
    for (const { browser, asked } of [...underWay, ...begun.slice(0, 1)]) {
      await finish(stage, browser, asked)
      browsers.push(browser)
    }
    underWay = begun.slice(1)
    // One isolate seals the login, and the other opens it; both ways round.
    for (const place of [0, 1]) {
      const browser = newBrowser(place)
      await finish(stage, browser, await begin(browser))
      browsers.push(browser)
    }
    for (const browser of browsers) {
      expect(await isIn(browser)).toBe(true)
      expect(await isIn(browser)).toBe(true)
    }
  }
  for (const { browser, asked } of underWay) await finish(stage, browser, asked)

  // Cron runs hourly.
  await after.cron()
  const { results } = await env.DB.prepare(
    'SELECT sealed_private_key AS sealed FROM signing_keys',
  ).all()
  expect(results).toHaveLength(1)
  day(1)
  now = [after, alone]
  for (const browser of browsers)
    expect([await isIn(browser), await isIn(browser)]).toEqual([true, true])
  now = [alone]
  for (const browser of browsers) expect(await isIn(browser)).toBe(true)
  await alone.cron()
  expect(await isIn(first)).toBe(true)
  // The key that signs has gone over to the new secret: no origin met one that it did not know.
  expect(origin.kids.size).toBe(1)
  expect(origin.verified).toBeGreaterThan(30)
})

/** Every two days; and every half hour where a key is published, begins to sign, and goes. */
const hoursOfTest = [
  ...Array.from({ length: 25 }, (_, i) => i * 48),
  ...[29, 30, 31].flatMap((days) => Array.from({ length: 9 }, (_, i) => days * 24 + i / 2 - 2)),
].toSorted((a, b) => a - b)

it('signing keys take turns, and every token is verified by an origin that read the keys an hour ago', async () => {
  const origin = new Origin()
  const stage = await createStage(config)
  const isolates = [1, 2].map(() => isolate({ GATEHOUSE_SECRET: OLD }, origin))
  const [one] = isolates
  if (!one) throw new Error('there is no isolate')
  origin.use(() => one.fetch(new Request(`${SITE}/.gatehouse/jwks.json`)))
  const [early, late] = [browserOf(() => isolates), browserOf(() => isolates)]
  await finish(stage, early, await begin(early))
  let checks = 0
  for (const hours of hoursOfTest) {
    vi.setSystemTime(start.getTime() + hours * HOUR)
    await one.cron()
    // A session lasts 31 days at most.
    if (hours === 20 * 24) await finish(stage, late, await begin(late))
    const open = [...(hours < 31 * 24 ? [early] : []), ...(hours >= 20 * 24 ? [late] : [])]
    for (const browser of open) {
      expect([hours, await isIn(browser), await isIn(browser)]).toEqual([hours, true, true])
      checks += 2
    }
  }
  expect(origin.verified).toBe(checks)
  expect(origin.kids.size).toBe(2)
})

it('our keys at the identity providers are exchanged by the three steps, with a login under way in each', async () => {
  const stage = await createStage(config, {
    settings: { ...usualSettings, signRequests: 'rsa-sha256' },
  })
  const by = { ...context, now: toInstant(Date.now()) }
  const metadata = async () => {
    const response = await stage.send(new Request(`${SITE}/.gatehouse/saml/okta/metadata`))
    return response.text()
  }
  const certificates = async () =>
    [...(await metadata()).matchAll(/X509Certificate>([^<]+)</g)].map(([, each]) => each)
  const first = stage.browser()
  await stage.signIn(first)
  const atFirst = new Set(await certificates())
  expect(atFirst.size).toBeGreaterThan(0)

  let minutes = 0
  const step = async (operation: typeof keyRotate, input: Readonly<Record<string, string>>) => {
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    valueOf(await act(operation, input, { by }))
    await stage.cron()
    // It is known everywhere within a minute.
    vi.setSystemTime(start.getTime() + 90_000 * ++minutes)
    const landed = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect([operation.name, landed.status]).toEqual([operation.name, 303])
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
    expect((await first.go(`${SITE}/`)).status).toBe(200)
    await stage.signIn(stage.browser())
  }
  await step(keyRotate, {})
  const during = new Set(await certificates())
  expect(during.size).toBeGreaterThan(atFirst.size)
  await step(keySwitch, {})
  await step(keyRetire, { yes: '' })
  const atLast = await certificates()
  expect(atLast.some((each) => atFirst.has(each))).toBe(false)
  expect(atLast.every((each) => during.has(each))).toBe(true)
})
