/**
 * The whole Worker on real KV and D1, with a test IdP, a browser, an origin, and a clock that the
 * test sets.
 */
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { createGatehouse, type Parts } from '../../src/app.ts'
import type { GatehouseConfig } from '../../src/config.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { decodeBase64, decodeUtf8 } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { createBrowser, locationOf, type Browser } from '../support/browser.ts'
import { fetchSettled } from '../support/worker.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { keepAnswerSecret, keepSecret, said } from '../../tools/stage/evidence.ts'
import {
  createTestIdp,
  signedResponse,
  type ResponseOptions,
  type TestIdp,
} from '../../tools/signing/saml-signer.ts'

export const SITE = 'https://app.example.com'
export const start = new Date('2026-11-24T12:00:00Z')

export const configOf = (
  fields: Partial<GatehouseConfig['sites'][number]> = {},
): GatehouseConfig => ({
  revocationSeconds: 15,
  sites: [
    {
      url: SITE,
      origin: { service: 'ORIGIN' },
      routes: [
        { path: '/', access: 'signed-in' },
        { path: '/engineers', access: { group: 'engineering', connection: 'okta' } },
        { path: '/public', access: 'public' },
      ],
      session: { absoluteSeconds: 8 * 3600, idleSeconds: null },
      ...fields,
    },
  ],
})

/** The request that the IdP got. */
export interface Asked {
  readonly id: string
  readonly xml: string
  readonly relayState: string
}

/** A version of the Worker. */
export interface Build {
  readonly createGatehouse: typeof createGatehouse
  readonly saveConnection: typeof saveConnection
}
export const today: Build = { createGatehouse, saveConnection }

export interface Stage {
  readonly idp: TestIdp
  /** The requests that reached the origin: address and headers. */
  readonly origin: { readonly url: string; readonly headers: Headers }[]
  /** The audit lines that the Worker logged. */
  readonly audit: () => readonly Record<string, unknown>[]
  /** Sends one request, without a browser's cookies. */
  send(request: Request): Promise<Response>
  browser(bindings?: Readonly<Record<string, unknown>>): Browser
  /** Opens a protected page, and follows to the IdP. */
  begin(browser: Browser, path: string): Promise<Asked>
  respond(asked: Pick<Asked, 'id'>, fields?: Partial<ResponseOptions>): Promise<string>
  /** Posts the IdP's answer, as a form on the IdP's page does. */
  post(browser: Browser, samlResponse: string, relayState: string | null): Promise<Response>
  signIn(browser: Browser, path?: string, fields?: Partial<ResponseOptions>): Promise<Response>
  cron(): Promise<void>
  /** From now on this version answers, in a new isolate. */
  play(build: Build): void
}

/** One for all stages of a test file: its RSA key takes longer to make than a sign-in. */
let usualIdp: Promise<TestIdp> | null = null

export async function createStage(
  config: GatehouseConfig = configOf(),
  connection: Partial<Connection> = {},
  parts: Parts = {},
  build: Build = today,
): Promise<Stage> {
  const idp = await (usualIdp ??= createTestIdp())
  const stored = connectionOf(idp, connection)
  await build.saveConnection(env.DB, stored, toInstant(start.getTime()))
  vi.useFakeTimers({ toFake: ['Date'], now: start })
  const from = said.length
  const origin: { url: string; headers: Headers }[] = []
  const ORIGIN = {
    fetch: async (to: string | Request, how: RequestInit) => {
      const request = new Request(to, how)
      keepSecret(request.headers.get('X-Gatehouse-Jwt-Assertion')?.split('.').at(-1))
      origin.push({ url: request.url, headers: request.headers })
      return new Response('the page behind')
    },
  }
  let worker = build.createGatehouse(config, parts)
  const all = { ...env, ORIGIN }
  const site = config.sites[0]?.url ?? SITE
  const { loginHost = site } = config
  const login = typeof loginHost === 'string' ? loginHost : loginHost.url
  const acsUrl = `${login}/.gatehouse/saml/${stored.id}/acs`
  let count = 0

  const stage: Stage = {
    idp,
    origin,
    audit: () =>
      said
        .slice(from)
        .filter((line) => line.startsWith('{"audit"'))
        .map((line) => JSON.parse(line)),
    send: (request) => fetchSettled(worker, request, all),
    // Each set of bindings gets its own isolate, so that nothing is remembered from another.
    browser: (bindings) => {
      const own = bindings ? createGatehouse(config, parts) : null
      return createBrowser((request) =>
        fetchSettled(own ?? worker, request, { ...all, ...bindings }),
      )
    },
    async begin(browser, path) {
      const toLogin = locationOf(await browser.go(site + path))
      const link = onwardOf(await (await browser.go(site + toLogin)).text())
      return readRequest(locationOf(await browser.go(site + link)))
    },
    respond: (asked, fields) =>
      signedResponse(idp, {
        spEntityId: `${login}/.gatehouse/saml/${stored.id}/metadata`,
        acsUrl,
        inResponseTo: asked.id,
        now: new Date(),
        responseId: `_r${++count}`,
        assertionId: `_a${count}-${crypto.randomUUID()}`,
        ...fields,
      }),
    post(browser, samlResponse, relayState) {
      if (samlResponse.length > 100) keepAnswerSecret(samlResponse)
      return browser.submitFromElsewhere(acsUrl, {
        SAMLResponse: samlResponse,
        ...(relayState === null ? {} : { RelayState: relayState }),
      })
    },
    async signIn(browser, path = '/', fields = {}) {
      const asked = await stage.begin(browser, path)
      return stage.post(browser, await stage.respond(asked, fields), asked.relayState)
    },
    cron: () => worker.scheduled({}, all),
    play: (next) => void (worker = next.createGatehouse(config, parts)),
  }
  return stage
}

/** The address that one of our pages sends the browser on to. */
export const onwardOf = (page: string): string =>
  /id="onward" href="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''

export interface Step {
  readonly label: string
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

/** The forms on one of our pages, once for each button, as a browser would post them. */
export const stepsOf = (page: string): readonly Step[] =>
  [...page.matchAll(/<form\s+method="post"\s+action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].flatMap(
    ([, action = '', inside = '']) => {
      const hidden = [...inside.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)]
      const fields = hidden.map(([, name = '', value = '']) => [
        name,
        value.replaceAll('&amp;', '&'),
      ])
      return [...inside.matchAll(/<button([^>]*)>([^<]*)</g)].map(
        ([, attributes = '', label = '']) => {
          const [, name, value = ''] = /name="(\w+)" value="([^"]*)"/.exec(attributes) ?? []
          const own = name === undefined ? [] : [[name, value]]
          return { label, action, fields: Object.fromEntries([...fields, ...own]) }
        },
      )
    },
  )

export async function readRequest(location: string): Promise<Asked> {
  const { searchParams } = new URL(location)
  const bytes = decodeBase64(searchParams.get('SAMLRequest') ?? '')
  if (!bytes.ok) throw new Error('SAMLRequest is not base64')
  const stream = new Blob([bytes.value])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'))
  const xml = decodeUtf8(new Uint8Array(await new Response(stream).arrayBuffer()))
  if (!xml.ok) throw new Error('SAMLRequest is not UTF-8')
  return {
    id: /ID="([^"]*)"/.exec(xml.value)?.[1] ?? '',
    xml: xml.value,
    relayState: searchParams.get('RelayState') ?? '',
  }
}

export const refusals = (stage: Stage): readonly Record<string, unknown>[] =>
  stage.audit().filter(({ audit }) => audit === 'login-refused')
