/**
 * Device Bound Session Credentials with the Chromium of Debian, which makes keys in software when it
 * is asked to. The Worker is the one that wrangler builds, by TLS; its clock can be put forward.
 */
import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { chromium, type BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import { root } from '../../cli/project.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { createTestIdp, signedResponse } from '../../tools/signing/saml-signer.ts'
import { buildWorker } from '../../tools/stage/build.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { migrate } from '../../tools/stage/migrate.ts'
import { startOrigin, type Origin } from '../../tools/stage/origin.ts'
import { freePort } from '../../tools/stage/process.ts'
import { describeEnd } from '../browser/stage.ts'
import { createSelfSigned } from '../cli/self-signed.ts'
import { challengeIn, createDevice } from '../support/device.ts'
import { requestIdIn } from '../../tools/stage/sign-in.ts'

const BOUND = '__Host-gatehouse-device'
const SESSION = '__Host-gatehouse'

/** Runs the Worker with a clock that is put forward by `POST /clock` to the host `clock.test`. */
const around = `import worker from './worker.js'
let ahead = 0
const now = Date.now
Date.now = () => now() + ahead
export default {
  async fetch(request, env, context) {
    if (new URL(request.url).hostname !== 'clock.test') return worker.fetch(request, env, context)
    ahead = Number(await request.text()) * 1000
    return new Response()
  },
}`

interface Gate {
  readonly miniflare: Miniflare
  readonly db: D1Database
  readonly origin: Origin
  readonly idp: http.Server
  readonly offer: string
  readonly require: string
  readonly spki: string
  readonly logged: string[]
  readonly putForward: (seconds: number) => Promise<void>
}

let gate: Gate
const folders: string[] = []
const contexts: BrowserContext[] = []

async function startGate(): Promise<Gate> {
  const port = await freePort()
  const [offer, require] = [`https://offer.test:${port}`, `https://require.test:${port}`]
  const origin = await startOrigin()
  const worker = await buildWorker('device-worker', { ORIGIN_URL: origin.url, PORT: port })
  const { key, cert } = await createSelfSigned('*.test')
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
  const wrangler = unstable_readConfig({ config: join(root, 'wrangler.toml') })
  const logged: string[] = []
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port,
      https: true,
      httpsKey: key,
      httpsCert: cert,
      modules: [{ type: 'ESModule', path: 'around.mjs', contents: around }, ...worker],
      compatibilityDate: wrangler.compatibility_date ?? '',
      compatibilityFlags: wrangler.compatibility_flags,
      kvNamespaces: { SESSIONS: 'kv' },
      d1Databases: { DB: 'd1' },
      bindings: { GATEHOUSE_SECRET: randomBytes(32).toString('base64') },
      cf: false,
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: ({ message }) => void logged.push(message),
    }),
  )
  await miniflare.ready
  const { DB: db } = await miniflare.getBindings<{ DB: D1Database }>()
  await migrate(db)
  const testIdp = await createTestIdp()
  const base = `${offer}/.gatehouse/saml/okta`
  // Signs whoever comes in as the same person.
  const idp = http.createServer((request, response) => {
    void (async () => {
      const asked = new URL(request.url ?? '/', 'http://idp.test')
      const answer = await signedResponse(testIdp, {
        spEntityId: `${base}/metadata`,
        acsUrl: `${base}/acs`,
        inResponseTo: await requestIdIn(asked.href),
        now: new Date(),
        assertionId: `_${crypto.randomUUID()}`,
        responseId: `_${crypto.randomUUID()}`,
      })
      response.setHeader('Content-Type', 'text/html')
      response.end(`<!doctype html><form method="post" action="${base}/acs">
        <input name="SAMLResponse" value="${answer}"><input name="RelayState" value="${asked.searchParams.get('RelayState')}">
        </form><script>document.forms[0].submit()</script>`)
    })()
  })
  idp.listen(0, '127.0.0.1')
  await once(idp, 'listening')
  const { port: idpPort } = idp.address() as AddressInfo
  const stored = connectionOf(testIdp, { ssoUrl: `http://127.0.0.1:${idpPort}/sso` })
  await saveConnection(db, stored, toInstant(Date.now()))
  return {
    miniflare,
    db,
    origin,
    idp,
    offer,
    require,
    logged,
    spki: createHash('sha256').update(spki).digest('base64'),
    putForward: async (seconds) => {
      await miniflare.dispatchFetch('https://clock.test/', {
        method: 'POST',
        body: String(seconds),
      })
    },
  }
}

