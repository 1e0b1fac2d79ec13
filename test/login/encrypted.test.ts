/** Encrypted answers and signed requests, through the whole Worker. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Connection, ConnectionSettings } from '../../src/connection/connection.ts'
import { decodeBase64, utf8, type Bytes } from '../../src/lib/bytes.ts'
import { parseCertificate } from '../../src/saml/certificate.ts'
import { verifySignature } from '../../src/saml/incoming/signature.ts'
import { prepare } from '../../src/saml/incoming/trust.ts'
import { parseXml } from '../../src/saml/xml/reader.ts'
import { locationOf } from '../support/browser.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { encrypt, type EncryptOptions } from '../../tools/signing/encryptor.ts'
import {
  assertionXml,
  createTestIdp,
  responseXml,
  sign,
  toPosted,
} from '../../tools/signing/saml-signer.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, readRequest, refusals, SITE, start, type Stage } from './stage.ts'

const METADATA = `${SITE}/.gatehouse/saml/okta/metadata`

beforeEach(async () => {
  await emptyStores()
  for (const table of ['attempts', 'taken', 'key_tries', 'sp_keys', 'sp_generations']) {
    await env.DB.exec(`DELETE FROM ${table}`)
  }
})

async function stageWith(
  settings: Partial<ConnectionSettings> = {},
  fields: Partial<Connection> = {},
): Promise<Stage> {
  const base = connectionOf(await createTestIdp())
  return createStage(configOf(), { ...fields, settings: { ...base.settings, ...settings } })
}

/** The certificates that an IdP reads in our metadata. */
async function certificatesOf(stage: Stage, use: string): Promise<readonly string[]> {
  const xml = await (await stage.browser().go(METADATA)).text()
  const pattern = new RegExp(
    `use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>([^<]*)`,
    'g',
  )
  return Array.from(xml.matchAll(pattern), ([, certificate = '']) => certificate)
}

async function spkiOf(certificate: string | undefined): Promise<Bytes> {
  const parsed = parseCertificate(certificate ?? '')
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value.spki
}

async function encryptedAnswer(
  stage: Stage,
  requestId: string,
  how: EncryptOptions = {},
  isSignedAround = false,
): Promise<string> {
  const options = {
    spEntityId: METADATA,
    acsUrl: `${SITE}/.gatehouse/saml/okta/acs`,
    inResponseTo: requestId,
    issuer: stage.idp.entityId,
    now: new Date(),
    assertionId: `_${crypto.randomUUID()}`,
  }
  const assertion = assertionXml(options)
  const signed = await sign(assertion, options.assertionId, stage.idp)
  const [certificate] = await certificatesOf(stage, 'encryption')
  const encrypted = await encrypt(signed, { spki: await spkiOf(certificate) }, how)
  const xml = responseXml(options).replace(assertion, encrypted)
  return toPosted(isSignedAround ? await sign(xml, '_response', stage.idp) : xml)
}

