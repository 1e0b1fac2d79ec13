/** What only a process of its own shows: its exit code, its input, its output, and its end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toRow } from '../../src/audit/row.ts'
import { saveEvents } from '../../src/audit/store.ts'
import { connectionOf, now, seedConnection, seedUser } from './people.ts'
import { createStage, gatehouse, type Stage } from './run.ts'

const command = resolve(import.meta.dirname, '../../bin/gatehouse.mjs')
let stage: Stage
let store: readonly string[]
beforeAll(async () => {
  stage = await createStage()
  const config = join(stage.directory, 'gatehouse.config.ts')
  store = ['--local', '--persist-to', join(stage.directory, 'state'), '--config', config]
  await stage.withStore(async (db) => {
    await seedConnection(db, connectionOf('acme'))
    await seedUser(db, { connection: 'acme', subject: 'ada', userName: 'ada' }, 'user-ada')
    await saveLogouts(db, 2000)
  })
})
afterAll(() => stage.remove())

async function saveLogouts(db: D1Database, count: number): Promise<void> {
  const event = { kind: 'logout', site: 'app.example.com' } as const
  const rows = Array.from({ length: count }, (_, i) =>
    toRow({ ...event, user: `user-${i}`, session: `session-${i}` }, now(), null),
  )
  await saveEvents(db, 'done', { rows, dropped: 0 }, now())
}

describe('the exit code', () => {
  it('is 0 where it is done, and stderr is empty', async () => {
    const { code, out, err } = await gatehouse(['user', 'list', ...store])
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^user-ada +acme +ada /m)
  })

  it('is 1 where it cannot be done, and stdout is empty', async () => {
    expect(await gatehouse(['user', 'show', 'nobody', ...store])).toEqual({
      code: 1,
      out: '',
      err: expect.stringContaining('Nobody is called "nobody".'),
    })
  })

  it('is 2 where the command is wrong, and stdout is empty', async () => {
    expect(await gatehouse(['user', 'lst'])).toEqual({
      code: 2,
      out: '',
      err: expect.stringContaining('Did you mean "user list"?'),
    })
  })
})

it.each([
  ['a wrong character', "export default {\n  sites: [ 'a' 'b' ],\n}\n", /Expected ',', .*/],
  ['an error', 'const config = {}\nexport default config.a.b\n', /Cannot read properties .*/],
  ['what it does not have', "\nimport './nowhere.ts'\n", /Cannot find module '\S+nowhere\.ts' .*/],
  ['a text that is thrown', "throw 'mine'", /mine$/m],
])('says where a config has %s, and never a line of ours', async (what, text, says) => {
  const config = join(stage.directory, `${what.replaceAll(' ', '-')}.config.ts`)
  await writeFile(config, text)
  const { code, out, err } = await gatehouse(['check', '--local', '--config', config])
  const said = says.exec(err)?.[0] ?? err
  const place = / \((\S+:\d+)\)$/.exec(said)?.[1]
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain(`${config} does not load: ${said}\n`)
  expect(place).toBe(/character|error/.test(what) ? `${config}:2` : undefined)
})

it('reads what is piped into it to the end', async () => {
  const test = ['connection', 'test', 'acme', '--response', '-', ...store]
  const cut = await gatehouse(test, { stdin: `SAMLResponse=${'PGE%2B'.repeat(20_000)}PGE%2` })
  expect([cut.code, cut.out]).toEqual([1, ''])
  expect(cut.err).toContain('It is cut in the middle of an escape (%)')
  const long = await gatehouse(test, { stdin: 'P'.repeat(1_000_001) })
  expect([long.code, long.out]).toEqual([1, ''])
  expect(long.err).toContain('stdin has more than 1 MB.')
})

it.each([
  [['audit', 'export'], 1, 'The export was not read to the end.\n'],
  [['audit', 'tail', '--follow', '--limit', '1000'], 0, ''],
])('%j ends with code %j and %j when its reader has closed the pipe', async (words, code, says) => {
  const child = spawn(process.execPath, [command, ...words, ...store])
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  await once(child.stdout, 'readable')
  child.stdout.destroy()
  const closed = once(child, 'close')
  // A command that follows writes when there is something new.
  await stage.withStore((db) => saveLogouts(db, 1))
  expect([await closed, err]).toEqual([[code, null], says])
})

it('prints the same text on a terminal', async () => {
  const { out } = await gatehouse(['user', 'list', ...store])
  const words = [process.execPath, command, 'user', 'list', ...store]
  const quoted = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
  // A terminal of its own (util-linux).
  const child = spawn('script', ['-qec', quoted, '/dev/null'])
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
  const [code] = await once(child, 'close')
  expect([code, shown.replaceAll('\r\n', '\n')]).toEqual([0, out])
})
