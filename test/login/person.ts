/** Three sites under one sign-in, and a person with a browser. */
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import type { GatehouseConfig } from '../../src/config.ts'
import type { Browser } from '../support/browser.ts'
import { onwardOf, readRequest, refusals, start, stepsOf, type Stage } from './stage.ts'

export const LOGIN = 'https://login.example.com'
export const [A, B, C] = ['https://a.example.com', 'https://b.example.com', 'https://c.example.net']
export const at = (seconds: number) => vi.setSystemTime(start.getTime() + seconds * 1000)

export type SiteOptions = Partial<GatehouseConfig['sites'][number]>
export const siteAt = (url: string, fields: SiteOptions = {}) => ({
  url,
  origin: { service: 'ORIGIN' },
  routes: [
    { path: '/', access: 'signed-in' as const },
    { path: '/public', access: 'public' as const },
  ],
  session: { absoluteSeconds: 8 * 3600, idleSeconds: null },
  ...fields,
})
export const three = (fields: Readonly<Record<string, SiteOptions>> = {}): GatehouseConfig => ({
  loginHost: { url: LOGIN, session: { absoluteSeconds: 8 * 3600, idleSeconds: null } },
  sites: [A, B, C].map((url) => siteAt(url, fields[url])),
})

/** A browser with cookies of its own for each host, that follows redirects and our pages. */
export class Person {
  readonly jars = new Map<string, Browser>()
  /** The addresses that it was led to, in order. */
  readonly seen: string[] = []
  readonly stage: Stage
  /** Whether the person stops at the identity provider. */
  staysAtIdp = false
  /** Hosts that are not ours, where the person stops. */
  elsewhere: readonly string[] = []
  /** The login host. */
  login: string = LOGIN
  nameId: string
  /** The groups that the identity provider asserts. */
  readonly groups: readonly string[]
  userAgent: string | null = null
  constructor(stage: Stage, nameId = 'zoe@example.test', groups: readonly string[] = []) {
    this.stage = stage
    this.nameId = nameId
    this.groups = groups
  }

  at(url: string): Browser {
    const { host } = new URL(url)
    const known = this.jars.get(host) ?? this.stage.browser()
    this.jars.set(host, known)
    known.userAgent = this.userAgent
    return known
  }

  async open(url: string): Promise<Response> {
    this.seen.push(url)
    if (this.seen.length > 200)
      throw new Error(`led round and round: ${this.seen.slice(-9).join(' ')}`)
    return this.follow(await this.at(url).go(url), url)
  }

  async post(url: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    this.seen.push(url)
    return this.follow(await this.at(url).submit(url, fields), url)
  }

  async follow(response: Response, from: string): Promise<Response> {
    const next = response.headers.get('Location')
    if (next !== null) {
      const url = new URL(next, from)
      return this.leadTo(url)
    }
    if (!response.headers.get('Content-Type')?.includes('html')) return response
    const page = await response.clone().text()
    const onward = onwardOf(page)
    if (onward !== '') {
      const url = new URL(onward, from)
      return this.leadTo(url)
    }
    const [step] = stepsOf(page)
    if (step?.action.endsWith('/.gatehouse/arrive')) {
      this.seen.push(step.action)
      const arrived = await this.at(step.action).submitFromElsewhere(step.action, step.fields)
      return this.follow(arrived, step.action)
    }
    return response
  }

  leadTo(url: URL): Promise<Response> {
    if (url.host === 'idp.example.test') return this.answer(url.href)
    if (!this.elsewhere.includes(url.host)) return this.open(url.href)
    this.seen.push(url.href)
    return Promise.resolve(new Response('another identity provider'))
  }

  async answer(url: string): Promise<Response> {
    this.seen.push(url)
    if (this.staysAtIdp) return new Response('the identity provider')
    const asked = await readRequest(url)
    const nameId = this.nameId
    const answer = await this.stage.respond(asked, {
      nameId,
      attributes: { email: [nameId], groups: this.groups },
    })
    const response = await this.stage.post(this.at(this.login), answer, asked.relayState)
    return this.follow(response, this.login)
  }

  get timesAtIdp(): number {
    return this.seen.filter((url) => url.startsWith('https://idp.')).length
  }

  /** Goes to the site until the login host has passed the sign-in on, and returns that address. */
  async transferTo(url: string): Promise<string> {
    let next = url
    for (let steps = 0; !next.includes('/.gatehouse/arrive?'); steps++) {
      if (steps > 6) throw new Error(`led to ${next}`)
      const response = await this.at(next).go(next)
      const onward = response.headers.get('Location') ?? onwardOf(await response.text())
      next = new URL(onward, next).href
    }
    return next
  }
}

export const rows = async (table: string) =>
  (await env.DB.prepare(`SELECT * FROM ${table}`).all()).results
export const reasons = (stage: Stage) => refusals(stage).map(({ reason }) => reason)
export const page = async (response: Response) => [response.status, await response.text()] as const