describe('an answer encrypted for the certificate of our metadata', () => {
  it('is kept without its ciphertext, and cannot be posted again', async () => {
    const stage = await stageWith()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    const answer = await encryptedAnswer(stage, asked.id)
    await stage.post(browser, answer, asked.relayState)
    const row = await env.DB.prepare('SELECT * FROM attempts LIMIT 1').first()
    expect(row).toMatchObject({ reason: null, person: 'zoe@example.test' })
    const document = String(row?.['document'])
    expect(document).toContain('zoe@example.test')
    const posted = atob(answer)
    for (const [, value = ''] of posted.matchAll(/CipherValue>([^<]+)</g)) {
      expect(JSON.stringify(row)).not.toContain(value.slice(0, 24))
    }
    const other = stage.browser()
    const next = await stage.begin(other, '/')
    const page = await stage.post(other, toPosted(document), next.relayState)
    expect(page.status).toBe(403)
    // An answer that cannot be opened is kept as it came, with the ciphertext cut out.
    const broken = toPosted(posted.replace(/CipherValue>[^<]{8}/, 'CipherValue>AAAAAAAA'))
    await stage.post(other, broken, next.relayState)
    const last = await env.DB.prepare(
      "SELECT * FROM attempts WHERE reason = 'decryption-failed'",
    ).first()
    expect(last).toMatchObject({ reason: 'decryption-failed' })
    expect(last?.['document']).toMatch(/CipherValue>\(left out\)</)
  })

  it.each(['aes256-gcm', 'aes256-cbc'] as const)('signs in: %s', async (content) => {
    const stage = await stageWith({ requireEncryption: true })
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/wiki')
    const back = await stage.post(
      browser,
      await encryptedAnswer(stage, asked.id, { content }),
      asked.relayState,
    )
    expect([back.status, refusals(stage)]).toEqual([303, []])
    expect(locationOf(back)).toBe(`${SITE}/wiki`)
  })

  it('is wanted where the connection says so', async () => {
    const stage = await stageWith({ requireEncryption: true })
    expect((await stage.signIn(stage.browser())).status).toBe(403)
    expect(refusals(stage)).toMatchObject([{ reason: 'not-encrypted' }])
  })

  it('is refused by a name for what is missing where no key was ever made', async () => {
    const stage = await stageWith()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    const answer = await encryptedAnswer(stage, asked.id)
    await env.DB.exec('DELETE FROM sp_keys')
    vi.setSystemTime(start.getTime() + 61_000)
    await stage.post(browser, answer, asked.relayState)
    expect(refusals(stage)).toMatchObject([{ reason: 'no-decryption-key' }])
  })
})

describe('an answer that does not open', () => {
  const flip = (bytes: Bytes): Bytes => bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte))
  const edits: readonly EncryptOptions[] = [
    { content: 'aes256-gcm', editContent: flip },
    { content: 'aes256-cbc', editContent: flip },
    { content: 'aes256-cbc', editContent: (bytes) => bytes.slice(0, -16) },
    { content: 'aes256-cbc', editKey: flip },
    { content: 'aes256-gcm', editKey: flip },
    { content: 'aes128-gcm', editContent: (bytes) => bytes.slice(0, -4) },
  ]

  it('looks the same to everybody, however it fails', async () => {
    const stage = await stageWith()
    const pages = new Set<string>()
    for (const edit of edits) {
      const browser = stage.browser()
      const asked = await stage.begin(browser, '/')
      const answer = await encryptedAnswer(stage, asked.id, edit)
      const page = await stage.post(browser, answer, asked.relayState)
      const text = (await page.text()).replaceAll(/[0-9a-f-]{36}|nonce-[\w+/=]+|nonce="[^"]*"/g, '')
      pages.add(`${page.status} ${text}`)
    }
    expect(pages.size).toBe(1)
    expect(refusals(stage).map(({ reason }) => reason)).toEqual(
      edits.map(() => 'decryption-failed'),
    )
  })

  it('is tried five times with one wrapped key, from whichever browser, and then not that day', async () => {
    const stage = await stageWith()
    const answer = await encryptedAnswer(stage, '_x', edits[1])
    const outcome = async (response: string) => {
      const browser = stage.browser()
      const asked = await stage.begin(browser, '/')
      await stage.post(browser, response, asked.relayState)
      return refusals(stage).at(-1)?.['reason']
    }
    await Promise.all(Array.from({ length: 7 }, () => outcome(answer)))
    expect(refusals(stage).map(({ reason }) => reason)).toEqual([
      ...Array<string>(5).fill('decryption-failed'),
      ...Array<string>(2).fill('decryption-limit'),
    ])
    const fresh = await encryptedAnswer(stage, '_x', edits[1])
    expect(await outcome(fresh)).toBe('decryption-failed')

    const DAY = 86_400_000
    const kept = async () => (await env.DB.prepare('SELECT * FROM key_tries').all()).results.length
    vi.setSystemTime(start.getTime() + DAY - 1)
    await stage.cron()
    expect(await kept()).toBe(2)
    expect(await outcome(answer)).toBe('decryption-limit')
    vi.setSystemTime(start.getTime() + 2 * DAY - 1)
    await stage.cron()
    expect(await kept()).toBe(0)
    expect(await outcome(answer)).toBe('decryption-failed')
  })

  it('is counted only where no signature covers it', async () => {
    const stage = await stageWith()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    const answer = await encryptedAnswer(stage, asked.id, {}, true)
    expect((await stage.post(browser, answer, asked.relayState)).status).toBe(303)
    const { results } = await env.DB.prepare('SELECT * FROM key_tries').all()
    expect(results).toEqual([])
  })
})

