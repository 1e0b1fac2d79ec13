/** Encryption hides content; it does not prove who wrote it. */
import { signElement, type Target } from '../signing.ts'
import { encrypted, type Encryption } from '../encrypting.ts'
import { group, type Entry, type Stage } from '../entry.ts'
import { idpOf, resigned, same } from '../signing.ts'
import {
  afterEndOf,
  forge,
  insideEndOf,
  piecesOf,
  put,
  unsignedAssertion,
  withAssertion,
  withoutSignatures,
} from '../text.ts'

const NOT_AUTHENTICATION = 'encryption is not authentication; CVE-2026-2092 (Keycloak)'
const BESIDE =
  'CVE-2026-2092 (Keycloak), CVE-2024-4985 and CVE-2024-9487 (GitHub Enterprise Server)'

const encrypt = (stage: Stage, text: string, options: Encryption = {}): Promise<string> => {
  if (!stage.encryptionKey) throw new Error('this message needs an encryption key')
  return encrypted(text, stage.encryptionKey, options)
}

/** The response with its assertion encrypted and no signature on the Response. */
async function sealed(stage: Stage, xml: string, options: Encryption = {}): Promise<string> {
  const pieces = piecesOf(xml)
  const data = await encrypt(stage, pieces.assertion, options)
  return put(withAssertion(pieces, data), pieces.responseSignature, '')
}

async function signedOutside(stage: Stage, xml: string): Promise<string> {
  const of: Target = 'Response'
  return signElement(xml, of, await idpOf(stage).signer('SHA-256'))
}

const signedInside = (options: Encryption) => async (stage: Stage) =>
  sealed(stage, await resigned(stage, same, { as: 'assertion' }), options)

/** The attacker's assertion, encrypted for the service provider. */
const forgedData = (stage: Stage): Promise<string> => encrypt(stage, forge(stage.pieces))

const needs = ['encryption-key'] as const
const withIdp = { needs: ['encryption-key', 'idp-key'] } as const

export const encryption: readonly Entry[] = [
  ...group(
    {
      by: 'idp',
      correct: 'accept',
      class: 'encryption',
      source: 'Core §6; Profiles §4.1.4',
      gatehouse: 'accepted',
      ...withIdp,
    },
    {
      'ok-encrypted-signed-assertion-cbc': {
        says: 'encrypted with AES-256-CBC and OAEP, Assertion signed',
        make: signedInside({ cipher: 'aes256-cbc' }),
      },
      'ok-encrypted-signed-assertion-gcm': {
        says: 'encrypted with AES-256-GCM and OAEP, Assertion signed',
        make: signedInside({}),
      },
      'ok-encrypted-response-signed': {
        says: 'encrypted, Response signed, Assertion not',
        make: async (s) => signedOutside(s, await sealed(s, withoutSignatures(s.seed.xml))),
      },
      'ok-encrypted-both': {
        says: 'encrypted, both signed',
        make: async (s) => signedOutside(s, await signedInside({})(s)),
      },
    },
  ),
  ...group(
    {
      by: 'attacker',
      correct: 'refuse',
      class: 'encryption',
      source: NOT_AUTHENTICATION,
      gatehouse: 'unsigned',
      needs,
    },
    {
      'enc-unsigned': {
        says: 'encrypted and nowhere signed',
        make: (s) => sealed(s, withoutSignatures(s.seed.xml)),
      },
      'encrypted-forged-unsigned': {
        says: 'a forged Assertion, encrypted and unsigned, and no other',
        make: async (s) =>
          put(withAssertion(s.pieces, await forgedData(s)), s.pieces.responseSignature, ''),
      },
      'enc-pkcs1': {
        by: 'idp',
        correct: 'either',
        ...withIdp,
        says: 'key transport by RSA PKCS#1 v1.5',
        source: 'Jager, Schinzel, Somorovsky, ESORICS 2012',
        gatehouse: 'encryption-not-allowed',
        make: signedInside({ transport: 'rsa-1_5' }),
      },
      'enc-gcm-short-tag': {
        ...withIdp,
        says: 'the tag of GCM cut to 12 bytes',
        source: 'CVE-2026-32313 (xmlseclibs)',
        gatehouse: 'decryption-failed',
        make: signedInside({ editCipher: (bytes) => bytes.slice(0, -4) }),
      },
      'encrypted-gcm-short-tag': {
        ...withIdp,
        says: 'the tag of GCM cut to 4 bytes',
        source: 'CVE-2026-32313 (xmlseclibs)',
        gatehouse: 'decryption-failed',
        make: signedInside({ editCipher: (bytes) => bytes.slice(0, -12) }),
      },
      'enc-bad-padding': {
        ...withIdp,
        says: 'a padding of length 0 in CBC, which must look like any other failure',
        source: 'Jager and Somorovsky, CCS 2011',
        gatehouse: 'decryption-failed',
        make: signedInside({ cipher: 'aes256-cbc', padding: (length) => new Uint8Array(length) }),
      },
    },
  ),
  ...group(
    {
      by: 'attacker',
      correct: 'either',
      class: 'encryption',
      source: BESIDE,
      gatehouse: 'several-assertions',
      needs,
    },
    {
      'plain-plus-encrypted': {
        says: 'a signed Assertion in the clear, and an unsigned encrypted one',
        source: 'CVE-2026-2092 (Keycloak)',
        make: async (s) =>
          afterEndOf(s.seed.xml, 'Status', await encrypt(s, unsignedAssertion(s.pieces))),
      },
      'encrypted-forged-before-genuine': {
        correct: 'refuse',
        says: 'a forged Assertion, encrypted, before the genuine one',
        make: async (s) => withAssertion(s.pieces, (await forgedData(s)) + s.pieces.assertion),
      },
      'encrypted-forged-after-genuine': {
        says: 'a forged Assertion, encrypted, after the genuine one',
        make: async (s) => withAssertion(s.pieces, s.pieces.assertion + (await forgedData(s))),
      },
    },
  ),
  ...group(
    {
      by: 'attacker',
      correct: 'refuse',
      class: 'encryption',
      source: 'CVE-2024-9487 (GitHub Enterprise Server); OneLogin test suite',
      gatehouse: 'decryption-failed',
      needs,
    },
    {
      'encrypted-xsw4': {
        says: 'within the ciphertext the genuine Assertion is a child of the forged one',
        gatehouse: 'several-assertions',
        make: async (s) => inside(s, insideEndOf(forge(s.pieces), 'Assertion', s.pieces.assertion)),
      },
      'encrypted-two-assertions': {
        says: 'the ciphertext holds two Assertions',
        source: 'OneLogin test suite',
        make: async (s) => inside(s, forge(s.pieces) + s.pieces.assertion),
      },
      'encrypted-doctype': {
        says: 'the ciphertext holds a DOCTYPE',
        source: 'the second parse, after decryption',
        make: async (s) => inside(s, `<!DOCTYPE x>${s.pieces.assertion}`),
      },
    },
  ),
]

const inside = async (s: Stage, text: string): Promise<string> =>
  put(withAssertion(s.pieces, await encrypt(s, text)), s.pieces.responseSignature, '')