const withKeys =
  '--enable-features=DeviceBoundSessions:RefreshQuota/false,EnableBoundSessionCredentialsSoftwareKeysForManualTesting'
const withoutBinding = '--disable-features=DeviceBoundSessions'

/** @param folder a profile that was used before; left out: a new one. */
async function openBrowser(features = withKeys, folder?: string): Promise<BrowserContext> {
  const profile = folder ?? (await mkdtemp(join(tmpdir(), 'gatehouse-device-')))
  if (folder === undefined) folders.push(profile)
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      `--ignore-certificate-errors-spki-list=${gate.spki}`,
      features,
    ],
  })
  contexts.push(context)
  return context
}

/** As the runtime has printed them by now, which may be after the answer. */
const events = (kind: string) =>
  gate.logged.filter((line) => line.includes(`"audit":"${kind}"`)).map((line) => JSON.parse(line))
const cookieOf = async (context: BrowserContext, url: string, name: string) =>
  (await context.cookies(url)).find((cookie) => cookie.name === name)

/**
 * As if its time were over. `clearCookies` clears all cookies and sets the others again; now and then
 * Chromium did not wait for the next cookie after that.
 */
async function dropCookie(context: BrowserContext, url: string): Promise<void> {
  const cookie = await cookieOf(context, url, BOUND)
  if (cookie) await context.addCookies([{ ...cookie, expires: 1 }])
  expect(await cookieOf(context, url, BOUND)).toBeUndefined()
}

/** Signs in, and waits until Chromium has bound the session. */
async function signInBound(
  context: BrowserContext,
  site = gate.offer,
): Promise<{ readonly session: string }> {
  const before = events('device-bound').length
  const page = await context.newPage()
  await page.goto(`${site}/`)
  await expect.poll(() => events('device-bound').length).toBe(before + 1)
  await expect.poll(() => cookieOf(context, site, BOUND)).toBeDefined()
  await page.close()
  return { session: events('device-bound').at(-1).session }
}

/** Fetches in a page of the site: the status of each. */
async function fetchAll(context: BrowserContext, site: string, times: number) {
  const page = await context.newPage()
  await page.goto(`${site}/public`)
  const statuses = await page.evaluate(
    (count) =>
      Promise.all(
        Array.from({ length: count }, async (_, i) => (await fetch(`/data-${i}`)).status),
      ),
    times,
  )
  await page.close()
  return statuses
}

beforeAll(async () => {
  gate = await startGate()
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(await describeEnd(contexts, gate.logged))
  await Promise.all(contexts.splice(0).map((context) => context.close()))
  await gate.putForward(0)
})
afterAll(async () => {
  await gate.miniflare.dispose()
  await gate.origin.stop()
  gate.idp.closeAllConnections()
  gate.idp.close()
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, maxRetries: 5 })))
})

