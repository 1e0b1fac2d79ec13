/** Cookies as bytes on a socket, as browsers, other hosts of the domain and odd proxies bring them about. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whiteSpace } from '../support/white-space.ts'
import { askRaw } from './raw.ts'
import { signIn } from '../../tools/stage/sign-in.ts'
import { createStage, type Stage } from '../../tools/stage/stage.ts'

let stage: Stage
let cookie = ''
beforeAll(async () => {
  stage = await createStage()
  cookie = (await signIn(stage, '/')).cookie
})
afterAll(() => stage.stop())

const page = ['Accept: text/html', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document']
const ask = (...cookies: readonly (string | Uint8Array)[]) =>
  askRaw(stage.ports[0], '/', [
    ...page,
    ...cookies.map((each) => Buffer.concat([Buffer.from('Cookie: '), Buffer.from(each)])),
  ])

const unseen = whiteSpace.filter((character) => character !== ' ' && character !== '\t')

describe('a look-alike of our cookie', () => {
  it('is nobody’s session, whatever stands before the name', async () => {
    expect(unseen.length).toBeGreaterThan(20)
    for (const character of [...unseen, '\x85', '\u180e', '\u200b', '=', '"']) {
      const code = character.charCodeAt(0).toString(16)
      for (const header of [`${character}${cookie}`, `a=1; ${character}${cookie}; b=2`]) {
        expect((await ask(header)).status, code).toBe(302)
      }
    }
  })

  it('of single bytes that are no UTF-8 is nobody’s session', async () => {
    for (const byte of [0x85, 0xa0, 0xc2, 0xff]) {
      const bytes = Buffer.concat([Buffer.from('a=1; '), Buffer.of(byte), Buffer.from(cookie)])
      expect((await ask(bytes)).status, byte.toString(16)).toBe(302)
    }
  })

  it('keeps nobody out who has a session, and the origin sees neither', async () => {
    for (const character of unseen) {
      const planted = `${character}__Host-gatehouse=${'A'.repeat(43)}`
      for (const header of [`${planted}; ${cookie}; a=1`, `${cookie}; ${planted}; a=1`]) {
        const { status, text } = await ask(header)
        expect(status).toBe(200)
        expect(text).toContain('"cookie":"a=1"')
        expect(text).not.toContain('__Host-')
      }
    }
  })

  it('is set by no origin, whatever stands before the name', async () => {
    stage.origin.at('/public/set', (_, response) => {
      // Node sends no control characters, and takes each character for a byte.
      const sendable = unseen.filter((character) => character > '\x7f')
      const names = [...sendable, '', '='].map((before) => `${before}__Host-gatehouse=1`)
      const bytes = names.map((name) => Buffer.from(name).toString('latin1'))
      response.writeHead(200, { 'Set-Cookie': ['a=1', ...bytes] }).end()
    })
    const { status, text } = await askRaw(stage.ports[0], '/public/set', page)
    expect(status).toBe(200)
    expect(text.match(/^set-cookie: .*$/gim)).toEqual(['Set-Cookie: a=1'])
  })
})

it('none of our cookies reaches an origin, on a public route either', async () => {
  const ours = [
    cookie,
    `__Host-gatehouse-login-${crypto.randomUUID()}=x`,
    '__Host-gatehouse-connection=okta',
  ]
  const header = Buffer.from(`Cookie: ${ours.join('; ')}; a=1`)
  for (const path of ['/', '/public/page']) {
    const { status, text } = await askRaw(stage.ports[0], path, [...page, header])
    expect([path, status]).toEqual([path, 200])
    expect(text).toContain('"cookie":"a=1"')
    expect(text).not.toContain('__Host-')
  }
})

describe('a session', () => {
  it('counts with SP and HTAB around its cookie, which RFC 6265 §5.2 lets a server skip', async () => {
    for (const header of [cookie, `a=1;${cookie}`, `a=1; \t ${cookie} \t; b=2`, ` \t${cookie}`]) {
      expect((await ask(header)).status, header.replace(cookie, 'ours')).toBe(200)
    }
  })

  it('counts beside another cookie of its name, on either side', async () => {
    const planted = `__Host-gatehouse=${'A'.repeat(43)}`
    for (const header of [`${planted}; ${cookie}`, `${cookie}; ${planted}`]) {
      expect((await ask(header)).status).toBe(200)
    }
  })

  it('counts in one of two Cookie headers, unless it begins the second', async () => {
    expect((await ask(cookie, 'b=2')).status).toBe(200)
    expect((await ask(`a=1; ${cookie}`, 'b=2')).status).toBe(200)
    expect((await ask('a=1', `b=2; ${cookie}`)).status).toBe(200)
    // The Worker sees this as one cookie `a` of the value `1, __Host-gatehouse=…`.
    expect((await ask('a=1', cookie)).status).toBe(302)
  })

  it('is not taken out of the value of another cookie, which any host of the domain can set', async () => {
    // Browsers keep a comma in a value, so this is how a neighbour would plant a session of its own.
    for (const before of ['1, ', '1,', ',', ', ', '1,\t']) {
      expect((await ask(`a=${before}${cookie}`)).status).toBe(302)
      expect((await ask(`b=2; a=${before}${cookie}; c=3`)).status).toBe(302)
    }
  })
})
