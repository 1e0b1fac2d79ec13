/** What a terminal would obey, and nobody would see, in every text that comes from elsewhere. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields, plain, table } from '../../cli/text.ts'
import { toRow } from '../../src/audit/row.ts'
import { saveEvents } from '../../src/audit/store.ts'
import { createGroup } from '../../src/directory/group-store.ts'
import { insertToken } from '../../src/directory/token-store.ts'
import { createUser } from '../../src/directory/provisioned-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { toPlainJson } from '../../src/lib/plain.ts'
import { parseDoc, toGroupWrite, toUserWrite } from '../../src/scim/resource.ts'
import { groupType, userType } from '../../src/scim/schema.ts'
import { usualSettings } from '../../tools/signing/connection.ts'
import { createTestIdp, signedResponse } from '../../tools/signing/saml-signer.ts'
import { entity, key, role, sso } from '../support/idp-metadata.ts'
import { connectionOf, now, seedConnection, seedSession, seedUser } from './people.ts'
import { createStage, type Ran, type Stage } from './run.ts'

const root = resolve(import.meta.dirname, '../..')

/** UAX #44: controls, formats (all of Bidi_Control), both separators, and what is not displayed. */
const isHidden = (character: string): boolean =>
  /^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]$/u.test(character)

const isNext = (before = '', after = ''): boolean =>
  (before.codePointAt(0) ?? 0) + 1 === after.codePointAt(0)

const all = Array.from({ length: 0x11_0000 }, (_, code) =>
  code >= 0xd800 && code < 0xe000 ? '' : String.fromCodePoint(code),
).filter(isHidden)
/** A column of SQLite ends at U+0000. */
const HOSTILE = `ada${all.slice(1).join('')}\nFORGED `
/** Both ends of each range of them: an operator types 1,000 characters at most. */
const ends = all
  .filter((each, i) => !(isNext(all[i - 1], each) && isNext(each, all[i + 1])))
  .join('')
const SHORT = `eda${ends.slice(1)}\nFORGED `
/** The operator's own words may have several lines. */
const TYPED = SHORT.replaceAll('\n', '')
/** What XML 1.0 §2.2 lets into a document. */
const IN_XML = `ada${all.filter((each) => each > '\u001f').join('')} FORGED`

function expectHarmless(text: string): void {
  const left = Array.from(text.replaceAll(/\r?\n/g, '')).filter(isHidden)
  expect(left.map((each) => each.codePointAt(0)?.toString(16) ?? '')).toEqual([])
  expect(text).not.toMatch(/^FORGED/m)
}

