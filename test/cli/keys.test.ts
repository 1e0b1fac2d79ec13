import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commands } from '../../cli/commands.ts'
import { refused } from '../../cli/command.ts'
import { parseConfig } from '../../src/config.ts'
import { decodeBase64 } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { ok } from '../../src/lib/result.ts'
import { createSealer, type Sealer } from '../../src/lib/seal.ts'
import { parseCertificate } from '../../src/saml/certificate.ts'
import { createSpKeys, SP_KEYS_PURPOSE, tendSpKeys } from '../../src/sp/keys.ts'
import { findGenerations } from '../../src/sp/store.ts'
import { encrypt } from '../../tools/signing/encryptor.ts'
import {
  assertionXml,
  createTestIdp,
  responseXml,
  sign,
  toPosted,
  type TestIdp,
} from '../../tools/signing/saml-signer.ts'
import { connectionOf, seedConnection } from './people.ts'
import { createStage, type Stage } from './run.ts'

const now = toInstant(Date.UTC(2026, 10, 24, 12))
const secret = Buffer.alloc(32, 7).toString('base64')
const other = Buffer.alloc(32, 8).toString('base64')
const sp = 'https://app.example.com/.gatehouse/saml/acme'
let stage: Stage
let idp: TestIdp
let sealer: Sealer

/** What the Worker does when its metadata is fetched. */
const fetchMetadata = () =>
  stage.withStore((db) => createSpKeys(db, sealer).certificates('rsa-sha256', now))

beforeAll(async () => {
  stage = await createStage()
  idp = await createTestIdp()
  const current = decodeBase64(secret)
  if (!current.ok) throw new Error(current.error)
  sealer = await createSealer({ current: current.value, previous: null }, SP_KEYS_PURPOSE)
  const parsed = parseCertificate(idp.certificate)
  if (!parsed.ok) throw new Error(parsed.error)
  const { notBefore, notAfter } = parsed.value
  const certificate = {
    fingerprint: 'ab'.repeat(32),
    certificate: idp.certificate,
    notBefore,
    notAfter,
  }
  const fields = { idpEntityId: idp.entityId, certificates: [certificate] }
  await stage.withStore((db) => seedConnection(db, connectionOf('acme', fields)))
})
afterAll(() => stage.remove())

const asked: string[] = []
const noted: string[] = []
/** Whether its metadata is fetched from the Worker, or nobody answers. */
let worker: 'down' | 'up' | 'late' = 'down'

const operator = { name: 'grace', face: 'command line', scopes: ['all'], user: null } as const
const failed = (error: Error): never => {
  throw error
}

const config = parseConfig({
  sites: [
    {
      url: 'https://app.example.com',
      origin: 'https://origin.example.net',
      routes: [{ path: '/', access: 'signed-in' }],
    },
  ],
})

/** The command itself, on a store that stays open: each step of a rotation is one of many. */
async function act(
  db: D1Database,
  words: string,
  ...switches: readonly string[]
): Promise<{ readonly text: string; readonly isDone: boolean; readonly json: unknown }> {
  const command = commands.find(({ name }) => `keys ${words} `.startsWith(`${name} `))
  if (!command) throw new Error(`there is no keys ${words}`)
  const [, ...typed] = words.split(' ')
  const set = typed.indexOf('--set')
  const positionals = set < 0 ? typed : typed.slice(0, set)
  const texts = new Map(set < 0 ? [] : [['set', typed.slice(set + 1)]])
  const outcome = await command.run(
    { positionals, texts, switches: new Set(switches) },
    {
      now,
      openApi: async () => ok(null),
      openStore: async () => ok(db),
      openAdmin: async () =>
        ok({
          db,
          kv: null,
          operator,
          now,
          requestId: null,
          newId: () => crypto.randomUUID(),
          random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
          config: null,
          openSealer: async () => null,
          fetchMetadata: null,
          fetchWebhook: () => Promise.reject(new Error('keys are told to no webhook')),
          metadataReach: null,
          onUnaudited: failed,
          onAudited: () => undefined,
        }),
      readConfig: async () => (config.ok ? config : refused('the config has a fault')),
      openSealer: () => Promise.reject(new Error('it needs no secret')),
      readStdin: () => Promise.reject(new Error('it reads nothing')),
      write: () => Promise.reject(new Error('it writes nothing by itself')),
      note: (text) => void noted.push(text),
      ask: async (url) => {
        asked.push(url)
        // An isolate goes by what it read within the last minute.
        const isFresh = worker === 'up' || asked.length > 3
        if (worker !== 'down' && isFresh)
          await createSpKeys(db, sealer).certificates('rsa-sha256', now)
        return worker !== 'down'
      },
      pause: async () => true,
    },
  )
  return outcome.ok
    ? { text: outcome.value.text ?? '', isDone: true, json: outcome.value.json }
    : { text: outcome.error.message, isDone: false, json: null }
}

