/** Every operation does the same by the API of a running Worker as by D1: output, exit code, and what is stored. */
import { X509Certificate } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { toAdminToken } from '../../src/admin/admin-token.ts'
import { operations } from '../../src/admin/operations.ts'
import { saveAttempt } from '../../src/attempt/store.ts'
import { toRow } from '../../src/audit/row.ts'
import { everyEvent, listEvents, saveEvents } from '../../src/audit/store.ts'
import { listConnections } from '../../src/connection/store.ts'
import { createGroup } from '../../src/directory/group-store.ts'
import { createUser } from '../../src/directory/provisioned-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { parseDoc, toGroupWrite, toUserWrite } from '../../src/scim/resource.ts'
import { groupType, userType } from '../../src/scim/schema.ts'
import { listDeliveries } from '../../src/webhook/store.ts'
import { createApiStage, type ApiStage } from './api-stage.ts'
import { connectionOf, seedConnection, seedSession, seedUser } from './people.ts'
import { gatehouse, vector, type Ran } from './run.ts'

const noon = toInstant(Date.UTC(2026, 10, 24, 12))
const NUMBER = '3d9a2195-fdf1-4445-a705-ec75e18fc56e'

let stage: ApiStage
beforeAll(async () => {
  stage = await createApiStage()
  await stage.seed(sow)
})
afterAll(() => stage.stop())

async function sow(db: D1Database): Promise<void> {
  await seedConnection(db, connectionOf('acme', { domains: ['acme.com'] }))
  await seedConnection(db, connectionOf('other'))
  const ada = { connection: 'acme', subject: 'ada', userName: 'ada', email: 'ada@acme.com' }
  const user = await seedUser(db, ada, 'user-ada')
  await seedUser(db, { ...ada, connection: 'other', subject: 'ada-2' }, 'user-other-ada')
  for (const id of ['session-1', 'session-2', 'session-3']) await seedSession(db, user, id)
  for (const name of ['bob', 'eve', 'kim', 'slash/50%?#&"\u001b[31m é']) {
    const named = { connection: 'other', subject: name, userName: name }
    await seedSession(db, await seedUser(db, named, `user-${name}`), `session-${name}`)
  }
  const docOf = (own: object) => parseDoc(JSON.stringify({ own, extension: {} }))
  const edition = (id: string) => ({
    connection: 'acme',
    id,
    version: null,
    writeId: id,
    now: noon,
  })
  const lea = toUserWrite(userType, docOf({ active: true, userName: 'lea' }))
  await createUser(db, edition('user-lea'), lea)
  const staff = toGroupWrite(groupType, docOf({ displayName: 'Staff' }))
  await createGroup(db, edition('group-staff'), staff, ['user-lea'])
  const login = (name: string) =>
    ({
      kind: 'login',
      site: 'app.example.com',
      connection: 'acme',
      user: `user-${name}`,
      session: 'session-1',
    }) as const
  const rows = Array.from({ length: 7 }, (_, i) =>
    toRow(login(`gone-${i}`), toInstant(noon + i), null),
  )
  await saveEvents(db, 'done', { rows, dropped: 0 }, noon)
  await saveAttempt(db, {
    pool: 'denied',
    assertion: '_a',
    attempt: {
      id: NUMBER,
      at: noon,
      kind: 'sign-in',
      host: 'app.example.com',
      connection: 'acme',
      reason: 'audience',
      user: null,
      person: 'ada@acme.com',
      facts: { explained: 'Set the Audience.' },
      findings: [{ check: 'Audience is our entity ID', reason: 'audience', says: 'It is wrong.' }],
      document: '<Response ID="_r"/>',
    },
  })
}