describe('a request that is signed', () => {
  it.each(['rsa-sha256', 'ecdsa-sha256'] as const)('by %s, in the query', async (algorithm) => {
    const stage = await stageWith({ signRequests: algorithm })
    const [certificate, ...others] = await certificatesOf(stage, 'signing')
    expect(others).toEqual([])
    const sent = await stage.browser().go(`${SITE}/.gatehouse/login?connection=okta&go=1&to=/`)
    const location = locationOf(sent)
    const [signed = '', signature = ''] = location
      .slice(location.indexOf('SAMLRequest='))
      .split('&Signature=')
    const value = decodeBase64(decodeURIComponent(signature))
    if (!value.ok) throw new Error(value.error)
    const parameters =
      algorithm === 'rsa-sha256'
        ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
        : { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey(
      'spki',
      await spkiOf(certificate),
      parameters,
      false,
      ['verify'],
    )
    expect(await crypto.subtle.verify(parameters, key, value.value, utf8(signed))).toBe(true)
    expect((await readRequest(location)).xml).toContain('<samlp:AuthnRequest')
  })

  it.each([
    ['that cron has made: a sign-in makes none', true, []],
    [
      'that the first one makes, where cron has not run, and no other after it',
      false,
      ['rsa-sha256'],
    ],
  ] as const)('by a key %s', async (_, hasRun, made) => {
    await env.DB.exec('DELETE FROM sp_keys; DELETE FROM sp_generations')
    const stage = await stageWith({ signRequests: 'rsa-sha256' })
    if (hasRun) await stage.cron()
    const generate = vi.spyOn(crypto.subtle, 'generateKey')
    const kinds = async () =>
      (await env.DB.prepare('SELECT kind FROM sp_keys ORDER BY kind').all()).results.map(
        ({ kind }) => kind,
      )
    for (let i = 0; i < 3; i++) {
      // Each in an isolate that remembers nothing.
      const browser = stage.browser({})
      const sent = await browser.go(`${SITE}/.gatehouse/login?connection=okta&go=1&to=/`)
      expect(locationOf(sent)).toContain('&Signature=')
    }
    expect(generate).toHaveBeenCalledTimes(made.length)
    generate.mockRestore()
    expect(await kinds()).toEqual(hasRun ? ['encryption', 'rsa-sha256'] : made)
  })

  it('by the form', async () => {
    const stage = await stageWith({ signRequests: 'rsa-sha256' }, { ssoBinding: 'post' })
    const [certificate = ''] = await certificatesOf(stage, 'signing')
    const page = await stage.browser().go(`${SITE}/.gatehouse/login?connection=okta&go=1&to=/`)
    const [, field = ''] = /name="SAMLRequest" value="([^"]*)"/.exec(await page.text()) ?? []
    const bytes = decodeBase64(field)
    const document = bytes.ok ? parseXml(bytes.value) : null
    const parsed = parseCertificate(certificate)
    if (!document?.ok || !parsed.ok) throw new Error('it is no request')
    const trust = { certificates: [prepare(parsed.value)], sha1: false, weakRsa: false }
    expect(await verifySignature(document.value, trust)).toMatchObject({
      ok: true,
      value: { local: 'AuthnRequest' },
    })
  })

  it('is said in the metadata, and not where requests are not signed', async () => {
    const stage = await stageWith()
    const xml = await (await stage.browser().go(METADATA)).text()
    expect(xml).toContain('AuthnRequestsSigned="false"')
    // Messages of single logout are signed all the same.
    expect(xml).toContain('use="signing"')
  })
})

describe('a way of signing in that is asked for exactly', () => {
  it.each([
    ['exact', 403],
    ['minimum', 303],
  ] as const)('%s: another one is answered with %i', async (comparison, status) => {
    const stage = await stageWith({ authnContext: { comparison, classRefs: ['urn:other'] } })
    expect((await stage.signIn(stage.browser())).status).toBe(status)
  })
})