beforeEach(() => {
  asked.length = 0
  noted.length = 0
  worker = 'down'
})

describe('keys', () => {
  it('are said not to be there yet, and how they come about', () =>
    stage.withStore(async (db) => {
      expect((await act(db, 'list')).text).toContain('when the metadata of a connection is fetched')
      expect((await act(db, 'rotate')).text).toContain('npx gatehouse keys certificate encryption')
      for (const words of ['rotate', 'switch', 'retire', 'certificate encryption']) {
        expect([words, (await act(db, words)).isDone]).toEqual([words, false])
      }
      expect((await act(db, 'certificate signing')).text).toContain('must be one of encryption')
    }))

  it('are rotated in three steps, none of them before its time', () =>
    stage.withStore(async (db) => {
      const { signing } = await createSpKeys(db, sealer).certificates('rsa-sha256', now)
      const certificate = await act(db, 'certificate rsa-sha256')
      expect(new X509Certificate(certificate.text).raw.toString('base64')).toBe(signing[0])

      const ordered = await act(db, 'rotate')
      expect(ordered.text).toContain('New keys are ordered: set 2.')
      expect(ordered.text).toContain(`The Worker does not answer at ${sp}/metadata.`)
      expect(ordered.text).toContain('keys switch')
      expect((await act(db, 'rotate')).text).toContain('under way already')
      const early = await act(db, 'certificate rsa-sha256')
      expect([early.isDone, early.text]).toEqual([
        false,
        expect.stringContaining('npx gatehouse keys certificate rsa-sha256 --set 1'),
      ])
      expect((await act(db, 'certificate rsa-sha256 --set 1')).text).toBe(certificate.text)
      expect((await act(db, 'certificate rsa-sha256 --set 3')).text).toContain('no set "3"')
      expect((await act(db, 'switch')).text).toContain('not all made yet')
      expect((await act(db, 'list')).text).toContain('not made yet')

      await tendSpKeys(db, { sealer, newest: sealer, usual: 'rsa-sha256' }, now)
      expect((await act(db, 'certificate rsa-sha256')).text).not.toBe(certificate.text)
      const { json } = await act(db, 'list')
      expect(json).toMatchObject({
        keys: [
          { generation: 2, state: 'next', kind: 'encryption' },
          { generation: 2, state: 'next', kind: 'rsa-sha256' },
          { generation: 1, state: 'current', kind: 'encryption' },
          { generation: 1, state: 'current', kind: 'rsa-sha256' },
        ],
      })
      expect(JSON.stringify(json)).not.toContain('ealed')

      expect((await act(db, 'switch')).isDone).toBe(true)
      expect((await act(db, 'rotate')).text).toContain('keys retire')
      expect((await act(db, 'list')).text).toContain('keys retire')
      const unsaid = await act(db, 'retire')
      expect([unsaid.isDone, unsaid.text]).toEqual([false, expect.stringContaining('add --yes')])
      expect((await findGenerations(db)).length).toBe(2)
      expect((await act(db, 'retire', 'yes')).text).toContain('The keys of set 1')
      expect((await act(db, 'retire', 'yes')).isDone).toBe(false)
    }))

  it('sign as before when an IdP turns out not to have the new certificate', () =>
    stage.withStore(async (db) => {
      const signs = async () =>
        (await createSpKeys(db, sealer).signer('rsa-sha256', now)).certificate
      const before = await signs()
      expect((await act(db, 'switch', 'back')).text).toContain('no old keys to go back to')
      await act(db, 'rotate')
      await tendSpKeys(db, { sealer, newest: sealer, usual: 'rsa-sha256' }, now)
      await act(db, 'switch')
      const after = await signs()
      expect((await act(db, 'switch', 'back')).isDone).toBe(true)
      expect(await signs()).toBe(before)
      expect((await act(db, 'list')).text).toContain('keys switch')
      expect((await act(db, 'switch')).isDone).toBe(true)
      expect(await signs()).toBe(after)
      expect((await act(db, 'retire', 'yes')).isDone).toBe(true)
    }))

  it('a rotation that was begun can be taken back', () =>
    stage.withStore(async (db) => {
      expect((await act(db, 'rotate')).isDone).toBe(true)
      expect((await act(db, 'retire', 'next')).isDone).toBe(false)
      expect((await act(db, 'retire', 'next', 'yes')).isDone).toBe(true)
      expect((await act(db, 'retire', 'next', 'yes')).isDone).toBe(false)
    }))

  it.each(['up', 'late'] as const)('are there when rotate is done: a Worker that is %s', (state) =>
    stage.withStore(async (db) => {
      worker = state
      const before = await act(db, 'certificate rsa-sha256')
      const rotated = await act(db, 'rotate')
      expect(rotated.text).toContain('The new keys are made: set ')
      expect(rotated.json).toMatchObject({ made: true })
      expect(noted).toEqual([expect.stringContaining('up to 90 seconds')])
      expect(new Set(asked)).toEqual(new Set([`${sp}/metadata`]))
      // Of both kinds, though the connection signs nothing.
      const after = await act(db, 'certificate rsa-sha256')
      expect([after.isDone, after.text === before.text]).toEqual([true, false])
      expect((await act(db, 'retire', 'next', 'yes')).isDone).toBe(true)
    }),
  )

  it('are listed by the command itself', async () => {
    const { code, json } = await stage.json(['keys', 'list'])
    expect([code, json]).toEqual([
      0,
      { generations: [expect.anything()], keys: [expect.anything(), expect.anything()] },
    ])
  })
})