/** What differs from run to run, by texts of the same length. */
const steady = (text: string): string =>
  text
    .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'id'.padEnd(36, '-'))
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'time'.padEnd(24, '-'))
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'minute'.padEnd(20, '-'))
    .replace(/msg_[\da-f]{32}/g, 'msg_'.padEnd(36, '-'))
    .replace(/("madeBy": )"[^"]*"|(made by: +)\S.*/g, '$1$2…')
    .replace(/("version": )"\d+"/g, '$1…')
    .replace(
      /(gatehouse_(scim|admin)_|gh_(st|cs)_|whsec_|code=|#|hand-over\/)[\w+/=-]{20,}/g,
      '$1…',
    )

type Side = 'api' | 'd1'
type Kept = Map<string, string>

interface Step {
  readonly words: readonly string[]
  /** Keeps a value of the JSON answer under a name; `{name}` in later words stands for it. */
  readonly keep?: readonly [
    name: string,
    from: (json: Readonly<Record<string, unknown>>) => unknown,
  ]
  /** Only the exit code is the same: the texts have to differ. */
  readonly why?: string
}

const typed = (words: string): readonly string[] =>
  Array.from(words.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? '')
const step = (words: string, more: Omit<Step, 'words'> = {}): Step => ({
  words: typed(words),
  ...more,
})
const idIn = (name: string) => (json: Readonly<Record<string, unknown>>) => Object(json[name]).id

const metadata = vector('responses/metadata/ssp.xml')
const pem = vector('certificates/rsa-2048.pem')

/** A month from now: a service token lives a year at most. */
const expires = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
const ci = `service-token create --name ci --site app.example.com --expires ${expires}`

/** In this order. Each is run by both ways. */
const steps: readonly Step[] = [
  step('overview', { why: 'the API has a token that was used' }),
  step('connection list'),
  step('connection list --json'),
  step('connection show acme'),
  step('connection show acme --for okta'),
  step('connection show nobody'),
  step('connection show nobody --json'),
  step(`connection add made --metadata ${metadata} --for entra --display-name 'Made "here"'`),
  step(`connection add made --metadata ${metadata}`),
  step('connection add bad --entity-id x --sso-url http://x'),
  step('connection add bad --entity-id x --sso-url http://x --json'),
  step(`connection update made --add-certificate ${pem}`),
  step(`connection update made --add-certificate ${pem} --json`),
  step('connection update made --remove-certificate ffffffff'),
  step('connection update made'),
  step('connection update made --if-version 1 --display-name Late'),
  step('connection update made --display-name Kept --json', {
    keep: ['version', ({ version }) => version],
  }),
  step('connection update made --if-version {version} --display-name Newer'),
  step('connection update made --if-version {version} --display-name Older'),
  step('connection update made --if-version {version} --display-name Older --json'),
  step('connection disable made --if-version 1'),
  step('connection disable made'),
  step('connection disable made'),
  step('connection enable made'),
  step('connection begin drawn --display-name Drawn'),
  step('connection begin drawn'),
  step('connection try drawn'),
  step('connection try made'),
  step('connection try made --json', { keep: ['test', ({ id }) => id] }),
  step('sign-in show {test}'),
  step('connection lint made'),
  step('connection metadata made'),
  step('connection refresh made'),
  step('connection accept-metadata made --digest 0123456789'),
  step('connection pin-metadata made --certificate nonsense'),
  step('connection unpin-metadata made'),
  step(`connection handover made --label 'Ada at Acme' --for 7d`),
  step('connection handover made --label x --scim --json', {
    keep: ['handover', idIn('handOver')],
  }),
  step('handover list made'),
  step('handover list'),
  step('handover revoke {handover}'),
  step('handover revoke {handover}'),
  step('connection remove made'),
  step('connection remove made --json'),
  step('connection remove made --yes'),
  step('connection remove made --yes'),
  step('user list'),
  step('user list --connection other --limit 2', { why: 'the cursor has an id in it' }),
  step('user list --limit 2 --json', { keep: ['cursor', ({ next }) => next] }),
  step('user list --limit 2 --cursor {cursor} --json'),
  step('user list --cursor nonsense'),
  step('user list --connection acmee'),
  step('user list --search ad'),
  step('user show ada'),
  step('user show ada --json'),
  step('user show user-ada'),
  step(`user show 'slash/50%?#&"\u001b[31m é'`),
  step(`user show 'slash/50%?#&"\u001b[31m é' --json`),
  step('user show nobody'),
  step('session list user-ada'),
  step('session list user-ada --json'),
  step('session revoke session-1'),
  step('session revoke session-1'),
  step('session revoke'),
  step('sign-in end kim'),
  step('sign-in end kim --json'),
  step('sign-in end kim --yes'),
  step('sign-in end --connection other --yes --json'),
  step('sign-in end --site app.example.com'),
  step('sign-in end --everybody'),
  step('sign-in end --site elsewhere.example.com --yes'),
  step('sign-in end nobody --yes'),
  step('sign-in end --connection acme --everybody --yes'),
  step('user disable ada'),
  step('user disable user-ada'),
  step('user disable user-ada --json'),
  step('user enable user-ada'),
  step('user enable user-ada'),
  step('session list user-ada'),
  step('sign-in end --everybody --yes'),
  step('group list'),
  step('group show Staff --json'),
  step('group show group-staff'),
  step('group show nothing'),
  step('access check lea --method GET --url https://app.example.com/admin'),
  step('access check lea --method GET --url /admin --json'),
  step('access check nobody --method TRACE --url /'),
  step('access check nobody --method GTE --url /'),
  step('access drift'),
  step('join preview acme'),
  step('join preview acme --json'),
  step('join test acme --all'),
  step('scim token create acme --label Okta'),
  step('scim token create acme --label Okta --json', { keep: ['scim', ({ id }) => id] }),
  step('scim token create acme --label Okta --expires soon'),
  step('scim token create acme --label Okta --expires 2020-01-01'),
  step('scim token list acme', { why: 'ids are sorted, and made by chance' }),
  step('scim token revoke {scim}'),
  step('scim token revoke {scim}'),
  step('scim allow-removals acme --for 1h'),
  step('scim hold-removals acme'),
  step('scim held list acme'),
  step('scim request list acme'),
  step('scim drift acme'),
  step('sign-in list'),
  step('sign-in list --json'),
  step(`sign-in show ${NUMBER}`),
  step(`sign-in show ${NUMBER} --json`),
  step('sign-in show 12'),
  step('audit list --kind sign-ins --limit 3', { why: 'only the API has used a token' }),
  step('audit list --kind login'),
  step('audit list --kind login --json --limit 3', { keep: ['events', ({ next }) => next] }),
  step('audit list --kind login --json --limit 3 --cursor {events}'),
  step('audit list --kind nothing'),
  step('audit list --user nobody'),
  step('audit tail --kind login --limit 2'),
  step('audit tail --kind login --json'),
  step('audit tail --user nobody'),
  step('audit export --kind login'),
  step('audit export --kind login --json'),
  step('audit export --kind login --csv'),
  // Of other kinds than changes: the Worker sends those at once, the command line does not.
  step('webhook add https://siem.example.com/hook --kinds refusals,sign-ins'),
  step('webhook add http://siem.example.com/hook'),
  step('webhook add https://siem.example.com/two --kinds failures --json', {
    keep: ['webhook', idIn('webhook')],
  }),
  step('webhook show {webhook}'),
  step('webhook retry {webhook}'),
  step('webhook test {webhook}'),
  step('webhook retry {webhook}'),
  step('webhook show {webhook}'),
  step('webhook show {webhook} --json'),
  step('webhook update {webhook} --off'),
  step('webhook update {webhook} --url https://siem.example.com/three --json'),
  step('webhook retry {webhook}'),
  step('webhook update {webhook} --new-secret --on'),
  step('webhook retry nothing'),
  step('webhook test nothing'),
  step('webhook remove {webhook}'),
  step('webhook remove {webhook}'),
  step('webhook list', { why: 'ids are sorted, and made by chance' }),
  step('signals add https://idp.example.com --connection acme --delivery revocation'),
  step('signals add https://two.example.com --connection acme --delivery revocation --json', {
    keep: ['stream', idIn('stream')],
  }),
  step('signals add https://idp.example.com --connection nobody --delivery revocation'),
  step('signals add https://localhost:1 --connection acme', {
    why: 'only the Worker asks no address of an internal network',
  }),
  step('signals add https://idp.example.com --connection acme --delivery poll'),
  step('signals list --json', { why: 'ids are sorted, and made by chance' }),
  step('signals list --connection other'),
  step('signals show {stream}'),
  step('signals show nothing'),
  step('signals verify {stream}'),
  step('signals poll {stream}'),
  step('signals remove {stream}'),
  step('signals remove {stream}'),
  step(`${ci} --user user-ada --path /api --method GET --description 'Nightly "build"'`),
  step(`${ci} --user user-ada`),
  step(`${ci}-two --group nothing`),
  step(
    'service-token create --name old --user user-ada --site app.example.com --expires 2020-01-01',
  ),
  step('service-token show ci'),
  step('service-token show ci --json'),
  step('service-token show nothing'),
  step('service-token list'),
  step('service-token list --json'),
  step(`service-token rotate ci --expires ${expires} --overlap 12h`),
  step(`service-token rotate ci --expires ${expires} --overlap forever`),
  step('service-token revoke ci'),
  step('service-token revoke ci'),
  step('client add Reports --redirect https://reports.example.net/callback --confidential'),
  step('client add Agent --redirect http://127.0.0.1/callback --device --json', {
    keep: ['client', ({ id }) => id],
  }),
  step('client add Bad --redirect http://reports.example.net/callback'),
  step('client list', { why: 'ids are sorted, and made by chance' }),
  step('client remove {client}'),
  step('client remove {client}'),
  step('grant list'),
  step('grant list --user user-ada --json'),
  step('grant list --client nothing'),
  step('grant revoke nothing'),
  step('user export user-ada', { why: 'only the API reads sessions in KV' }),
  step('user export nobody'),
  step('user erase lea'),
  step('user erase lea --yes', { why: 'only the API reads sessions in KV' }),
  step('user erase lea --yes'),
  step('admin link'),
  step('admin link --json'),
  step('admin token create --label CI --scopes read --scopes people'),
  step('admin token create --label CI --scopes nothing'),
  step('admin token create --label CI --scopes read --json', { keep: ['admin', ({ id }) => id] }),
  step('admin token list', { why: 'only the API has used a token' }),
  step('admin token revoke {admin}'),
  step('admin token revoke {admin}'),
  step('keys list', { why: 'the Worker makes the keys with the connection' }),
  step('keys switch'),
  step('keys switch --back'),
  step('keys retire'),
]

/** These wait for a Worker, and are tried below. */
const waiting = ['keys certificate', 'keys rotate']

/**
 * These are only refused here: they need metadata at a URL, a stream at a transmitter, new keys, or a
 * person who lets a program in.
 */
const needing = [
  'connection metadata',
  'connection refresh',
  'connection accept-metadata',
  'connection pin-metadata',
  'connection unpin-metadata',
  'keys switch',
  'keys retire',
  'signals verify',
  'signals poll',
  'grant revoke',
]

it('is tried for every operation', () => {
  const tried = steps.map(({ words }) => words.join(' '))
  const untried = operations
    .map(({ name }) => name)
    .filter((name) => !waiting.includes(name) && !tried.some((words) => words.startsWith(name)))
  expect(untried).toEqual([])
})

describe('each command, by the API as by D1', () => {
  const kept: Readonly<Record<Side, Kept>> = { api: new Map(), d1: new Map() }
  /** The operations that have succeeded. */
  const done = new Set<string>()

  async function run(side: Side, { words, keep }: Step): Promise<Ran> {
    const args = words.map((word) =>
      word.replace(/^\{(\w+)\}$/, (_, name: string) => kept[side].get(name) ?? `no ${name}`),
    )
    const ran = await (side === 'api' ? stage.byApi(args) : stage.byD1(args))
    if (keep) {
      const value = keep[1](JSON.parse(ran.out))
      if (typeof value !== 'string') throw new Error(`${keep[0]} is not in ${ran.out}`)
      kept[side].set(keep[0], value)
    }
    return ran
  }

  it.each(steps.map((each) => [each.words.join(' '), each] as const))('%s', async (words, each) => {
    const before = stage.cloudflareCalls.length
    const byApi = await run('api', each)
    expect(stage.cloudflareCalls.slice(before)).toEqual([])
    const byD1 = await run('d1', each)
    expect(byApi.out + byApi.err).not.toContain(stage.token)
    if (byApi.code === 0) {
      for (const { name } of operations) if (words.startsWith(name)) done.add(name)
    }
    if (each.why !== undefined) expect(byApi.code).toBe(byD1.code)
    else {
      const [api, d1] = [byApi, byD1].map(({ code, out, err }) => ({
        code,
        out: steady(out),
        err: steady(err),
      }))
      expect(api).toEqual(d1)
    }
  })

  it('has succeeded at least once', () => {
    const names = operations.map(({ name }) => name).filter((name) => !waiting.includes(name))
    expect(names.filter((name) => !done.has(name))).toEqual(needing)
  })

  it('leaves the same behind', async () => {
    const [api, d1] = await Promise.all(
      [stage.worker.db, stage.worker.other].map(async (db) => {
        const connections = await listConnections(db)
        const events = await listEvents(
          db,
          { ...everyEvent, kinds: ['operator'] },
          { order: 'oldest-first', after: null, limit: 500 },
        )
        return {
          connections,
          events: events.map(({ facts, connection, user }) =>
            steady(JSON.stringify({ ...facts, operator: '', actor: '', connection, user })),
          ),
        }
      }),
    )
    expect(api).toEqual(d1)
    expect(api?.events.length).toBeGreaterThan(20)
  })
})

it('a change is sent to webhooks at once by the API, and waits for the Worker by D1', async () => {
  const add = ['webhook', 'add', 'https://siem.example.com/told', '--kinds', 'changes', '--json']
  const [api, d1] = [await stage.byApi(add), await stage.byD1(add)].map(({ out }) =>
    String(JSON.parse(out).webhook.id),
  )
  const told = { kind: 'operator', state: 'waiting', attempts: 1, reason: expect.any(String) }
  await expect.poll(() => listDeliveries(stage.worker.db, api ?? '', 9)).toMatchObject([told])
  const untold = { ...told, attempts: 0, triedAt: null, reason: null }
  expect(await listDeliveries(stage.worker.other, d1 ?? '', 9)).toMatchObject([untold])
})

describe('a list of many pages', () => {
  it('is read to its end by its cursors, each entry once', async () => {
    const found: string[] = []
    let cursor: readonly string[] = []
    do {
      const { out } = await stage.byApi(['user', 'list', '--limit', '3', '--json', ...cursor])
      const { users, next } = JSON.parse(out)
      found.push(...users.map(({ id }: { id: string }) => id))
      cursor = next === undefined ? [] : ['--cursor', next]
      if (next !== undefined) expect(users).toHaveLength(3)
    } while (cursor.length > 0)
    const whole = await stage.byD1(['user', 'list', '--json'])
    expect(found).toEqual(JSON.parse(whole.out).users.map(({ id }: { id: string }) => id))
    expect(new Set(found).size).toBe(found.length)
    expect(found.length).toBeGreaterThan(5)
  })
})

describe('a token', () => {
  it('is asked for its scope', async () => {
    const token = await stage.makeToken(['read'])
    const read = await stage.byApi(['session', 'list', 'user-ada'], { token })
    expect([read.code, read.err]).toEqual([0, ''])
    const change = await stage.byApi(['user', 'disable', 'user-ada'], { token })
    expect(change).toEqual({
      code: 1,
      out: '',
      err: 'The token in GATEHOUSE_API_TOKEN may not do this: it lacks the scope "people".\n',
    })
    const json = await stage.byApi(['user', 'disable', 'user-ada', '--json'], { token })
    expect(JSON.parse(json.out)).toMatchObject({ error: { reason: 'scope-missing' } })
  })

  it('that has expired, or is of another Gatehouse, is refused in words, and is never shown', async () => {
    const ended = await stage.makeToken(['all'], -60)
    const unknown = toAdminToken(new Uint8Array(32).fill(9))
    for (const token of [ended, unknown]) {
      const { code, out, err } = await stage.byApi(['user', 'list'], { token })
      expect([code, out]).toEqual([1, ''])
      expect(err).toContain(`${stage.worker.url} does not take the token in GATEHOUSE_API_TOKEN`)
      expect(err).toContain('npx gatehouse admin token create')
      expect(err).not.toContain(token.slice(16, 40))
    }
  })

  it('names the change in the audit, so no other name is taken', async () => {
    const { code, err } = await stage.byApi(['user', 'enable', 'user-ada', '--as', 'Grace'])
    expect(code).toBe(2)
    expect(err).toContain('--as is not taken with GATEHOUSE_API_TOKEN')
    await stage.byApi(['user', 'disable', 'user-bob'])
    const [event] = await listEvents(
      stage.worker.db,
      { ...everyEvent, kinds: ['operator'], user: 'user-bob' },
      { order: 'newest-first', after: null, limit: 1 },
    )
    expect(event?.facts).toMatchObject({ actor: 'api', operator: 'terminal (token token-1)' })
  })
})

describe('a command that the API has not', () => {
  it('goes to the database, token or not, and says so only where that fails', async () => {
    const before = stage.cloudflareCalls.length
    const { code, out } = await stage.byApi(['check', 'nobody', 'GET', '/'])
    expect([code, out]).toEqual([1, expect.stringContaining('asked to sign in')])
    const named = await stage.byApi(['check', '--login-host', stage.worker.url])
    expect(named).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        '"check" reads the database itself, with GATEHOUSE_API_TOKEN too',
      ),
    })
    expect(stage.cloudflareCalls.length).toBeGreaterThan(before)
  })
})

