/** Policies by command: one request explained, expectations, and two configs compared. */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { setUserActive } from '../../src/directory/sign-in-store.ts'
import { compare } from '../../cli/policy/compare.ts'
import { toKept } from '../../cli/policy/deployed.ts'
import { readEverybody } from '../../cli/policy/people.ts'
import { fillDirectory } from '../../tools/stage/fill.ts'
import { connectionOf, now, seedConnection, seedSession, seedUser } from './people.ts'
import { createStage, gatehouse, type Stage } from './run.ts'

const root = resolve(import.meta.dirname, '../..')
const source = (routes: string, rules = '') =>
  `import { defineConfig } from ${JSON.stringify(join(root, 'src/config.ts'))}
export default defineConfig({ ${rules} sites: [{
  url: 'https://wiki.example.com',
  origin: 'https://origin.example.net',
  connections: ['okta', 'acme'],
  trust: 'every-connection',
  routes: [${routes}],
}] })
`
const usual = source(
  `{ path: '/', access: 'signed-in' },
   { path: '/news', access: { public: 'GET', otherwise: { group: 'editors' } } },
   { path: '/admin', access: { allOf: [{ group: 'admins' }, { rule: 'office' }] } },
   { path: '/fresh', access: { allOf: [{ group: 'admins' }, { signedInWithin: '1h' }] } },
   { path: '/legal', access: { attribute: 'department', value: 'Legal' } }`,
  `rules: { office: { ip: '192.0.2.0/24' } },`,
)

let stage: Stage
let config: string
beforeAll(async () => {
  stage = await createStage()
  const folder = join(stage.directory, 'project')
  mkdirSync(folder)
  config = join(folder, 'gatehouse.config.ts')
  await writeFile(config, usual)
  await stage.withStore(async (db) => {
    await seedConnection(db, connectionOf('okta'))
    await seedConnection(db, connectionOf('acme', { provisioning: 'jit+scim' }))
    const person = (id: string, email: string) =>
      seedUser(db, { connection: 'okta', subject: id, userName: id, email }, id)
    await seedSession(db, await person('ada', 'ada@example.com'), 'session-ada', ['admins'])
    await person('bob', 'bob@example.com')
    await person('out', 'out@example.com')
    await setUserActive(db, 'out', false, now())
    await fillDirectory(
      db,
      { connection: 'acme', users: 10_000, groups: 20, prefix: 'p' },
      Date.now(),
    )
    // Every tenth person is an editor.
    await db.batch([
      db.prepare(
        "UPDATE scim_groups SET name = 'editors', name_fold = 'editors' WHERE id = 'p-g-0'",
      ),
      db.prepare(
        "INSERT INTO scim_members (group_id, user_id) SELECT 'p-g-0', id FROM users WHERE connection = 'acme' AND id LIKE '%0'",
      ),
    ])
  })
})
afterAll(() => stage.remove())

const check = (...args: string[]) => stage.runWith(config, ['check', ...args])

