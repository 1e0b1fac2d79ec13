import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { experimental_readRawConfig } from 'wrangler'
import { faultsOfDeploy, isUnreachable } from '../../cli/deploy/faults.ts'
import {
  askGate,
  judgeReply,
  questionsOf,
  type Question,
  type Reply,
} from '../../cli/deploy/gate.ts'
import { remarksOnHosts } from '../../cli/deploy/hosts.ts'
import { makeDatabase, makeNamespace, findStores } from '../../cli/deploy/stores.ts'
import {
  findDeployedWorker,
  findTakenDomains,
  openAccount,
  type Account,
} from '../../cli/deploy/account.ts'
import { nextSteps } from '../../cli/deploy/next.ts'
import { readPlan, type Plan } from '../../cli/deploy/plan.ts'
import { adviseOn, explainRefusal } from '../../cli/refusal.ts'
import { findDatabase, waitFor } from '../../cli/remote.ts'
import { filesOf } from '../../create-gatehouse/src/files.ts'
import { parseConfig } from '../../src/config.ts'
import { ACCOUNT, startCloudflare, TOKEN, type Cloudflare } from '../support/cloudflare/api.ts'

const bound = { kv: ['SESSIONS'], d1: ['DB'], services: ['WIKI'] }

describe('a host that no route leads to', () => {
  const remarks = (patterns: readonly string[], others: readonly string[] = []) => {
    const hosts = ['wiki.example.com', '*.preview.example.com', 'gate.team.workers.dev']
    const sites = hosts.map((host) => ({
      url: `https://${host}`,
      origin: host.startsWith('*') ? 'https://*.example.net' : 'https://origin.example.net',
      routes: [{ path: '/', access: 'public' }],
    }))
    const config = parseConfig({ loginHost: { url: 'https://login.example.com' }, sites })
    if (!config.ok) throw new Error('the config has faults of its own')
    return remarksOnHosts(config.value, patterns, others).map((each) => each.split(' ')[0])
  }
  const all = ['wiki.example.com', '*.preview.example.com', 'login.example.com']

  // https://developers.cloudflare.com/workers/configuration/routing/routes/#matching-behavior
  it.each([
    [[], all],
    [['wiki.example.com'], ['*.preview.example.com', 'login.example.com']],
    [['wiki.example.com/*', 'https://login.example.com/*'], ['*.preview.example.com']],
    [['*.preview.example.com/*'], ['wiki.example.com', 'login.example.com']],
    [['*.example.com/*'], []],
    [['*example.com/*'], []],
    [['example.com/*', 'iki.example.com', 'wiki.example.com.evil.test'], all],
  ])('by routes %j is named: %j', (patterns, missing) => {
    expect(remarks(patterns)).toEqual(missing)
  })

  it.each(['--route', '--domains=wiki.example.com'])('may be given by %s', (option) => {
    expect(remarks([], [option])).toEqual([])
  })
})

describe('what cannot work once it is deployed', () => {
  // RFC 6890 §2.2, RFC 6761 §6.3, RFC 6762 §3, RFC 8375 §3.
  it.each([
    'localhost',
    'wiki.localhost',
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.255.1',
    '192.168.0.10',
    '169.254.169.254',
    '100.64.0.1',
    '[::1]',
    '[::]',
    '[fd12:3456::1]',
    '[fe80::1]',
    '[::ffff:127.0.0.1]',
    'intranet',
    'nas.local',
    'wiki.corp.internal',
    'router.home.arpa',
  ])('an origin at %s is reachable from here only', (host) => {
    expect(isUnreachable(new URL(`http://${host}/`))).toBe(true)
  })

  it.each(['wiki.example.net', '172.32.0.1', '11.0.0.1', '100.128.0.1', '[2606:4700::1111]'])(
    'an origin at %s may be reachable',
    (host) => expect(isUnreachable(new URL(`http://${host}/`))).toBe(false),
  )

  const faultsOf = (url: string, origin: string | { service: string }, has = bound) => {
    const config = parseConfig({
      sites: [{ url, origin, routes: [{ path: '/', access: 'public' }] }],
    })
    if (!config.ok) throw new Error('the config has faults of its own')
    return faultsOfDeploy(config.value, has)
  }

  it('names a service that is not bound, a store that is not, and a site of this machine', () => {
    expect(faultsOf('https://app.example.com', { service: 'WIKI' })).toEqual([])
    expect(faultsOf('https://app.example.com', { service: 'BLOG' })).toEqual([
      expect.stringContaining('no service binding "BLOG"'),
    ])
    expect(faultsOf('https://localhost:8787', 'https://origin.example.net')).toEqual([
      expect.stringContaining('https://localhost:8787 is an address of this machine'),
    ])
    const none = { kv: [], d1: [], services: [] }
    expect(faultsOf('https://app.example.com', 'https://origin.example.net', none)).toEqual([
      expect.stringContaining('no KV namespace "SESSIONS"'),
      expect.stringContaining('no D1 database "DB"'),
    ])
  })
})