it('a process of its own does it too, with nothing but the address and the token', async () => {
  const run = (...args: readonly string[]) =>
    gatehouse([...args, '--remote', '--login-host', stage.worker.url], {
      cwd: stage.directory,
      env: { GATEHOUSE_API_TOKEN: stage.token, CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:1' },
    })
  const { code, out, err } = await run('session', 'list', 'user-ada')
  expect([code, err]).toEqual([0, ''])
  const byD1 = await stage.byD1(['session', 'list', 'user-ada'])
  expect(steady(out)).toBe(steady(byD1.out))
})

describe('our keys, which the Worker makes', () => {
  it('are waited for by the API, and the certificate is printed', async () => {
    // As before there was a connection.
    await stage.seed(async (db) => {
      await db.exec('DELETE FROM sp_keys; DELETE FROM sp_generations')
    })
    const { code, out, err } = await stage.byApi(['keys', 'certificate', 'encryption'])
    expect([code, err]).toEqual([0, expect.stringContaining('The Worker makes them')])
    const { subject } = new X509Certificate(out)
    expect(subject).not.toBe('')
    const again = await stage.byApi(['keys', 'certificate', 'encryption', '--set', '1', '--json'])
    expect(JSON.parse(again.out)).toMatchObject({ kind: 'encryption', set: 1, pem: out.trimEnd() })
    const none = await stage.byApi(['keys', 'certificate', 'encryption', '--set', '2'])
    expect(none.err).toContain('There is no set "2": `npx gatehouse keys list --remote')
    const list = await stage.byApi(['keys', 'list'])
    expect(list.out).toMatch(/^1 +current +encryption +[\da-f]{64}/m)
  })

  it('are rotated by the API, and the new ones are waited for', async () => {
    // An isolate reads our keys again after a minute; a new one reads them now.
    await stage.worker.restart()
    const { code, out } = await stage.byApi(['keys', 'rotate'])
    expect([code, out]).toEqual([0, expect.stringMatching(/^The new keys are made: set 2\.\n/)])
    const again = await stage.byApi(['keys', 'rotate'])
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('under way already') })
  })
})