describe('check of a person and a request', () => {
  it('says the answer and each part of the rule, and exits by it', async () => {
    const refused = await check('ada@example.com', 'GET', '/admin')
    expect(refused.code).toBe(1)
    expect(refused.out).toBe(`ada@example.com (okta): GET https://wiki.example.com/admin
route      https://wiki.example.com/admin
not known  all of
yes          group admins
not known    rule office
not known      an address in 192.0.2.0/24  (ip is not known)
answer     refused: needs office (an address in 192.0.2.0/24) (not known: ip)
`)
    const allowed = await check('ada', 'GET', 'https://wiki.example.com/admin', '--ip', '192.0.2.9')
    expect([allowed.code, allowed.out.split('\n').at(-2)]).toEqual([0, 'answer     allowed'])
  })

  it.each([
    ['bob', 'GET', '/admin', 1, 'refused: needs all of (group admins (not known: groups), office'],
    ['bob', 'GET', '/', 0, 'allowed'],
    ['nobody', 'GET', '/', 1, 'asked to sign in'],
    ['nobody', 'GET', '/news', 0, 'allowed'],
    ['nobody', 'POST', '/news', 1, 'asked to sign in'],
    ['out', 'GET', '/', 1, 'refused: the person is disabled, or their connection is'],
    ['out', 'GET', '/news', 0, 'allowed'],
    ['p-10', 'POST', '/news', 0, 'allowed'],
    ['p-11', 'POST', '/news', 1, 'refused: needs group editors'],
    [
      'ada',
      'GET',
      '/legal',
      1,
      'refused: needs attribute department = Legal (not known: attributes)',
    ],
    ['ada', 'GET', '/news/..%2fadmin', 1, 'refused: servers may read the path in ways'],
    [
      'ada',
      'GET',
      'https://other.example.com/',
      1,
      'refused: no site of the config has this address',
    ],
    ['ada', 'GET', '/.gatehouse/login', 1, 'answered by Gatehouse itself'],
  ])('%s %s %s: exit code %i', async (person, method, path, code, answer) => {
    const ran = await check(person, method, path)
    expect([ran.code, ran.out]).toEqual([code, expect.stringContaining(`answer     ${answer}`)])
  })

  it('goes by when and how the person signed in', async () => {
    expect((await check('ada', 'GET', '/fresh')).code).toBe(0)
    const { code, out } = await check('ada', 'GET', '/fresh', '--signed-in', '2h')
    expect([code, out]).toEqual([
      1,
      expect.stringContaining('answer     asked to sign in again: needs a sign-in within 1 hour'),
    ])
  })

  it('has the whole decision as JSON', async () => {
    const { code, out } = await check('p-11', 'POST', '/news', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      person: 'p000011@example.com',
      isAllowed: false,
      route: '/news',
      why: { holds: false, by: 'groups' },
    })
  })

  it.each([
    [['ada', 'GET'], /Say who asks for what/],
    [['eve', 'GET', '/'], /Nobody is called "eve"/],
    [['ada', 'GET', 'admin'], /must be a method and an address/],
    [['ada', 'TRACE', '/'], /has TRACE, which the gate always refuses/],
    [['ada', 'GTE', '/'], /has GTE, which is not a method .* \(did you mean GET\?\)/],
    [['ada', 'BREW', '/'], /has BREW, which is not a method .* \(it takes GET, HEAD, POST, /],
    [['ada', 'GET', '/', '--ip', '1.2.3'], /has no IP address/],
    [['ada', 'GET', '/', '--at', 'noon'], /--at must be a moment/],
    [['ada', 'GET', '/', '--country', 'Germany'], /has no country code/],
  ])('is refused with what is right: %j', async (args, message) => {
    const { code, err } = await check(...args)
    expect(code).toBeGreaterThan(0)
    expect(err).toMatch(message)
  })
})

describe('test', () => {
  const run = async (tests: string) => {
    await writeFile(
      join(stage.directory, 'project', 'gatehouse.test.ts'),
      `import { defineTests } from ${JSON.stringify(join(root, 'src/config.ts'))}
export default defineTests({ people: {
  ada: { connection: 'okta', email: 'ada@example.com', groups: ['admins'], attributes: { department: 'Legal' } },
  eve: { connection: 'other' },
}, expect: [${tests}] })
`,
    )
    return stage.shell.run(['test', '--config', config])
  }

  it('says that all are met', async () => {
    const ran = await run(`
      { who: 'ada', may: ['/', 'GET /admin', 'GET https://wiki.example.com/legal'], from: { ip: '192.0.2.1' } },
      { who: 'ada', mayNot: ['/admin', 'POST /news'] },
      { who: ['eve', 'nobody'], may: '/news', mayNot: ['/', 'PUT /news'] }`)
    expect(ran).toEqual({ code: 0, out: '11 expectations, all met.\n', err: '' })
  })

  it('shows what was expected, what the answer is, and why', async () => {
    const { code, out } = await run(`
      { who: 'ada', may: ['/', '/admin'] },
      { who: 'nobody', mayNot: '/news' }`)
    expect(code).toBe(1)
    expect(out).toBe(`ada: /admin
  - expected   may
  + answer     refused: needs office (an address in 192.0.2.0/24) (not known: ip)
    route      https://wiki.example.com/admin
    not known  all of
    yes          group admins
    not known    rule office
    not known      an address in 192.0.2.0/24  (ip is not known)

nobody: /news
  - expected   may not
  + answer     allowed
    route      https://wiki.example.com/news

2 of 3 expectations not met.
`)
  })

  it.each([
    [`{ who: 'ad', may: '/' }`, /expect\[0\]\.who names ad, who is not among people/],
    [`{ who: 'ada' }`, /expect\[0\] has neither may nor mayNot/],
    [`{ who: 'ada', may: 'GET' }`, /"GET" must be a method and an address/],
    [`{ who: 'ada', mayNot: 'DELTE /' }`, /"DELTE \/" has DELTE, .* \(did you mean DELETE\?\)/],
    [`{ who: 'ada', may: '/', at: 'noon' }`, /expect\[0\]\.at must be a moment/],
    [
      `{ who: 'ada', may: '/', from: { country: 'Germany' } }`,
      /expect\[0\]\.from has no country code/,
    ],
    [`{ who: 'ada', my: '/' }`, /expect\.0\.my is not an option here \(did you mean may\?\)/],
    [``, /expect must have an expectation/],
  ])('refuses %s and says why', async (tests, message) => {
    const { code, err } = await run(tests)
    expect([code, err]).toEqual([1, expect.stringMatching(message)])
  })
})

