import { describe, expect, it } from 'vitest'
import { allowSha1, explainResponse, openResponse, type Expect } from '../../src/saml/index.ts'
import { createSpKey, decodePem, importDecryptionKeys } from '../../tools/signing/encryptor.ts'
import manifestText from '../vectors/responses/manifest.json?raw'

const files = import.meta.glob('../vectors/responses/**/*', {
  query: '?raw',
  eager: true,
  import: 'default',
})
const fileOf = (name: string): string => files[`../vectors/responses/${name}`] ?? ''

interface Capture {
  readonly id: string
  readonly kind: string
  readonly file_b64: string
  readonly idp_certificate: string
  readonly idp_entity_id: string
  readonly acs_url: string
  readonly encrypted: boolean
  readonly encrypted_name_id?: boolean
  readonly suggested_verdict: string
  readonly algorithms: { readonly signature_algorithms: readonly string[] }
  readonly expected: {
    readonly issue_instant: string
    readonly in_response_to: string | null
    readonly status: readonly string[]
    readonly assertion_id?: string
    readonly session_index?: string | null
    readonly name_id?: { readonly value: string; readonly format: string } | null
    readonly attributes?: readonly { readonly name: string; readonly values: readonly string[] }[]
  }
}
const manifest: {
  readonly sp: { readonly SP_ENTITY_ID: string }
  readonly captures: readonly Capture[]
} = JSON.parse(manifestText)
const responses = manifest.captures.filter((capture) => capture.kind === 'Response')

const decryptionKeys = await importDecryptionKeys(decodePem(fileOf('keys/sp.key')))

/** Those that Gatehouse refuses by policy. */
const refusedFor: Readonly<Record<string, object>> = {
  'lasso-enc-3des': { reason: 'encryption-not-allowed', of: 'content' },
  'lasso-enc-aes256cbc-rsa15': { reason: 'encryption-not-allowed', of: 'key-transport' },
}

const sha1 = (capture: Capture): boolean =>
  capture.algorithms.signature_algorithms.some((algorithm) => algorithm.endsWith('sha1'))

function expectationsOf(capture: Capture, now = capture.expected.issue_instant): Expect {
  return {
    idp: { entityId: capture.idp_entity_id, certificates: [fileOf(capture.idp_certificate)] },
    sp: {
      entityId: manifest.sp.SP_ENTITY_ID,
      acsUrl: capture.acs_url,
      ...(capture.encrypted ? { decryptionKeys } : {}),
    },
    inResponseTo: capture.expected.in_response_to,
    now: new Date(now),
    ...(sha1(capture) ? { [allowSha1]: true } : {}),
  }
}

const open = (capture: Capture, changed: Partial<Expect> = {}) =>
  openResponse(fileOf(capture.file_b64), { ...expectationsOf(capture), ...changed })