describe('connection test without a response', () => {
  /** What the Worker does when somebody has signed in by the link. */
  async function signIn(reason: string | null): Promise<string> {
    const filter = { ...everyEvent, kinds: ['operator'], connection: 'other' }
    const page = { order: 'newest-first', after: null, limit: 20 } as const
    const tested = new Set(tests)
    const id = await vi.waitUntil(
      async () => {
        const events = await listEvents(stage.worker.db, filter, page)
        const made = events.find(
          ({ facts }) =>
            facts['command'] === 'connection try' && !tested.has(String(facts['test'])),
        )
        return made ? String(made.facts['test']) : null
      },
      { timeout: 120_000, interval: 200 },
    )
    tests.push(id)
    await saveAttempt(stage.worker.db, {
      pool: 'test',
      assertion: null,
      attempt: {
        id,
        at: toInstant(Date.now()),
        kind: 'test',
        host: 'login.example.com',
        connection: 'other',
        reason,
        user: null,
        person: 'ada@acme.com',
        facts: {},
        findings: [{ check: 'Audience is our entity ID', reason, says: null }],
        document: null,
      },
    })
    return id
  }
  const tests: string[] = []

  it('prints the link, waits for the sign-in, and says what would become of it', async () => {
    const [{ code, out, err }, id] = await Promise.all([
      stage.byApi(['connection', 'test', 'other']),
      signIn(null),
    ])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain(`\nLink: ${stage.worker.url}/.gatehouse/test-sign-in?code=`)
    expect(out.indexOf('Waiting for')).toBeLessThan(out.indexOf('VERDICT'))
    expect(out).toMatch(new RegExp(`number: +${id}`))
    expect(out).toMatch(/^ok +Audience is our entity ID/m)
    expect(out).toContain('\nIt would be accepted. Nobody was signed in.\n')
  })

  it('is one document as JSON, and a refusal as an exit code', async () => {
    const [{ code, out, err }, id] = await Promise.all([
      stage.byApi(['connection', 'test', 'other', '--json']),
      signIn('audience'),
    ])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ id, isAccepted: false, reason: 'audience' })
    expect(err).toContain('/.gatehouse/test-sign-in?code=')
  })

  it('is refused where there is nothing to test', async () => {
    const { code, out, err } = await stage.byApi(['connection', 'test', 'nobody'])
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('There is no connection "nobody".')
  })
})

