/**
 * `npm run bench:scim`: four directories of different sizes in one database get the same requests
 * in turn. Measures CPU time of workerd with its D1. The ratio between the sizes is what counts.
 */
import { fillDirectory } from '../stage/fill.ts'
import { load, processorTime } from './process.ts'
import { addDirectory, startScim } from './scim-server.ts'

const sizes = {
  people100: { users: 100, groups: 20, members: 10 },
  people1000: { users: 1000, groups: 200, members: 500 },
  people10000: { users: 10_000, groups: 2000, members: 5000 },
  people100000: { users: 100_000, groups: 20_000, members: 50_000 },
} as const
type Size = keyof typeof sizes
const names: readonly Size[] = ['people100', 'people1000', 'people10000', 'people100000']
const ROUNDS = Number(process.argv[2] ?? 20)

interface Measured {
  readonly statements: number
  readonly rows: number
  readonly milliseconds: number
}

const server = await startScim(Number(process.env['PORT'] ?? 8798))
const tokens = new Map<Size, string>()

async function send(
  size: Size,
  method: string,
  path: string,
  body?: unknown,
): Promise<Measured & { readonly text: string }> {
  const from = processorTime(server.pid)
  const response = await fetch(server.baseOf(size) + path, {
    method,
    headers: {
      Authorization: `Bearer ${tokens.get(size)}`,
      'Content-Type': 'application/scim+json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const milliseconds = (processorTime(server.pid) - from) / 1e6
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  const number = (name: string) => Number(response.headers.get(name))
  return { statements: number('X-Statements'), rows: number('X-Rows-Read'), milliseconds, text }
}
const ask: (...asked: Parameters<typeof send>) => Promise<Measured> = send

const query = (filter: string) => `filter=${encodeURIComponent(filter)}`
const emailOf = (size: Size, i: number) => `${size}${String(i).padStart(6, '0')}@example.com`
let turn = 0

async function createUser(size: Size): Promise<Measured & { readonly id: string }> {
  const userName = `new${++turn}`
  const emails = [{ value: `${userName}@example.com`, type: 'work' }]
  const { text, ...measured } = await send(size, 'POST', '/Users', { userName, emails })
  return { ...measured, id: String(Object(JSON.parse(text)).id) }
}

const setActive = (size: Size, active: boolean): Promise<Measured> =>
  ask(size, 'PATCH', `/Users/${size}-8`, { Operations: [{ op: 'replace', value: { active } }] })

/** A user who is not a member at first. */
const lastOf = (size: Size): string => `${size}-${sizes[size].users - 1}`
const putIn = (size: Size): Promise<Measured> =>
  ask(size, 'PATCH', `/Groups/${size}-g-0`, {
    Operations: [{ op: 'add', path: 'members', value: [{ value: lastOf(size) }] }],
  })
const takeOut = (size: Size): Promise<Measured> =>
  ask(size, 'PATCH', `/Groups/${size}-g-0`, {
    Operations: [{ op: 'remove', path: `members[value eq "${lastOf(size)}"]` }],
  })

/** The requests; each one takes a directory's size. The group `big` has the most members. */
const operations: Readonly<Record<string, (size: Size) => Promise<Measured>>> = {
  'find a user by name': (size) =>
    ask(size, 'GET', `/Users?${query(`userName eq "${emailOf(size, 7)}"`)}`),
  'find a user by address': (size) =>
    ask(size, 'GET', `/Users?${query(`emails[type eq "work"].value eq "${emailOf(size, 7)}"`)}`),
  'find a group by name': (size) =>
    ask(size, 'GET', `/Groups?excludedAttributes=members&${query(`displayName eq "${size} 7"`)}`),
  'ask whether one is a member': (size) =>
    ask(
      size,
      'GET',
      `/Groups?attributes=id&${query(`id eq "${size}-g-0" and members eq "${size}-7"`)}`,
    ),
  'read a user': (size) => ask(size, 'GET', `/Users/${size}-7`),
  'first page of 50': (size) => ask(size, 'GET', '/Users?count=50&startIndex=1'),
  'create a user': async (size) => {
    const created = await createUser(size)
    await ask(size, 'DELETE', `/Users/${created.id}`)
    return created
  },
  'remove a user': async (size) => {
    const { id } = await createUser(size)
    return ask(size, 'DELETE', `/Users/${id}`)
  },
  'change a user': (size) =>
    ask(size, 'PATCH', `/Users/${size}-7`, {
      Operations: [{ op: 'replace', path: 'title', value: `title ${++turn}` }],
    }),
  'deactivate a user': async (size) => {
    await setActive(size, true)
    return setActive(size, false)
  },
  'activate a user': async (size) => {
    await setActive(size, false)
    return setActive(size, true)
  },
  'add one to the big group': async (size) => {
    await takeOut(size)
    return putIn(size)
  },
  'take one out of it': async (size) => {
    await putIn(size)
    return takeOut(size)
  },
  'rename it': (size) =>
    ask(size, 'PATCH', `/Groups/${size}-g-0`, {
      Operations: [{ op: 'replace', value: { displayName: `big ${++turn}` } }],
    }),
  'read it without members': (size) =>
    ask(size, 'GET', `/Groups/${size}-g-0?excludedAttributes=members`),
}

try {
  for (const size of names) {
    const { users, groups, members } = sizes[size]
    tokens.set(size, await addDirectory(server.db, size))
    console.log(`Filling ${size}: ${users} users, ${groups} groups, ${members} members in one …`)
    await fillDirectory(server.db, { connection: size, users, groups, prefix: size }, Date.now())
    await server.db
      .prepare(
        `INSERT INTO scim_members (group_id, user_id)
         SELECT ?1 || '-g-0', id FROM scim_users WHERE connection = ?1 ORDER BY seq LIMIT ?2`,
      )
      .bind(size, members)
      .run()
  }
  console.log(`\n${ROUNDS} rounds, load ${load()}`)
  console.log(row(['', 'statements', 'rows read', ...names.map(peopleIn), 'last : first']))
  for (const [name, run] of Object.entries(operations)) {
    const measured = new Map<Size, Measured[]>(names.map((size) => [size, []]))
    for (let round = 0; round < ROUNDS + 2; round++) {
      // The sizes take turns, and each one is early as often as late.
      for (const size of round % 2 === 0 ? names : names.toReversed()) {
        const one = await run(size)
        if (round >= 2) measured.get(size)?.push(one)
      }
    }
    const middles = names.map((size) => middle(measured.get(size) ?? []))
    const all = (key: 'statements' | 'rows') => [...new Set(middles.map((each) => each[key]))]
    const [first, last] = [middles.at(0), middles.at(-1)]
    if (!first || !last) throw new Error('nothing was measured')
    console.log(
      row([
        name,
        all('statements').join(', '),
        all('rows').join(', '),
        ...middles.map(({ milliseconds }) => `${milliseconds.toFixed(2)} ms`),
        (last.milliseconds / first.milliseconds).toFixed(2),
      ]),
    )
  }
  await wholeGroup()
} finally {
  await server.stop()
}

/** Okta's PUT of a whole group in which one member has changed. */
async function wholeGroup(): Promise<void> {
  console.log('\nA PUT of the whole group, of whose members one changes:')
  for (const count of [10, 1000, 10_000, 50_000]) {
    const list = (from: number) =>
      Array.from({ length: count }, (_, i) => ({
        value: `people100000-${from + i}`,
        display: null,
      }))
    const put = (from: number) =>
      ask('people100000', 'PUT', '/Groups/people100000-g-1?excludedAttributes=members', {
        displayName: 'people100000 1',
        members: list(from),
      })
    await put(0)
    const { statements, rows, milliseconds } = await put(1)
    console.log(
      `  ${String(count).padStart(6)} members: ${statements} statements, ${rows} rows read, ${milliseconds.toFixed(0)} ms`,
    )
  }
}

function peopleIn(size: Size): string {
  return `${sizes[size].users} people`
}

function middle(measured: readonly Measured[]): Measured {
  const of = (key: keyof Measured): number =>
    measured.map((each) => each[key]).toSorted((a, b) => a - b)[measured.length >> 1] ?? Number.NaN
  return { statements: of('statements'), rows: of('rows'), milliseconds: of('milliseconds') }
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(30) : cell.padStart(i === 2 ? 20 : 14)))
    .join('')
}
