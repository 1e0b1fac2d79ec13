/** Attacks on the signature that a message in a form or in SOAP carries itself (Core §5.4). */
import { encodeBase64, utf8 } from '../../../src/lib/bytes.ts'
import { signatureFor, type SignOptions } from '../../signing/saml-signer.ts'
import { FORGED } from '../text.ts'
import {
  behindIssuer,
  byForm,
  changed,
  forged,
  genuine,
  group,
  requestXml,
  signedBy,
  type LogoutEntry,
  type LogoutStage,
} from './stage.ts'

const attacker = {
  class: 'slo-signature',
  by: 'attacker',
  correct: 'refuse',
  gatehouse: 'digest-mismatch',
  source: 'Core §5.4',
} as const

/** The genuine signed request, changed by somebody who has no key. */
const edit = (from: string | RegExp, to: string) => async (s: LogoutStage) =>
  byForm(changed(await genuine(s), from, to))

const byAttacker =
  (options: SignOptions = {}) =>
  async (s: LogoutStage) =>
    byForm(await signedBy(s.attacker, requestXml(s, { nameId: FORGED }), options))

const keyInfoOf = (certificate: string): string =>
  `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`

export const signature: readonly LogoutEntry[] = group(attacker, {
  'slo-post-stripped': {
    says: 'the signature left out',
    gatehouse: 'logout-unsigned',
    make: edit(/<ds:Signature .*<\/ds:Signature>/s, ''),
  },
  'slo-post-forged': {
    says: 'another LogoutRequest, unsigned',
    gatehouse: 'logout-unsigned',
    make: (s) => byForm(forged(s)),
  },
  'slo-post-name': { says: 'another NameID', make: edit('zoe@example.test', FORGED) },
  'slo-post-session-removed': {
    says: 'SessionIndex left out, so that all sessions would end',
    make: edit(/<samlp:SessionIndex>.*<\/samlp:SessionIndex>/, ''),
  },
  'slo-post-session-added': {
    says: 'another SessionIndex beside the signed one',
    make: edit(
      '</samlp:SessionIndex>',
      '</samlp:SessionIndex><samlp:SessionIndex>x</samlp:SessionIndex>',
    ),
  },
  'slo-post-destination': {
    says: 'made for another service provider, its Destination changed to ours',
    make: async (s) =>
      byForm(
        changed(
          await signedBy(s.idp, requestXml(s, { destination: 'https://other.test/slo' })),
          'https://other.test/slo',
          'https://sp.test/slo',
        ),
      ),
  },
  'slo-post-time': {
    says: 'an old message with a new IssueInstant',
    make: async (s) => {
      const old = new Date('2026-11-23T10:00:00Z')
      const xml = await signedBy(s.idp, requestXml(s, { now: old }))
      return byForm(changed(xml, '2026-11-23', '2026-11-24'))
    },
  },
  'slo-post-comment': {
    says: 'a comment in the NameID, which canonicalization leaves out: the whole name counts',
    correct: 'either',
    gatehouse: 'accepted',
    make: edit('zoe@example.test', 'zoe@example<!-- -->.test'),
  },
  'slo-post-resigned': {
    says: 'signed by a key of the attacker',
    gatehouse: 'signature-mismatch',
    make: byAttacker(),
  },
  'slo-post-keyinfo': {
    says: 'signed by a key of the attacker, whose certificate is in KeyInfo',
    gatehouse: 'signature-mismatch',
    source: 'CVE-2024-32962 (xml-crypto)',
    make: (s) => byAttacker({ keyInfo: keyInfoOf(s.attacker.certificate) })(s),
  },
  'slo-post-keyinfo-genuine': {
    says: 'signed by a key of the attacker, with the genuine certificate in KeyInfo',
    gatehouse: 'signature-mismatch',
    make: (s) => byAttacker({ keyInfo: keyInfoOf(s.idp.certificate) })(s),
  },
  'slo-post-other-connection': {
    says: 'signed by the identity provider of another connection',
    by: 'idp',
    gatehouse: 'signature-mismatch',
    make: async (s) => byForm(await signedBy(s.other, requestXml(s, { nameId: FORGED }))),
  },
  'slo-post-encryption-key': {
    says: 'signed by the key that the metadata has for encryption alone',
    by: 'idp',
    gatehouse: 'signature-mismatch',
    source: 'Metadata §2.4.1.1',
    make: async (s) => byForm(await signedBy(s.encrypting, requestXml(s))),
  },
  'slo-post-hmac': {
    says: 'HMAC as the algorithm, with our certificate of the identity provider as the secret',
    gatehouse: 'algorithm-not-allowed',
    source: 'CVE-2021-21239 (pysaml2)',
    make: (s) =>
      byAttacker({
        signatureMethod: 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
        signValue: async (signedInfo) => {
          const hmac = { name: 'HMAC', hash: 'SHA-256' }
          const secret = utf8(s.idp.certificate)
          const key = await crypto.subtle.importKey('raw', secret, hmac, false, ['sign'])
          const value = await crypto.subtle.sign('HMAC', key, utf8(signedInfo))
          return encodeBase64(new Uint8Array(value))
        },
      })(s),
  },
  'slo-post-uri-empty': {
    says: 'a Reference to the whole document',
    by: 'idp',
    gatehouse: 'reference-not-parent',
    make: async (s) => byForm(await signedBy(s.idp, requestXml(s), { referenceUri: '' })),
  },
  'slo-post-transforms': {
    says: 'no canonicalization among the transforms',
    by: 'idp',
    gatehouse: 'transforms-not-allowed',
    make: async (s) =>
      byForm(
        await signedBy(s.idp, requestXml(s), {
          transforms:
            '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>',
        }),
      ),
  },
  'slo-post-sha1': {
    says: 'a digest by SHA-1, which the connection does not allow',
    by: 'idp',
    gatehouse: 'sha1-not-allowed',
    make: async (s) =>
      byForm(
        await signedBy(s.idp, requestXml(s), {
          digestMethod: 'http://www.w3.org/2000/09/xmldsig#sha1',
        }),
      ),
  },
  'slo-post-two-signatures': {
    says: 'the signature of the attacker beside the genuine one',
    gatehouse: 'several-signatures',
    make: async (s) => {
      const xml = await genuine(s)
      return byForm(behindIssuer(xml, await signatureFor(requestXml(s), '_logout', s.attacker)))
    },
  },
})