describe('a created thing whose answer is lost', () => {
  it('is there once, and its secret is shown', async () => {
    let lost = 0
    // Passes everything on, and breaks off the first answer to each change.
    const proxy = http.createServer((request, response) => {
      const { method, url, headers } = request
      const to = new URL(stage.worker.url)
      const passed = http.request(
        {
          host: '127.0.0.1',
          port: to.port,
          method,
          path: url,
          headers: { ...headers, host: to.host },
        },
        (answer) => {
          if (method === 'POST' && lost++ === 0) {
            answer.resume().on('end', () => response.destroy())
            return
          }
          response.writeHead(answer.statusCode ?? 500, answer.headers)
          answer.pipe(response)
        },
      )
      request.pipe(passed)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    try {
      const create = ['scim', 'token', 'create', 'other', '--label', 'lost', '--login-host', url]
      const { code, out, err } = await stage.byApi(create)
      expect([code, err, lost]).toEqual([0, '', 2])
      expect(out).toMatch(/^Token: gatehouse_scim_[\w-]{43}$/m)
      const list = await stage.byApi(['scim', 'token', 'list', 'other', '--json'])
      expect(JSON.parse(list.out)).toMatchObject({ tokens: [{ label: 'lost' }] })
      expect(JSON.parse(list.out).tokens).toHaveLength(1)
    } finally {
      proxy.closeAllConnections()
      proxy.close()
    }
  })
})

it('nothing that the Worker logged has a token in it', () => {
  expect(stage.worker.logged.length).toBeGreaterThan(0)
  expect(stage.worker.logged.join('\n')).not.toMatch(/gatehouse_(admin|scim)_|whsec_/)
})