describe('Chromium', () => {
  it('binds the session after sign-in by SAML, at each host for itself', async () => {
    const context = await openBrowser()
    const { session } = await signInBound(context)
    const other = await signInBound(context, gate.require)
    expect(other.session).not.toBe(session)
    const [offered, required] = await Promise.all(
      [gate.offer, gate.require].map((site) => cookieOf(context, site, BOUND)),
    )
    expect(offered?.value).not.toBe(required?.value)
    expect([offered?.httpOnly, offered?.secure]).toEqual([true, true])
    const page = await context.newPage()
    expect((await page.goto(`${gate.offer}/bound`))?.status()).toBe(200)
  })

  it('refreshes its cookie when it has ended, while six fetches wait', async () => {
    const context = await openBrowser()
    await signInBound(context)
    const first = await cookieOf(context, gate.offer, BOUND)
    await gate.putForward(300)
    await dropCookie(context, gate.offer)
    expect(await fetchAll(context, gate.offer, 6)).toEqual(Array(6).fill(200))
    const next = await cookieOf(context, gate.offer, BOUND)
    expect(next?.value).not.toBe(first?.value)
    expect(events('theft-stopped')).toEqual([])
  })

  it('goes on after a restart', async () => {
    const context = await openBrowser()
    const { session } = await signInBound(context)
    const [folder = ''] = folders.slice(-1)
    await context.close()
    const again = await openBrowser(withKeys, folder)
    await gate.putForward(300)
    await dropCookie(again, gate.offer)
    expect(await fetchAll(again, gate.offer, 1)).toEqual([200])
    const row = await gate.db
      .prepare('SELECT revoked_at FROM sessions WHERE id = ?')
      .bind(session)
      .first()
    expect(row).toEqual({ revoked_at: null })
  })

  it.each([
    ['a link of another site', (to: string) => `<a href="${to}">go</a>`],
    [
      'a link in a sandbox, as pages for mail have',
      (to: string) =>
        `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
           srcdoc="<a href='${to}' target='_top'>go</a>"></iframe>`,
    ],
  ])('refreshes for %s, though its cookie has ended', async (_, show) => {
    const context = await openBrowser()
    await signInBound(context)
    const signIns = events('login').length
    await gate.putForward(500)
    await dropCookie(context, gate.offer)
    const page = await context.newPage()
    await page.goto(`${gate.require}/public`)
    await page.setContent(show(`${gate.offer}/page`))
    const inside = page.frames().at(-1) ?? page.mainFrame()
    await inside.getByRole('link').click()
    await page.waitForURL(`${gate.offer}/page`)
    await expect.poll(() => cookieOf(context, gate.offer, BOUND)).toBeDefined()
    expect(events('theft-stopped')).toEqual([])
    expect(events('login')).toHaveLength(signIns)
  })

  it('is signed out as ever', async () => {
    const context = await openBrowser()
    await signInBound(context)
    const page = await context.newPage()
    await page.goto(`${gate.offer}/.gatehouse/`)
    await page.getByRole('button', { name: 'Sign out in all browsers' }).click()
    await page.waitForLoadState()
    expect(await cookieOf(context, gate.offer, SESSION)).toBeUndefined()
    expect(await cookieOf(context, gate.offer, BOUND)).toBeUndefined()
  })
})

describe('a thief with both cookies', () => {
  it('is in within the minutes, out after them, and cannot refresh; the owner goes on until then', async () => {
    const owner = await openBrowser()
    const { session } = await signInBound(owner)
    const cookies = await owner.cookies(gate.offer)
    const thief = await openBrowser()
    await thief.addCookies(cookies)
    await gate.putForward(120)
    const page = await thief.newPage()
    expect((await page.goto(`${gate.offer}/page`))?.url()).toBe(`${gate.offer}/page`)
    // Else Chromium may ask for the page's icon when the minutes are over, and the session ends as stolen.
    await page.close()

    const key = await createDevice()
    const ask = async (headers: Readonly<Record<string, string>>) =>
      gate.miniflare.dispatchFetch(`${gate.offer}/.gatehouse/device/refresh`, {
        method: 'POST',
        headers: { 'Sec-Secure-Session-Id': session, ...headers },
      })
    const jti = challengeIn((await ask({})).headers.get('Secure-Session-Challenge'))
    const proof = await key.sign({ jti })
    expect((await ask({ 'Secure-Session-Response': proof })).status).toBe(403)
    await expect
      .poll(() => events('device-refused').at(-1))
      .toMatchObject({ session, reason: 'signature' })

    await gate.putForward(500)
    await dropCookie(owner, gate.offer)
    expect(await fetchAll(owner, gate.offer, 1)).toEqual([200])
    expect(await fetchAll(thief, gate.offer, 1)).toEqual([401])
    await expect.poll(() => events('theft-stopped').at(-1)).toMatchObject({ session })
  })
})

describe('a browser without the feature', () => {
  it('works as ever where binding is offered, and is told what to do where it is required', async () => {
    const context = await openBrowser(withoutBinding)
    const page = await context.newPage()
    expect((await page.goto(`${gate.offer}/page`))?.status()).toBe(200)
    expect((await page.goto(`${gate.require}/page`))?.status()).toBe(200)
    await gate.putForward(600)
    expect((await page.goto(`${gate.offer}/page`))?.status()).toBe(200)
    expect((await page.goto(`${gate.require}/page`))?.status()).toBe(403)
    await expect
      .poll(() => page.getByRole('heading', { level: 1 }).textContent())
      .toContain('must be bound to its device')
  })
})
