/** The command that plays the catalogue, at service providers that this test runs. */
import { spawn } from 'node:child_process'
import { constants, generateKeyPairSync, privateDecrypt, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { attacksDocument } from '../../tools/attack/docs.ts'
import type { PeerFigures } from '../../tools/attack/peers/figures.ts'
import { libraries } from '../../tools/attack/peers/libraries.ts'
import { logoutCatalogue } from '../../tools/attack/logout/catalogue.ts'
import { checkOf, toldFiles } from '../../tools/attack/checks.ts'
import { catalogue } from '../../tools/attack/catalogue.ts'
import { toVerdict, type Answer } from '../../tools/attack/play.ts'
import { encryptPkcs1, md5, signMd5 } from '../../tools/attack/rsa.ts'
import { loopbackTarget } from '../../tools/attack/send.ts'
import { utf8 } from '../../src/lib/bytes.ts'
import { readPostedForm } from '../../src/saml/incoming/form.ts'
import { openResponse } from '../../src/saml/index.ts'
import { createTestIdp, signedResponse, type TestIdp } from '../../tools/signing/saml-signer.ts'

const root = join(import.meta.dirname, '..', '..')
const sp = { entityId: 'https://sp.test/metadata', acsUrl: 'https://sp.test/acs' }
const folder = mkdtempSync(join(tmpdir(), 'attack-test-'))
const responseFile = join(folder, 'response.b64')
const keyFile = join(folder, 'idp.key')
const servers: Server[] = []
const urls = { strict: '', once: '', careless: '', mute: '' }
const received: string[] = []
let idp: TestIdp

beforeAll(async () => {
  idp = await createTestIdp()
  const exported = await crypto.subtle.exportKey('pkcs8', idp.keys.privateKey)
  if (!(exported instanceof ArrayBuffer)) throw new Error('PKCS#8 is a buffer')
  const pem = Buffer.from(exported).toString('base64')
  writeFileSync(keyFile, `-----BEGIN PRIVATE KEY-----\n${pem}\n-----END PRIVATE KEY-----\n`)

  const isGood = async (body: string): Promise<string | null> => {
    const form = readPostedForm(body)
    if (!form.ok) return null
    const opened = await openResponse(form.value.samlResponse, {
      idp: { entityId: idp.entityId, certificates: [idp.certificate] },
      sp,
      inResponseTo: '_request',
      now: new Date(),
    })
    return opened.ok ? opened.value.assertionId : null
  }
  const used = new Set<string>()
  urls.strict = await serve(async (body) => (await isGood(body)) !== null)
  urls.once = await serve(async (body) => {
    const id = await isGood(body)
    if (id === null || used.has(id)) return false
    used.add(id)
    return true
  })
  // Looks for the value of the outermost signature, wherever it is.
  urls.careless = await serve(async (body) => {
    const genuine = Buffer.from(readFileSync(responseFile, 'utf8'), 'base64').toString()
    const value = /SignatureValue>[^<]*</.exec(genuine)?.[0] ?? ''
    const posted = new URLSearchParams(body).get('SAMLResponse') ?? ''
    return Buffer.from(posted, 'base64').toString().includes(value)
  })
  urls.mute = await serve(async () => false)
})

// It is valid for five minutes, and all the tests together may take longer.
beforeEach(async () => {
  const options = {
    spEntityId: sp.entityId,
    acsUrl: sp.acsUrl,
    inResponseTo: '_request',
    now: new Date(),
    attributes: { groups: ['staff'] },
  }
  writeFileSync(responseFile, await signedResponse(idp, options, 'both'))
})

afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

/** A service provider that redirects with a cookie, or answers 403. */
async function serve(accepts: (body: string) => Promise<boolean>): Promise<string> {
  const server = createServer((request, answer) => {
    let body = ''
    request.setEncoding('latin1')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      received.push(body)
      void accepts(body).then((isIn) => {
        if (isIn) {
          answer.writeHead(302, { location: '/app?x=1', 'set-cookie': 'session=1; Path=/' }).end()
        } else answer.writeHead(403, { 'set-cookie': 'session=; Max-Age=0' }).end('no')
      })
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://localhost:${(server.address() as AddressInfo).port}/acs`
}

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function attack(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(root, 'tools', 'attack', 'main.ts'), ...args],
      { cwd: root },
    )
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    child.stderr.on('data', (chunk) => (err += String(chunk)))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

const at = (url: string, ...more: readonly string[]) =>
  attack('--acs', url, '--response', responseFile, '--skip', 'resource', '--timeout', '60', ...more)

describe('npm run attack -- --acs', () => {
  it('finds nothing at a service provider that takes what was signed and no more', async () => {
    const ran = await at(urls.strict, '--relay-state', 'here & there', '--skip', 'replay')
    expect(ran.err).toBe('')
    expect(ran.out).toContain('0 accepted that must be refused.')
    expect(ran.out).toMatch(/^xsw3 +xsw3 +refused +refused +403$/m)
    expect(ran.out).toMatch(
      /^cdata-nameid +text-extraction +either +accepted +302 \S+\/app \+session$/m,
    )
    expect(ran.code).toBe(0)
    expect(received.at(-1)).toContain('&RelayState=here%20%26%20there')
  })

  it('finds that a service provider takes the same response twice', async () => {
    const ran = await at(urls.strict, '--only', 'replay')
    expect(ran.out).toMatch(/^replay-second +replay +refused +ACCEPTED !/m)
    expect(ran.code).toBe(1)
  })

  it('plays to the end at one that takes a response once, and says nothing is wrong', async () => {
    const ran = await at(urls.once, '--json')
    const played = JSON.parse(ran.out)
    expect(played.inconclusive).toBeNull()
    expect(played.rows.filter((row: { isWrong: boolean }) => row.isWrong)).toEqual([])
    expect(played.rows.length).toBeGreaterThan(150)
    expect(ran.code).toBe(0)
  })

  it('with the key of the identity provider every message is of a response of its own', async () => {
    const some = ['--only', 'comment-nameid', '--only', 'prof-audience', '--only', 'ok-']
    const ran = await at(urls.once, '--idp-key', keyFile, '--accepted-cookie', 'session', ...some)
    expect(ran.out).toMatch(/^comment-nameid-start .* accepted /m)
    expect(ran.out).toMatch(/^comment-nameid-end .* accepted /m)
    expect(ran.out).toMatch(/^prof-audience-other .* refused /m)
    expect(ran.out).toMatch(/^ok-rsa-sha384 .* accepted /m)
    expect(ran.code).toBe(0)
  })

  it('names what a careless one accepts, and exits with 1', async () => {
    const ran = await at(urls.careless, '--only', 'xsw', '--accepted-status', '302')
    expect(ran.out).toMatch(/^xsw3 +xsw3 +refused +ACCEPTED ! +302/m)
    expect(ran.out).toMatch(/Accepted that must be refused: .*xsw1/)
    expect(ran.code).toBe(1)
  })

  it('says that nothing can be told where all answers are the same', async () => {
    const ran = await at(urls.mute, '--only', 'xsw3')
    expect(ran).toEqual({
      code: 2,
      out: expect.stringContaining(
        'INCONCLUSIVE: The valid response and one with a broken signature',
      ),
      err: '',
    })
  })
})

describe('where messages go', () => {
  it.each(['http://192.0.2.1/acs', 'https://[2001:db8::1]/acs', 'http://0.0.0.0/acs'])(
    'never sends to %s',
    async (url) => {
      const target = await loopbackTarget(url)
      expect(target).toMatchObject({ ok: false })
      expect(target.ok ? '' : target.error).toContain('is not this machine')
    },
  )

  it.each(['http://127.0.0.1:1/acs', 'https://127.9.9.9/acs', 'http://[::1]:3000/acs'])(
    'takes %s for this machine',
    async (url) => {
      expect(await loopbackTarget(url)).toMatchObject({ ok: true })
    },
  )

  it('refuses another machine before anything is built, and exits with 2', async () => {
    const ran = await at('http://192.0.2.1/acs')
    expect(ran.err).toContain('--out <folder> writes them as files')
    expect(ran.code).toBe(2)
  })
})

describe('npm run attack -- --out', () => {
  it('writes the messages and an index, and sends nothing', async () => {
    const before = received.length
    const out = join(folder, 'messages')
    const ran = await attack(
      '--out',
      out,
      '--response',
      responseFile,
      '--only',
      'xsw',
      '--only',
      'transport-',
    )
    expect(ran.code).toBe(0)
    const index = readFileSync(join(out, 'index.tsv'), 'utf8').trim().split('\n')
    expect(readdirSync(out).length).toBe(index.length + 1)
    expect(index[0]?.split('\t').length).toBe(6)
    expect(readFileSync(join(out, 'xsw3.b64'), 'utf8')).toMatch(/^[A-Za-z0-9+/=]+$/)
    expect(readFileSync(join(out, 'transport-post-with-query.form'), 'utf8')).toMatch(
      /^\?SAMLResponse=.*\nSAMLResponse=/,
    )
    expect(received.length).toBe(before)
  })
})

describe('what is given', () => {
  it.each([
    [['--acs', 'http://localhost/acs'], '--response <file>'],
    [['--acs', 'http://localhost/acs', '--peers'], 'Give exactly one of'],
    [['--acs', 'http://localhost/acs', '--response', '/nowhere'], 'cannot be read'],
    [['--acs', 'localhost', '--response', responseFile], 'is not an http or https URL'],
    [
      ['--out', folder, '--response', import.meta.filename],
      'is neither XML nor a response in base64',
    ],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [
      ['--acs', 'http://localhost/acs', '--response', responseFile, '--idp-key', responseFile],
      'PKCS#8',
    ],
  ])('%j is answered in a sentence', async (args, words) => {
    const ran = await attack(...args)
    expect(ran.err).toContain(words)
    expect(ran.err).not.toContain('    at ')
    expect(ran.code).toBe(2)
  })

  it('--help has an example for each thing that it does', async () => {
    const ran = await attack('--help')
    expect(ran.code).toBe(0)
    for (const what of ['--acs', '--out', '--peers'])
      expect(ran.out).toContain(`npm run attack -- ${what}`)
  })
})

describe('the verdict', () => {
  const none = { status: null, location: null, cookie: null, text: null }
  const answer = (more: Partial<Answer>): Answer => ({
    status: 200,
    location: '',
    cookies: [],
    body: '',
    ...more,
  })
  const valid = answer({ cookies: ['session'] })
  const broken = answer({ status: 403 })

  it('compares with the valid and the broken response', () => {
    expect(toVerdict(answer({ cookies: ['session'] }), valid, broken, none)).toBe('accepted')
    expect(toVerdict(answer({ status: 403 }), valid, broken, none)).toBe('refused')
    expect(toVerdict(answer({ status: 500 }), valid, broken, none)).toBe('unclear')
    expect(toVerdict(null, valid, broken, none)).toBe('no answer')
  })

  it('knows acceptance by its cookie and by the forged name, wherever the redirect leads', () => {
    const to = (location: string, ...cookies: readonly string[]) =>
      toVerdict(
        answer({ status: 302, location, cookies }),
        answer({ status: 302, location: '/users/zoe', cookies: ['session', 'theme'] }),
        answer({ status: 302, location: '/login', cookies: ['theme'] }),
        none,
      )
    expect(to('/users/somebody', 'session', 'theme')).toBe('accepted')
    expect(to('/users/attacker%40evil.test')).toBe('accepted')
    expect(to('/login', 'theme')).toBe('refused')
    expect(to('/users/somebody', 'theme')).toBe('unclear')
    const told = answer({ status: 400, body: 'attacker@evil.test' })
    expect(toVerdict(told, valid, broken, none)).toBe('unclear')
  })

  it('goes by the signs where some are given, and wants all of them', () => {
    const signs = { ...none, cookie: 'session', text: 'Welcome' }
    expect(toVerdict(answer({ cookies: ['session'] }), valid, broken, signs)).toBe('refused')
    const welcome = answer({ status: 201, cookies: ['session'], body: 'Welcome!' })
    expect(toVerdict(welcome, valid, broken, signs)).toBe('accepted')
  })
})

describe('RSA as WebCrypto does not do it', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

  it('signs RSA-MD5 so that OpenSSL verifies it', async () => {
    for (const text of ['', 'abc', 'x'.repeat(55), 'x'.repeat(56), 'ä'.repeat(1000)]) {
      const pkcs8 = Uint8Array.from(privateKey.export({ type: 'pkcs8', format: 'der' }))
      const value = await signMd5(pkcs8, md5(utf8(text)))
      expect(verify('RSA-MD5', Buffer.from(text), publicKey, value)).toBe(true)
    }
  })

  it('encrypts with PKCS#1 v1.5 so that OpenSSL decrypts it', async () => {
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' }
    const key = await crypto.subtle.importKey('spki', spki, algorithm, true, ['encrypt'])
    const sealed = await encryptPkcs1(key, utf8('secret'))
    const padding = constants.RSA_PKCS1_PADDING
    expect(privateDecrypt({ key: privateKey, padding }, sealed).toString()).toBe('secret')
  })
})

describe('docs/attacks.md', () => {
  const recorded = join(root, 'tools', 'attack', 'peers', 'figures.json')
  const figures: PeerFigures = JSON.parse(readFileSync(recorded, 'utf8'))

  it('is what npm run attack -- --docs writes', async () => {
    expect(readFileSync(join(root, 'docs', 'attacks.md'), 'utf8')).toBe(
      await attacksDocument(figures),
    )
  })

  it('has figures that add up, and of Gatehouse no message that must be refused and was not', () => {
    const { peers } = figures
    expect(peers.map(({ name }) => name)).toEqual([
      'Gatehouse',
      ...libraries.map(({ name }) => name),
    ])
    for (const peer of peers) {
      const became = [peer.refused, peer.acceptedSigned, peer.acceptedNameless, peer.acceptedOther]
      const sum = [...became, peer.noAnswer].reduce((all, each) => all + each, 0)
      expect([peer.name, sum]).toEqual([peer.name, peer.mustRefuse])
      expect(peer.seeds).toBeGreaterThan(0)
    }
    const [own] = peers
    expect([own?.refused, own?.forged, own?.refusedGood]).toEqual([own?.mustRefuse, 0, 0])
  })

  it('tells of every reason a check, in a file that is there', () => {
    const files = ['saml', 'lib'].flatMap((part) =>
      readdirSync(join(root, 'src', part), { recursive: true, encoding: 'utf8' }).map((file) =>
        basename(file),
      ),
    )
    expect(toldFiles.filter((file) => !files.includes(file))).toEqual([])
    for (const { gatehouse } of [...catalogue, ...logoutCatalogue]) {
      if (typeof gatehouse === 'string') expect(checkOf(gatehouse)).not.toBe('')
    }
  })
})
