import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { nearest } from '../../src/lib/nearest.ts'
import { readPasted } from '../../cli/connection/pasted.ts'
import { openShell } from './shell.ts'

const { run, end } = openShell()
afterAll(end)

it('--version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(await run(['--version'])).toEqual({
    code: 0,
    out: `gatehouse ${version}\n`,
    err: '',
  })
})

describe('help', () => {
  it('is printed on every level, with examples', async () => {
    for (const words of [
      [],
      ['connection'],
      ['session'],
      ['user'],
      ['connection', 'add'],
      ['connection', 'list'],
      ['connection', 'show'],
      ['connection', 'update'],
      ['connection', 'remove'],
      ['connection', 'test'],
      ['keys'],
      ['keys', 'list'],
      ['keys', 'certificate'],
      ['keys', 'rotate'],
      ['keys', 'switch'],
      ['keys', 'retire'],
      ['scim'],
      ['check'],
      ['test'],
      ['diff'],
      ['group'],
      ['group', 'list'],
      ['group', 'show'],
      ['join'],
      ['join', 'test'],
      ['user', 'show'],
      ['scim', 'allow-removals'],
      ['scim', 'token', 'create'],
      ['scim', 'token', 'list'],
      ['scim', 'token', 'revoke'],
      ['session', 'list'],
      ['session', 'revoke'],
      ['user', 'list'],
      ['user', 'disable'],
      ['user', 'enable'],
      ['audit'],
      ['audit', 'tail'],
      ['audit', 'export'],
    ]) {
      const { code, out, err } = await run([...words, '--help'])
      expect([words, code, err]).toEqual([words, 0, ''])
      expect(out).toContain(`gatehouse ${words.join(' ')}`.trim())
      expect(out).toMatch(/Examples:\n.*npx gatehouse /s)
    }
  })

  it.each([
    [['help'], []],
    [['help', 'scim'], ['scim']],
    [
      ['help', 'user', 'show'],
      ['user', 'show'],
    ],
    [['scim', 'token', '--help'], ['scim']],
  ])('%j is the help of %j', async (asked, page) => {
    const { out } = await run([...page, '--help'])
    expect(await run(asked)).toEqual({ code: 0, out, err: '' })
  })

  it('stands in for a command that is missing, as a mistake', async () => {
    expect(await run([])).toMatchObject({ code: 2, out: expect.stringContaining('Usage:') })
    expect((await run(['user'])).code).toBe(2)
  })
})

describe('a word that is mistyped', () => {
  it.each([
    [['conection'], '"conection" is not a command. Did you mean "connection"?'],
    [['scim', 'token', 'creat'], 'Did you mean "scim token create"?'],
    [['connection', 'tset'], '"connection tset" is not a command. Did you mean "connection test"?'],
    [['connection', 'add', 'a', '--metdata', 'x'], 'Did you mean --metadata?'],
    [
      ['connection', 'show', 'a', '--for', 'otka', '--local'],
      'it is "otka" (did you mean okta?).\n',
    ],
    [['connection', 'add'], '<id> is missing: its name in URLs'],
    [['user', 'disable', 'a', 'b'], '"b" is one word too many.'],
    [['user', 'list', '--limit', '5000', '--local'], '--limit must be 1 to 1000; it is "5000".'],
    [['user', 'list', '--limit', '--local'], '--limit needs a value'],
    [['user', 'list', '--local=yes'], '--local takes no value.'],
    [['user', 'list', '--config', 'a', '--config', 'b'], '--config is given twice'],
    [['user', 'list', '--local', '--remote'], '--local and --remote contradict each other'],
    [['user', 'list'], 'Say which store: --local'],
    [['user', 'list', '--remote', '--persist-to', 'x'], '--persist-to goes with --local only.'],
    [['connection', 'update', 'a', '--local'], 'Nothing is to be changed'],
    [
      ['connection', 'update', 'a', '--enable', '--disable', '--local'],
      '--enable and --disable contradict',
    ],
    [
      ['connection', 'add', 'a', '--certificate', '/nowhere.pem', '--local'],
      '/nowhere.pem cannot be read',
    ],
    [
      ['connection', 'add', 'a', '--entity', 'x', '--local'],
      'entity chooses within metadata: give both.',
    ],
    [
      ['connection', 'add', 'a', '--metadata', 'README.md', '--local'],
      '--metadata: Gatehouse cannot read this as XML: it is not well-formed. Check that it is the metadata itself',
    ],
    [['connection', 'test', 'a', '--at', 'noon', '--local'], '--at goes with --response only.'],
    [
      ['connection', 'test', 'a', '--response', '-', '--at', 'noon', '--local'],
      '--at must be a time',
    ],
    [['session', 'revoke', '--local'], '<id> is missing: the id of the session.'],
    [
      ['sign-in', 'end', '--local'],
      'Whose sign-ins? Give a user, a connection, a site, or everybody.',
    ],
    [['audit', 'tail', '--limit', '0', '--local'], '--limit must be 1 to 1000; it is "0".'],
    [['audit', 'tail', '--kind', 'logins', '--local'], 'Did you mean login?'],
    [['audit', 'export', '--since', 'noon', '--local'], '--since must be a length such as 30m'],
    [['audit', 'export', '--csv', '--json=1', '--local'], '--json takes no value.'],
    [
      ['sign-in', 'end', 'ada', '--site', 'x', '--local'],
      'Give a user, a connection, a site or everybody: one of them.',
    ],
  ])('%j: exit code 2, and what is right', async (args, says) => {
    const { code, out, err } = await run(args)
    expect(err).toContain(says)
    expect([code, out]).toEqual([2, ''])
  })

  it('is told as JSON on stdout when JSON was asked for', async () => {
    const { code, out, err } = await run(['user', 'list', '--json'])
    expect([code, err]).toEqual([2, ''])
    expect(JSON.parse(out)).toEqual({
      error: { kind: 'usage', message: expect.stringContaining('Say which store') },
    })
  })

  it('is matched with what it is near to, and with nothing that is far', () => {
    const words = ['list', 'add', 'remove']
    expect(nearest('lsit', words)).toBe('list')
    expect(nearest('rem', words)).toBe('remove')
    expect(nearest('remvoe', words)).toBe('remove')
    expect(nearest('update', words)).toBeNull()
    expect(nearest('', words)).toBeNull()
  })
})

describe('metadata', () => {
  it('is not fetched in the clear', async () => {
    const { code, err } = await run([
      'connection',
      'add',
      'acme',
      '--metadata',
      'http://idp.example.com/metadata',
      '--local',
    ])
    expect(err).toContain('--metadata is fetched over https only')
    expect(code).toBe(2)
  })
})

describe('a pasted response', () => {
  it.each([
    ['base64', 'PGE+', 'PGE+'],
    ['quoted', '  "PGE+"\n', 'PGE+'],
    ['a form', 'SAMLResponse=PGE%2B&RelayState=x', 'PGE+'],
    ['XML', '<a>', 'PGE+'],
    ['escaped', 'PGE%2B', 'PGE+'],
  ])('may be %s', (_, pasted, base64) => {
    expect(readPasted(pasted)).toEqual({ ok: true, value: base64 })
  })

  it.each([
    ['', 'There is nothing in it.'],
    [
      'SAMLResponse=a&SAMLResponse=b',
      'There is more than one SAMLResponse in it: paste one login.',
    ],
    ['PGE%2', 'It is cut in the middle of an escape (%): copy the whole value.'],
  ])('is not %j', (pasted, error) => {
    expect(readPasted(pasted)).toEqual({ ok: false, error })
  })
})