describe('an encrypted response', () => {
  async function respond(): Promise<string> {
    const { encryption } = await fetchMetadata()
    const parsed = parseCertificate(encryption[0] ?? '')
    if (!parsed.ok) throw new Error(parsed.error)
    const options = {
      spEntityId: `${sp}/metadata`,
      acsUrl: `${sp}/acs`,
      inResponseTo: '_asked-by-some-browser',
      issuer: idp.entityId,
      now: new Date(now),
      nameId: 'ada@acme.com',
    }
    const assertion = assertionXml(options)
    const signed = await sign(assertion, '_assertion', idp)
    const encrypted = await encrypt(signed, parsed.value, { content: 'aes256-cbc' })
    return toPosted(responseXml(options).replace(assertion, encrypted))
  }
  const test = ['connection', 'test', 'acme', '--response', '-', '--at', '2026-11-24T12:00:00Z']

  it('is opened and judged with the keys of the store, where their secret is known', async () => {
    const { code, out, err } = await stage.runKnowing(secret, test, await respond())
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(
      /ok +Encrypted parts decrypt with a key of ours\n +EncryptedAssertion, AES-CBC 256, RSA-OAEP SHA-1\n/,
    )
    expect(out).toContain('ada@acme.com')
    expect(out).toContain('Nobody was signed in')
  })

  it.each([
    ['none', ''],
    ['another', other],
  ])('is not judged where the secret is %s, and that is said', async (_, known) => {
    const { code, out, err } = await stage.runKnowing(known, test, await respond())
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('GATEHOUSE_SECRET')
  })

  it('is not judged where the secret is none at all, and that is said in the words of the Worker', async () => {
    const { code, out, err } = await stage.runKnowing('not*base64', test, await respond())
    expect([code, out]).toEqual([1, ''])
    expect(err).toBe(
      'In the environment of this command, GATEHOUSE_SECRET must be 32 random bytes in base64: openssl rand -base64 32\n',
    )
  })

  it('is counted as no try', async () => {
    const tries = await stage.withStore((db) => db.prepare('SELECT * FROM key_tries').all())
    expect(tries.results).toEqual([])
  })
})

describe('the settings of a connection', () => {
  it('are shown and listed', async () => {
    const update = ['connection', 'update', 'acme', '--sign-requests', 'ecdsa-sha256']
    const changed = await stage.run([...update, '--require-encryption'])
    expect(changed.out).toMatch(/requests: +signed, ecdsa-sha256\n/)
    expect(changed.out).toMatch(/encryption: +required\n/)
    expect((await stage.run(['connection', 'list'])).out).toContain('encryption, signed requests')
    const { json } = await stage.json(['connection', 'show', 'acme', '--for', 'okta'])
    expect(json).toMatchObject({
      connection: { settings: { signRequests: 'ecdsa-sha256', requireEncryption: true } },
    })
    expect(JSON.stringify(json)).toContain('keys certificate encryption')
    const back = ['--sign-requests', 'none', '--no-require-encryption']
    const { out } = await stage.run(['connection', 'update', 'acme', ...back])
    expect(out).toMatch(/requests: +not signed\n/)
  })
})