/** Every text of a value, names too. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => [name, ...textsOf(each)])
}

const expectSame = (json: string, hostile = HOSTILE): void => {
  expectHarmless(json)
  expect(textsOf(JSON.parse(json)).some((text) => text.includes(hostile))).toBe(true)
}

let stage: Stage
let response: string
beforeAll(async () => {
  stage = await createStage()
  const idp = await createTestIdp()
  const at = new Date()
  response = await signedResponse(idp, {
    spEntityId: 'https://app.example.com/.gatehouse/saml/acme/metadata',
    acsUrl: 'https://app.example.com/.gatehouse/saml/acme/acs',
    inResponseTo: '_x',
    now: at,
    attributes: { [`name of ${IN_XML}`]: ['x'], subject: [IN_XML] },
  })
  const certificate = {
    fingerprint: 'ab'.repeat(32),
    certificate: idp.certificate,
    notBefore: toInstant(0),
    notAfter: toInstant(4e12),
  }
  await stage.withStore(async (db) => {
    const names = { email: HOSTILE, userName: HOSTILE, displayName: HOSTILE, groups: HOSTILE }
    await seedConnection(
      db,
      connectionOf('acme', {
        displayName: HOSTILE,
        idpEntityId: idp.entityId,
        certificates: [certificate],
        provisioning: 'jit+scim',
        settings: { ...usualSettings, subject: { from: 'attribute', name: 'subject' } },
      }),
    )
    await seedConnection(
      db,
      connectionOf('strange', {
        displayName: HOSTILE,
        idpEntityId: HOSTILE,
        certificates: [certificate],
        ssoUrl: `https://idp.example.com/${HOSTILE}`,
        metadataUrl: `https://idp.example.com/${HOSTILE}`,
        settings: {
          ...usualSettings,
          nameIdFormat: HOSTILE,
          authnContext: { comparison: 'exact', classRefs: [HOSTILE] },
          subject: { from: 'attribute', name: HOSTILE },
          attributes: names,
        },
      }),
    )
    const person = { userName: HOSTILE, email: HOSTILE, displayName: HOSTILE }
    const ada = await seedUser(db, { ...person, connection: 'acme', subject: HOSTILE }, 'user-ada')
    await seedUser(db, { ...person, connection: 'acme', subject: `${HOSTILE}2` }, 'user-two')
    await seedSession(db, { ...ada, userName: HOSTILE }, 'session-1')
    const edition = (id: string) => ({
      connection: 'acme',
      id,
      version: null,
      writeId: id,
      now: now(),
    })
    const docOf = (own: object) => parseDoc(JSON.stringify({ own, extension: {} }))
    const entry = {
      active: true,
      userName: `${HOSTILE}3`,
      externalId: HOSTILE,
      displayName: HOSTILE,
    }
    const emails = [{ value: `${HOSTILE}3` }]
    const user = await createUser(
      db,
      edition('scim-ada'),
      toUserWrite(userType, docOf({ ...entry, emails })),
    )
    const group = docOf({ displayName: HOSTILE, externalId: HOSTILE })
    await createGroup(db, edition('g-1'), toGroupWrite(groupType, group), [user?.id ?? ''])
    await createGroup(db, edition('g-2'), toGroupWrite(groupType, group), [])
    const token = { id: 'token-1', connection: 'acme', createdAt: now(), expiresAt: null }
    await insertToken(db, { ...token, label: HOSTILE }, 'hash').run()
    for (const id of ['user-three', 'user-four']) {
      const short = { connection: 'acme', subject: id, userName: SHORT }
      await seedUser(db, { ...short, displayName: HOSTILE }, id)
    }
    const row = toRow(
      {
        kind: 'login-refused',
        site: 'app.example.com',
        connection: 'acme',
        user: null,
        reason: 'x',
        facts: {},
      },
      now(),
      'request-1',
    )
    const facts = { ...row.facts, explained: HOSTILE, word: 'a\u009b31m', list: [HOSTILE] }
    await saveEvents(db, row.share, { rows: [{ ...row, facts }], dropped: 0 }, now())
  })
  await writeFile(join(stage.directory, 'hostile.ts'), configOf({ group: `${HOSTILE}2` }))
  await writeFile(join(stage.directory, 'broken.ts'), configOf({ [HOSTILE]: HOSTILE }))
})
afterAll(() => stage.remove())

const configOf = (access: unknown): string => {
  const site = { url: 'https://app.example.com', origin: 'https://o.example.net' }
  return `export default ${JSON.stringify({ sites: [{ ...site, routes: [{ path: '/', access }] }] })}`
}

const printed = ({ out, err }: Ran): string => out + err

describe('text of directories, of metadata and of sign-ins', () => {
  it.each([
    ['connection list'],
    ['connection show acme'],
    ['connection show strange'],
    ['group list'],
    ['group show g-1'],
    ['user list'],
    ['user show user-ada'],
    ['user show scim-ada'],
    ['session list user-ada'],
    ['scim token list acme'],
    ['join test acme --all'],
    ['audit tail'],
    ['audit export'],
    ['user disable user-ada'],
    ['user enable user-ada'],
    ['sign-in end user-ada --yes'],
    ['connection update strange --clock-skew 61'],
  ])('is harmless in %s, and the same in its JSON', async (command) => {
    const shown = await stage.run(command.split(' '))
    // A table of sessions names nobody.
    if (command !== 'session list user-ada') expect(printed(shown)).toMatch(/FORGED/)
    if (command !== 'audit export') expectHarmless(printed(shown))
    else expectSame(shown.out)
    const { out, err } = await stage.run([...command.split(' '), '--json'])
    expect(err).toBe('')
    expectSame(out)
  })

  it('is harmless where several people are meant', async () => {
    const shown = await stage.run(['user', 'show', SHORT])
    expect(shown).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('Several users are called'),
    })
    expectHarmless(shown.err)
    expectSame((await stage.run(['user', 'show', SHORT, '--json'])).out, SHORT)
  })

  it('is harmless in the audit as CSV, and where it is one word', async () => {
    const csv = await stage.run(['audit', 'export', '--csv'])
    expect(csv.out).toContain('\r\n')
    expectHarmless(csv.out)
    expect((await stage.run(['audit', 'tail'])).out).toContain('word="a\\u009b31m"')
  })

  it('is harmless in a response that is judged', async () => {
    for (const command of [
      ['connection', 'test', 'acme'],
      ['join', 'test', 'acme'],
    ]) {
      const words = [...command, '--response', '-']
      const shown = await stage.run(words, response)
      expect(printed(shown)).toMatch(/FORGED/)
      expectHarmless(printed(shown))
      const { out } = await stage.run([...words, '--json'], response)
      expectSame(out, IN_XML)
    }
  })

  it('is harmless in metadata that is refused', async () => {
    const { certificate } = await createTestIdp()
    const file = join(stage.directory, 'hostile.xml')
    const location = `ftp://idp.example.com/${IN_XML}`
    await writeFile(file, entity(role(key(certificate) + sso('HTTP-Redirect', location)), IN_XML))
    const words = ['connection', 'add', 'new', '--metadata', file, '--entity', IN_XML]
    for (const ran of [await stage.run(words), await stage.run([...words, '--json'])]) {
      expect(ran.code).not.toBe(0)
      expectHarmless(printed(ran))
    }
  })
})

describe('complaints', () => {
  it.each([
    [['user', 'show', TYPED]],
    [['user', 'show', 'nobody', '--connection', TYPED]],
    [['group', 'show', TYPED]],
    [['connection', 'show', TYPED]],
    [['connection', 'list', TYPED]],
    [['connection', TYPED]],
    [['session', 'revoke', TYPED]],
    [['sign-in', 'end', TYPED]],
    [['sign-in', 'end', '--connection', TYPED]],
    [['sign-in', 'end', '--site', TYPED]],
    [['scim', 'token', 'revoke', TYPED]],
    [['audit', 'tail', '--kind', TYPED]],
    [[TYPED]],
    [[`--${TYPED}`]],
  ])('of %# are harmless, as JSON too', async (words) => {
    for (const ran of [await stage.run(words), await stage.run([...words, '--json'])]) {
      expect(ran.code).not.toBe(0)
      expect(printed(ran)).toMatch(/eda/)
      expectHarmless(printed(ran))
    }
  })

  it.each(['hostile.ts', 'broken.ts'])('of the config %s are harmless', async (name) => {
    const ran = await stage.runWith(join(stage.directory, name), ['check'])
    expect(ran.code).toBe(1)
    expectHarmless(printed(ran))
    const json = await stage.runWith(join(stage.directory, name), ['check', '--json'])
    expectHarmless(json.out)
    expect(JSON.parse(json.out)).toBeTypeOf('object')
  })

  it('of Cloudflare are harmless', async () => {
    const server = createServer((_, answer) => {
      answer.end(JSON.stringify({ success: false, errors: [{ message: HOSTILE }] }))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const ran = await stage.shell.run(['user', 'list', '--remote'], {
      env: { CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}`, CLOUDFLARE_API_TOKEN: 'x' },
    })
    server.close()
    expect(ran.err).toMatch(/^Cloudflare refused \(200\): ada/)
    expectHarmless(printed(ran))
  })
})

describe('a cell, a field and a part of a sentence', () => {
  it('are one line each, in which nothing is hidden', () => {
    for (const character of all) {
      const shown = plain(`a${character}b`)
      expect(shown).toBe('a\ufffdb')
      expect(table([[`a${character}b`, 'c']])).toBe('a\ufffdb  c')
      expect(fields([['x', `a${character}b`]])).toBe('x: a\ufffdb')
    }
    expect(plain('Zoë Ångström 山田 עברית 😀')).toBe('Zoë Ångström 山田 עברית 😀')
  })

  it('are escaped in JSON, which stays the same value', () => {
    for (const character of all) {
      const json = toPlainJson({ [character]: [character] }, 2)
      expectHarmless(json)
      expect(JSON.parse(json)).toEqual({ [character]: [character] })
    }
  })
})

describe('the one way out', () => {
  it('hides each of them, and passes nothing but the end of a line', async () => {
    const code = `const { write, say, complain } = await import(${JSON.stringify(join(root, 'cli/terminal.ts'))})
      const text = ${JSON.stringify(all.map((each) => `a${each}b`).join(''))}
      await write(text + '\\r\\n')
      say(text)
      complain(text)`
    const ran = await new Promise<Ran>((done) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code])
      let [out, err] = ['', '']
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
      child.on('close', (exit) => done({ code: exit, out, err }))
    })
    const line = all.map((each) => (each === '\n' ? 'a\nb' : 'a\ufffdb')).join('')
    expect(ran).toEqual({ code: 0, out: `${line}\r\n${line}\n`, err: `${line}\n` })
  })

  it('is the only file of the commands that writes to the terminal', () => {
    const commands = ['cli', 'scripts'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .map((file) => join(folder, file))
        .filter((file) => file.endsWith('.ts')),
    )
    expect(commands.length).toBeGreaterThan(30)
    const writers = commands.filter((file) =>
      /\bconsole\s*[.[]|=\s*console\b|process\.std(out|err)|\bprocess\[|node:(console|tty|repl)|writeSync/.test(
        readFileSync(join(root, file), 'utf8'),
      ),
    )
    // The others run elsewhere: in the process of wrangler, and in a Worker, which has the console alone.
    const elsewhere = [join('cli', 'deploy', 'short-list.ts'), join('cli', 'dev', 'worker.ts')]
    expect(writers.toSorted()).toEqual([...elsewhere, join('cli', 'terminal.ts')])
  })
})