const settingsOf = (routes: readonly object[], more: object = {}) => {
  const config = parseConfig({
    sites: [{ url: 'https://app.example.com', origin: 'https://origin.example.net', routes }],
    ...more,
  })
  if (!config.ok) throw new Error('the config has faults of its own')
  return config.value
}
const signedIn = [{ path: '/', access: 'signed-in' }]

describe('what the deployed gate is asked', () => {
  const closed: Question = { kind: 'closed', url: 'https://app.example.com/' }
  const ready: Question = { kind: 'ready', url: 'https://app.example.com/.gatehouse/health/ready' }
  const gate401: Reply = {
    status: 401,
    type: 'application/json',
    challenge: 'Gatehouse login_url="https://app.example.com/.gatehouse/login?to=%2F"',
    body: '{}',
  }
  const health = (status: number, document: object): Reply => ({
    status,
    type: 'application/health+json',
    challenge: '',
    body: JSON.stringify(document),
  })
  const well = health(200, { status: 'pass', checks: {} })

  it('is whether it is ready, and for each site a path that nobody may open without a session', () => {
    const routes = [
      { path: '/', access: 'public' },
      { path: '/teams/*/board', access: { group: 'Staff', connection: 'acme' } },
    ]
    expect(questionsOf(settingsOf(routes))).toEqual([
      ready,
      { kind: 'closed', url: 'https://app.example.com/teams/gatehouse-check/board' },
    ])
    const readable = [{ path: '/', access: { public: 'GET', otherwise: 'signed-in' } }]
    for (const open of [[{ path: '/', access: 'public' }], readable]) {
      expect(questionsOf(settingsOf(open)).at(-1)).toEqual({
        kind: 'alive',
        url: 'https://app.example.com/.gatehouse/health',
      })
    }
  })

  it('is answered well by the gate only', () => {
    expect(judgeReply(ready, well)).toBeNull()
    expect(judgeReply(closed, gate401)).toBeNull()
    const alsoBearer = { ...gate401, challenge: `Bearer realm="x", ${gate401.challenge}` }
    expect(judgeReply(closed, alsoBearer)).toBeNull()
  })

  it.each([
    ['a page', { ...gate401, status: 200, challenge: '' }, 'THE SITE IS OPEN'],
    ['a redirect', { ...gate401, status: 302, challenge: '' }, 'THE SITE IS OPEN'],
    [
      "a 401 that is the site's own",
      { ...gate401, challenge: 'Basic realm="x"' },
      'Something else',
    ],
    ['a challenge of a firewall', { ...gate401, status: 403, challenge: '' }, 'Something else'],
    ['a name that is not known', { fault: 'ENOTFOUND' }, 'is a name that nobody knows yet.'],
    ['no certificate', { fault: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'has no certificate yet.'],
    [
      'a handshake that fails',
      { fault: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' },
      'has no certificate yet.',
    ],
    ['silence', { fault: 'ETIMEDOUT' }, 'does not answer (ETIMEDOUT).'],
  ])('is not answered well by %s', (_, reply: Reply, says) =>
    expect(judgeReply(closed, reply)).toContain(says),
  )

  it('names the store that the gate does not reach', () => {
    const checks = {
      'kv:responses': [{ status: 'pass' }],
      'd1:responses': [{ status: 'fail' }],
    }
    expect(judgeReply(ready, health(503, { status: 'fail', checks }))).toContain(
      'does not reach D1. npx wrangler tail shows the reason.',
    )
    expect(judgeReply(ready, { ...well, type: 'text/html' })).toContain('not as Gatehouse does')
  })

  it('is asked again while a new name spreads, and no longer than allowed', async () => {
    const told: (readonly string[])[] = []
    const paused: number[] = []
    const asking = (replies: readonly Reply[], seconds: number) => {
      const left = [...replies]
      return askGate([ready], {
        ask: async () => left.shift() ?? { fault: 'ENOTFOUND' },
        pause: async (pause) => paused.push(pause),
        note: (faults) => void told.push(faults),
        seconds,
      })
    }
    expect(await asking([{ fault: 'ENOTFOUND' }, { fault: 'EPROTO' }, well], 60)).toEqual([])
    expect([paused, told.length]).toEqual([[2, 4], 1])
    paused.length = 0
    expect(await asking([], 60)).toEqual([`${ready.url} is a name that nobody knows yet.`])
    expect(paused).toEqual([2, 4, 8, 16, 20])
    expect(await asking([], 0)).toHaveLength(1)
    expect(paused).toHaveLength(5)
  })
})

describe('what is left to do', () => {
  const given = ' --remote --env staging'
  const own = { loginHost: { url: 'https://login.example.com' } }

  it('is what is not there yet, at the addresses of this deploy', () => {
    const first = nextSteps(settingsOf(signedIn, own), { connections: [], provisioned: [] }, given)
    expect(first).toContain(`connection add okta --metadata <url or file> --for okta${given}\n`)
    expect(first).toContain('https://login.example.com/.gatehouse/saml/okta/acs')
    expect(first).toContain(`npx gatehouse admin link${given}`)
    const acme = { connections: ['acme', 'other'], provisioned: ['acme'] }
    const second = nextSteps(settingsOf(signedIn, own), acme, given)
    expect(second).not.toContain('connection add')
    expect(second).toContain(`scim token create other${given}\n`)
    expect(second).toContain('https://login.example.com/.gatehouse/scim/other/v2')
    const all = { connections: ['acme'], provisioned: ['acme'] }
    const admins = { admins: { owner: { email: 'ada@acme.com', connection: 'acme' } } }
    expect(nextSteps(settingsOf(signedIn, { ...own, ...admins }), all, given)).toBe(
      'Next:\n  1. Open the console: https://login.example.com/.gatehouse/admin',
    )
  })
})

describe('what Cloudflare refuses', () => {
  it.each([
    [403, 10000, 'Authentication error', 'npx wrangler login'],
    [
      403,
      9109,
      'Unauthorized to access requested resource',
      'the permissions in docs/deploying.md',
    ],
    [400, 6111, 'Invalid format for Authorization header', 'Copy it again'],
    [404, 7003, 'Could not route to /accounts/x', 'CLOUDFLARE_ACCOUNT_ID'],
    [400, 7406, 'limit reached', 'npx wrangler d1 delete'],
    [400, 10014, 'a namespace with this account ID and title already exists', 'another name'],
    [409, 10020, 'workers.api.error.duplicate_route', 'Take the route from it'],
    [409, 100117, 'origin_conflict_existing_dns_record', 'Delete the record'],
    [400, 0, 'Could not find zone for `wiki.example.org`.', 'no zone of this account'],
    [429, 971, 'Please wait', 'Wait a few minutes'],
    [429, 0, 'slow down', 'Wait five minutes'],
    [500, 0, 'internal error', 'https://www.cloudflarestatus.com'],
  ])('%i, %i (%s) has a way on', (status, code, message, says) => {
    const text = explainRefusal(status, [{ code, message }])
    expect(text).toContain(message.replace(/\.$/, ''))
    expect(text).toContain(says)
  })

  it('gives only the words of Cloudflare for what is not known', () => {
    expect(explainRefusal(400, [{ code: 12345, message: 'no such thing' }])).toBe(
      'Cloudflare refused (400): no such thing [12345].',
    )
    expect(adviseOn(null, [])).toBe('')
  })

  it('is asked for again where that is safe, as often and as late as Cloudflare says', () => {
    const answer = (status: number, after?: string) =>
      new Response(null, { status, headers: after === undefined ? {} : { 'Retry-After': after } })
    const read = { isRead: true, tried: 1 }
    expect(waitFor(answer(429, '7'), { isRead: false, tried: 1 })).toBe(7)
    expect(waitFor(answer(429, '3600'), read)).toBeNull()
    expect(waitFor(answer(429, 'Fri, 27 Nov 2026 22:00:00 GMT'), read)).toBeNull()
    expect(waitFor(answer(503), read)).toBe(1)
    // It may have been done.
    expect(waitFor(answer(503), { isRead: false, tried: 1 })).toBeNull()
    expect(waitFor(answer(503), { isRead: true, tried: 3 })).toBeNull()
    expect(waitFor(answer(403), read)).toBeNull()
    expect(waitFor(null, read)).toBe(1)
    expect(waitFor(null, { isRead: false, tried: 1 })).toBeNull()
    expect(waitFor(null, { isRead: true, tried: 3 })).toBeNull()
  })
})

describe('the stores in the account', () => {
  const plan: Plan = {
    worker: 'gatehouse',
    accountId: undefined,
    kv: { binding: 'SESSIONS', id: null, title: 'gatehouse-sessions' },
    d1: { binding: 'DB', id: null, name: 'gatehouse', jurisdiction: null },
    bound,
    patterns: [],
    domains: [],
    assets: null,
    entry: null,
  }
  let cloudflare: Cloudflare
  let account: Account
  beforeAll(async () => {
    cloudflare = await startCloudflare([
      { id: 'z', name: 'example.com', records: ['wiki.example.com'] },
    ])
    account = await accountOf(TOKEN)
  })
  afterAll(() => cloudflare.stop())

  async function accountOf(token: string): Promise<Account> {
    const opened = await openAccount(
      {
        CLOUDFLARE_API_BASE_URL: cloudflare.url,
        CLOUDFLARE_API_TOKEN: token,
        CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
      },
      undefined,
    )
    if (!opened.ok) throw new Error(opened.error.message)
    return opened.value
  }
  const messageOf = (result: {
    readonly ok: boolean
    readonly error?: { readonly message: string }
  }) => (result.ok ? 'it worked' : result.error?.message)

  it('are none at first; a token that may not look is told what it lacks', async () => {
    expect(await findDeployedWorker(account, 'gatehouse')).toEqual({ ok: true, value: null })
    expect(await findStores(account, plan, null)).toEqual({
      ok: true,
      value: { kv: null, d1: null },
    })
    const other = await accountOf('another-token')
    expect(messageOf(await findStores(other, plan, null))).toContain(
      'Cloudflare refused (403): Authentication error [10000]. Your login is not accepted',
    )
  })

  it.each(['cut-before', 'cut-after', 'cut-within'] as const)(
    'are found by a read that is asked again: %s',
    async (how) => {
      const before = cloudflare.calls.length
      cloudflare.fail({ on: /^GET .*\/d1\/database$/, how })
      expect(await findDatabase(account.call, account.path, 'no-such')).toEqual({
        ok: true,
        value: null,
      })
      expect(cloudflare.calls.slice(before)).toHaveLength(2)
    },
  )

  it('are not made when the account is full, and the way on is named', async () => {
    const how = { status: 400, code: 7406, message: 'limit reached' }
    cloudflare.fail({ on: /^POST .*\/d1\/database$/, how })
    expect(messageOf(await makeDatabase(account, plan))).toContain('npx wrangler d1 delete <name>')
    expect(cloudflare.account.databases).toEqual([])
  })

  it.each(['cut-before', 'cut-after'] as const)('are made once: %s', async (how) => {
    const name = `of-${how}`
    const named = { ...plan, kv: { ...plan.kv, title: name }, d1: { ...plan.d1, name } }
    cloudflare.fail({ on: /^POST .*\/namespaces$/, how })
    cloudflare.fail({ on: /^POST .*\/d1\/database$/, how })
    const [kv, d1] = [await makeNamespace(account, named), await makeDatabase(account, named)]
    expect([kv.ok, d1.ok]).toEqual(how === 'cut-after' ? [true, true] : [false, false])
    const [again, once] = [await makeNamespace(account, named), await makeDatabase(account, named)]
    expect([again.ok, once.ok]).toEqual([true, true])
    const { namespaces, databases } = cloudflare.account
    expect(namespaces.filter(({ title }) => title === name)).toHaveLength(1)
    expect(databases.filter((each) => each.name === name)).toHaveLength(1)
    expect(await findStores(account, named, null)).toEqual({
      ok: true,
      value: { kv: again.ok && again.value, d1: once.ok && once.value },
    })
  })

  it("are the Worker's own; an empty database never takes the place of the one that it has", async () => {
    const stores = new Map([
      ['SESSIONS', 'kv-of-before'],
      ['DB', 'd1-of-before'],
    ])
    const worker = { secrets: [], version: 'v', stores }
    const other = { ...plan, d1: { ...plan.d1, name: 'mistyped' } }
    expect(messageOf(await findStores(account, other, worker))).toContain(
      'The Worker gatehouse has a database already, and it is not called "mistyped".',
    )
    const named = { ...plan, d1: { ...plan.d1, name: 'of-cut-after' } }
    expect(await findStores(account, named, worker)).toMatchObject({
      value: { kv: 'kv-of-before' },
    })
  })

  it('a custom domain that something else has is found before wrangler takes it', async () => {
    cloudflare.account.workers.set('shop', {
      name: 'shop',
      versions: [],
      live: null,
      routes: [],
      domains: [{ hostname: 'shop.example.com' }],
      crons: [],
    })
    const wanted = ['shop.example.com', 'wiki.example.com', 'free.example.com']
    const domains = wanted.map((hostname) => ({ hostname }))
    expect(await findTakenDomains(account, 'gatehouse', domains)).toEqual([
      'shop.example.com belongs to the Worker shop',
      'wiki.example.com has a DNS record already',
    ])
    expect(await findTakenDomains(account, 'shop', domains.slice(0, 1))).toEqual([])
  })
})

describe('a Deploy to Cloudflare button', () => {
  // Cloudflare's documentation: workers/platform/deploy-buttons.
  const shape = v.looseObject({
    scripts: v.looseObject({ deploy: v.string() }),
    cloudflare: v.object({ bindings: v.record(v.string(), v.object({ description: v.string() })) }),
  })
  const answers = {
    site: new URL('https://wiki.example.com'),
    origin: new URL('https://origin.example.net'),
    idp: 'generic',
  } as const
  const own = ['package.json', 'wrangler.toml'].map((name) =>
    readFileSync(join(import.meta.dirname, '../..', name), 'utf8'),
  )
  const made = filesOf('my-gate', answers)

  it.each([
    ['this repository', own[0], own[1], readdirSync(join(import.meta.dirname, '../..'))],
    ['a project', made['package.json'], made['wrangler.toml'], Object.keys(made)],
  ])('finds in %s what it asks for', async (_, manifest = '', toml = '', files) => {
    const { scripts, cloudflare } = v.parse(shape, JSON.parse(manifest))
    expect(scripts.deploy).toMatch(/\bdeploy$/)
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-button-'))
    await writeFile(join(folder, 'wrangler.toml'), toml)
    const { rawConfig } = experimental_readRawConfig({ config: join(folder, 'wrangler.toml') })
    await rm(folder, { recursive: true })
    const [kv, d1] = [rawConfig.kv_namespaces?.[0], rawConfig.d1_databases?.[0]]
    expect(rawConfig.name).toMatch(/^[a-z-]+$/)
    expect([kv?.id, d1?.database_id, d1?.database_name]).toEqual([
      undefined,
      undefined,
      rawConfig.name,
    ])
    const asked = [kv?.binding, d1?.binding, ...(rawConfig.secrets?.required ?? [])]
    expect(Object.keys(cloudflare.bindings)).toEqual(asked)
    for (const { description } of Object.values(cloudflare.bindings)) {
      expect(description).toMatch(/^[A-Z][^\n]{20,200}\.$/)
    }
    // An example of a secret would be filled in, and taken.
    expect(files.filter((name) => /example/.test(name))).toEqual([])
  })

  it('may give the Worker another name: stores are called after it', () => {
    vi.stubEnv('WRANGLER_CI_OVERRIDE_NAME', 'front-door')
    const plan = readPlan(settingsOf(signedIn))
    vi.unstubAllEnvs()
    expect(plan).toMatchObject({
      value: { worker: 'front-door', kv: { title: 'front-door-sessions' } },
    })
  })
})