describe('responses of SimpleSAMLphp, samlp, Lasso and saml-idp', () => {
  it('has them all', () => {
    expect(responses.length).toBe(46)
  })

  it.each(responses.map((capture) => [capture.id, capture] as const))('%s', async (_, capture) => {
    const opened = await open(capture)
    const refusal = refusedFor[capture.id]
    if (refusal) {
      expect(opened).toMatchObject({ ok: false, error: refusal })
    } else if (capture.suggested_verdict === 'status') {
      expect(opened).toMatchObject({
        ok: false,
        error: { reason: 'status', codes: capture.expected.status },
      })
    } else {
      const expected = capture.expected
      if (!opened.ok) throw new Error(`${capture.id}: ${opened.error.reason}`)
      expect(opened.value).toMatchObject({
        nameId: expected.name_id?.value,
        nameIdFormat: expected.name_id?.format,
        sessionIndex: expected.session_index ?? null,
        assertionId: expected.assertion_id,
        issuer: capture.idp_entity_id,
      })
      expect(Object.fromEntries(opened.value.attributes)).toEqual(
        Object.fromEntries((expected.attributes ?? []).map(({ name, values }) => [name, values])),
      )
    }
  })

  const encrypted = responses.filter((capture) => capture.encrypted)

  it.each(encrypted.map((capture) => [capture.id, capture] as const))(
    'refuses %s where there is no key, and where there is another one',
    async (_, capture) => {
      const { sp } = expectationsOf(capture)
      expect(await open(capture, { sp: { ...sp, decryptionKeys: [] } })).toMatchObject({
        error: { reason: 'no-decryption-key', hash: null },
      })
      const another = await createSpKey()
      const { decryptionKeys: keys } = another
      expect(await open(capture, { sp: { ...sp, decryptionKeys: keys } })).toMatchObject({
        error: refusedFor[capture.id] ?? { reason: 'decryption-failed' },
      })
    },
  )

  it('tells what was encrypted, and how', async () => {
    const capture = encrypted.find(({ id }) => id === 'samlp-enc-aes256gcm')
    if (!capture) throw new Error('there is such a capture')
    const { findings } = await explainResponse(fileOf(capture.file_b64), expectationsOf(capture))
    expect(findings.slice(0, 2)).toEqual([
      {
        check: 'Readable, and signed by a certificate of the connection',
        error: null,
        says: null,
      },
      {
        check: 'Encrypted parts decrypt with a key of ours',
        error: null,
        says: 'EncryptedAssertion, AES-GCM 256, RSA-OAEP SHA-1',
      },
    ])
  })

  const good = responses.filter(
    (capture) =>
      !refusedFor[capture.id] && capture.suggested_verdict === 'accept' && !sha1(capture),
  )

  it.each(good.map((capture) => [capture.id, capture] as const))(
    'refuses %s where it does not belong, by its reason',
    async (_, capture) => {
      const expected = expectationsOf(capture)
      const refusedAs = async (change: Partial<Expect>) => {
        const opened = await open(capture, change)
        return opened.ok ? 'accepted' : opened.error.reason
      }
      expect(await refusedAs({ sp: { ...expected.sp, entityId: 'https://other.test' } })).toMatch(
        /^(audience|name-id)$/,
      )
      expect(await refusedAs({ sp: { ...expected.sp, acsUrl: 'https://other.test/acs' } })).toMatch(
        /^(destination|recipient)$/,
      )
      expect(await refusedAs({ idp: { ...expected.idp, entityId: 'https://other.test' } })).toBe(
        'issuer',
      )
      expect(
        await refusedAs({ idp: { ...expected.idp, certificates: [fileOf('keys/sp.crt')] } }),
      ).toBe('signature-mismatch')
      expect(await refusedAs({ idp: { ...expected.idp, certificates: [] } })).toBe('no-certificate')
      expect(await refusedAs({ inResponseTo: '_another' })).toBe('in-response-to')
      expect(await refusedAs({ inResponseTo: null })).toBe('in-response-to')
      expect(await refusedAs({ now: new Date('2026-11-25T04:00:00Z') })).toBe(
        'confirmation-expired',
      )
      expect(await refusedAs({ now: new Date('2026-11-23T04:00:00Z') })).toBe('not-yet-valid')
    },
  )

  it('refuses SHA-1 unless it is allowed by name', async () => {
    const [capture] = responses.filter(sha1)
    if (!capture) throw new Error('there is a SHA-1 capture')
    const { [allowSha1]: _, ...strict } = expectationsOf(capture)
    expect(await openResponse(fileOf(capture.file_b64), strict)).toEqual({
      ok: false,
      error: { reason: 'sha1-not-allowed' },
    })
  })

  it('explains every check of a response that fails several', async () => {
    const [capture] = good
    if (!capture) throw new Error('there is a good capture')
    const { findings, subject } = await explainResponse(fileOf(capture.file_b64), {
      ...expectationsOf(capture, '2026-11-25T04:00:00Z'),
      sp: { entityId: 'https://other.test', acsUrl: 'https://other.test/acs' },
    })
    expect(subject).toBeNull()
    const failed = findings.flatMap(({ error }) => (error ? [error.reason] : []))
    expect(failed).toEqual([
      'destination',
      'name-id',
      'recipient',
      'expired',
      'audience',
      'session-expired',
    ])
    expect(findings.length).toBe(18)
  })
})
