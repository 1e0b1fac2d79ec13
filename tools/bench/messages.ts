/**
 * The messages to verify: the layouts of Okta and Entra ID, a signed Response, an encrypted
 * Assertion, and growing lists of groups.
 */
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { encrypt } from '../signing/encryptor.ts'
import { createTestIdp, responseXml, sign } from '../signing/saml-signer.ts'
import type { Message } from './message.ts'

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')

const sp = {
  spEntityId: 'https://sp.example.com/saml/metadata',
  acsUrl: 'https://sp.example.com/saml/acs',
  inResponseTo: '_req1',
}

const pinned = fixture('idp.crt').replaceAll(/-----[^-]+-----|\s/g, '')
const OKTA = 'http://www.okta.com/exk1fcia6d6EMsf331d8'
const ENTRA_50 = 'https://sts.windows.net/74e69a5d-0dd2-4a65-bd62-8881ad1b72db/'
const ENTRA_1000 = 'https://sts.windows.net/4ffaaa98-c602-43de-8954-7528eb998e41/'

const fromFile = (name: string, idpEntityId: string): Message => ({
  ...sp,
  name,
  xml: fixture(`${name}.xml`),
  certificate: pinned,
  idpEntityId,
  signed: 'assertion',
  decryptionKey: null,
})

export const GROUPS = [10, 50, 500, 5000] as const

export async function readMessages(): Promise<{
  readonly layouts: readonly Message[]
  readonly growing: readonly Message[]
}> {
  const idp = await createTestIdp()
  const signedHere = async (
    name: string,
    groups: number,
    signed: Message['signed'],
  ): Promise<Message> => {
    const written = responseXml({
      ...sp,
      issuer: idp.entityId,
      now: new Date(),
      attributes: {
        groups: Array.from({ length: groups }, (_, i) => `8f1c${String(i).padStart(28, '0')}`),
      },
    }).replaceAll(/NotOnOrAfter="[^"]*"/g, 'NotOnOrAfter="2099-01-01T00:00:00.000Z"')
    const id = signed === 'response' ? '_response' : '_assertion'
    const xml = await sign(written, id, idp)
    const { certificate, entityId: idpEntityId } = idp
    return { ...sp, name, xml, certificate, idpEntityId, signed, decryptionKey: null }
  }
  const plain = await signedHere('the same before it is encrypted', 50, 'assertion')
  return {
    layouts: [
      fromFile('okta', OKTA),
      fromFile('entra50', ENTRA_50),
      fromFile('entra1000', ENTRA_1000),
      await signedHere('signed Response', 50, 'response'),
      plain,
      await encrypted({ ...plain, name: 'encrypted Assertion' }),
    ],
    growing: await Promise.all(
      GROUPS.map((groups) => signedHere(`${groups} groups`, groups, 'assertion')),
    ),
  }
}

/** Encrypts as most IdPs do: AES-GCM, and RSA-OAEP with SHA-1. */
async function encrypted(message: Message): Promise<Message> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const [assertion = ''] = /<saml:Assertion.*<\/saml:Assertion>/s.exec(message.xml) ?? []
  const key = { spki: new Uint8Array(publicKey) }
  const sealed = await encrypt(assertion, key, { content: 'aes256-gcm', hash: 'SHA-1' })
  return {
    ...message,
    xml: message.xml.replace(assertion, () => sealed),
    decryptionKey: privateKey,
  }
}