describe('diff', () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: join(stage.directory, 'project'),
    })
  const people = JSON.stringify({
    ada: { connection: 'okta', groups: ['admins', 'staff'] },
    bob: { connection: 'okta', groups: ['editors'] },
  })

  beforeAll(async () => {
    await writeFile(join(stage.directory, 'people.json'), people)
    git('init', '-q', '-b', 'main')
    git('add', 'gatehouse.config.ts')
    git('commit', '-qm', 'one')
  })
  const withConfig = async <T>(text: string, use: () => Promise<T>): Promise<T> => {
    await writeFile(config, text)
    try {
      return await use()
    } finally {
      await writeFile(config, usual)
    }
  }
  const diff = (...args: string[]) =>
    stage.runWith(config, ['diff', '--people', join(stage.directory, 'people.json'), ...args])

  it('says that nothing changes', async () => {
    expect(await diff('--against', 'main')).toMatchObject({
      code: 0,
      out: 'Nothing changes. 2 people and a visitor who is not signed in were asked for.\n',
    })
  })

  it('says who gains and who loses what, by which request and from where', async () => {
    const changed = usual
      .replace(
        `{ public: 'GET', otherwise: { group: 'editors' } }`,
        `{ group: ['editors', 'staff'] }`,
      )
      .replace(`'192.0.2.0/24'`, `['192.0.2.0/24', '203.0.113.0/24']`)
      .replace(`access: 'signed-in'`, `access: { group: 'staff' }`)
    const { code, out } = await withConfig(changed, () => diff('--against', 'main', '--json'))
    expect(code).toBe(1)
    const { changes } = JSON.parse(out)
    const said = changes.map(
      (change: { request: string; from: string; before: string; after: string; who: string[] }) =>
        `${change.request} ${change.from}: ${change.before} → ${change.after}: ${change.who.join(', ')}`,
    )
    expect(said).toContain('GET https://wiki.example.com/ : yes → no: bob')
    expect(said).toContain('GET https://wiki.example.com/news : yes → no: nobody')
    expect(said).toContain('POST https://wiki.example.com/news : no → yes: ada')
    expect(said).toContain('GET https://wiki.example.com/admin 203.0.113.0: no → yes: ada')
    expect(
      said.filter((line: string) => line.includes('/admin') && !line.includes('203.')),
    ).toEqual([])
    const { out: text } = await withConfig(changed, () => diff('--against', 'main'))
    expect(text).toContain('- GET https://wiki.example.com/news\n    1 lose it: nobody\n')
  })

  it('sees another sign-in that is asked for', async () => {
    const changed = usual.replace(
      `access: 'signed-in'`,
      `access: { authnContext: 'https://refeds.org/profile/mfa' }`,
    )
    const { out } = await withConfig(changed, () => diff('--against', 'main'))
    expect(out).toContain('- GET https://wiki.example.com/\n    2 must sign in again: ada, bob\n')
  })

  it('sees the sites that a * stands for, and the paths', () => {
    const configOf = (access: string) =>
      parse(
        source(
          `{ path: '/teams/*', access: '${access}' }`,
          `loginHost: { url: 'https://login.example.com' },`,
        ).replace('https://wiki.example.com', 'https://*.preview.example.com'),
      )
    const [before, after] = [configOf('signed-in'), configOf('public')]
    if (!before || !after) throw new Error('no config')
    expect(compare(before, after, [], now())).toMatchObject([
      { request: 'GET https://some-name.preview.example.com/teams/some-name', who: ['nobody'] },
      { request: 'POST https://some-name.preview.example.com/teams/some-name', who: ['nobody'] },
    ])
  })

  it.each([
    [[], /Say what to compare with/],
    [['--against', 'v1'], /has no commit, branch or tag "v1"\. .*git fetch origin v1/],
    [['--against', 'mian'], /has no commit, branch or tag "mian" \(did you mean main\?\)/],
    [['--against', '--help-me'], /--against needs a value/],
    [['--against=-x'], /is not a commit, branch or tag/],
  ])('is refused with what is right: %j', async (args, message) => {
    const { code, err } = await diff(...args)
    expect(code).toBeGreaterThan(0)
    expect(err).toMatch(message)
  })

  it.each([
    [
      'outside a repository',
      {},
      /\S+outside is in no git repository, so it has no "main"\. Commit/,
    ],
    [
      'without git',
      { PATH: '/nowhere' },
      /^git does not start\. Install it, or look at your PATH\./,
    ],
  ])('says what else to compare with, %s', async (_, env, message) => {
    const folder = join(stage.directory, 'outside')
    mkdirSync(folder, { recursive: true })
    const file = join(folder, 'gatehouse.config.ts')
    await writeFile(file, usual)
    const from = ['--people', join(stage.directory, 'people.json')]
    const words = ['diff', '--against', 'main', '--config', file, ...from]
    const { code, out, err } = await gatehouse(words, { env })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(message)
    expect(err).toContain('ompare with what runs now: --against deployed.\n')
    expect(err).not.toContain('fatal')
  })

  it('reads everybody in the store, with progress', async () => {
    const changed = usual.replace(`access: 'signed-in'`, `access: { group: 'editors' }`)
    const { out, err } = await withConfig(changed, () =>
      stage.runWith(config, ['diff', '--against', 'main']),
    )
    expect(err).toContain('10000 people read …')
    expect(out).toMatch(/- GET https:\/\/wiki\.example\.com\/\n {4}\d+ lose it: .*, and \d+ more\n/)
    expect(out).toContain('10003 people and a visitor who is not signed in were asked for.')
    await stage.withStore(async (db) => {
      const everybody = await readEverybody(db, now(), () => undefined)
      const [before, after] = [usual, changed].map((text) => parse(text))
      if (!before || !after) throw new Error('no config')
      const loses = compare(before, after, everybody, now()).find(({ request }) =>
        request.startsWith('GET'),
      )
      // 1,000 of the directory are editors. Ada and Bob are not; the one who is disabled has nothing
      // to lose.
      expect(loses?.who.length).toBe(9_000 + 2)
    })
  })
})

function parse(text: string) {
  const literal = text.slice(
    text.indexOf('defineConfig(') + 'defineConfig('.length,
    text.lastIndexOf(')'),
  )
  const parsed = parseConfig(JSON.parse(JSON.stringify(runInNewContext(`(${literal})`))))
  return parsed.ok ? parsed.value : null
}

describe('the config that a deploy keeps', () => {
  it('can be read again where the origin of labels is a function', () => {
    const routes = [{ path: '/', access: 'signed-in' }]
    const family = { url: 'https://*.preview.example.com', routes }
    for (const origin of [() => null, { url: () => null, timeoutSeconds: 5 }]) {
      const input = { sites: [{ ...family, origin }], loginHost: { url: 'https://l.example.com' } }
      const [given, kept] = [input, JSON.parse(toKept(input))].map(parseConfig)
      if (!given?.ok || !kept?.ok) throw new Error(JSON.stringify(kept))
      expect(kept.value.sites.map((site) => site.routes)).toEqual(
        given.value.sites.map((site) => site.routes),
      )
    }
  })
})
