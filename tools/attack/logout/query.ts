/** Attacks on the query of HTTP-Redirect and its signature (Bindings §3.4.4.1). */
import { encodeBase64, utf8 } from '../../../src/lib/bytes.ts'
import { deflated, RSA_SHA256, signedQuery } from '../../signing/logout.ts'
import { FORGED } from '../text.ts'
import {
  bomb,
  byQuery,
  changed,
  genuine,
  genuineQuery,
  group,
  requestXml,
  type LogoutEntry,
  type LogoutStage,
} from './stage.ts'

const attacker = {
  class: 'slo-query',
  by: 'attacker',
  correct: 'refuse',
  gatehouse: 'signature-mismatch',
  source: 'Bindings §3.4.4.1',
} as const

/** The genuine query, changed by somebody who has no key. */
const edit = (from: string | RegExp, to: string) => async (s: LogoutStage) =>
  byQuery(changed(await genuineQuery(s), from, to))

const forgedMessage = async (s: LogoutStage): Promise<string> =>
  encodeURIComponent(await deflated(requestXml(s, { nameId: FORGED })))

const sha1Of = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
const more = (name: string) => `http://www.w3.org/2001/04/xmldsig-more#${name}`
const sigAlg = (to: string) => edit(encodeURIComponent(RSA_SHA256), encodeURIComponent(to))

export const query: readonly LogoutEntry[] = [
  ...group(attacker, {
    'slo-forged': {
      says: 'another LogoutRequest with the signature of the genuine query',
      make: async (s) =>
        byQuery(changed(await genuineQuery(s), /(?<=SAMLRequest=)[^&]*/, await forgedMessage(s))),
    },
    'slo-resigned': {
      says: 'signed by a key of the attacker',
      make: async (s) => byQuery(await signedQuery(s.attacker, requestXml(s, { nameId: FORGED }))),
    },
    'slo-resigned-other-connection': {
      says: 'signed by the identity provider of another connection, in the name of this one',
      by: 'idp',
      make: async (s) => byQuery(await signedQuery(s.other, requestXml(s, { nameId: FORGED }))),
    },
    'slo-resigned-encryption-key': {
      says: 'signed by the key that the metadata has for encryption alone',
      by: 'idp',
      source: 'Metadata §2.4.1.1',
      make: async (s) => byQuery(await signedQuery(s.encrypting, requestXml(s))),
    },
    'slo-reflected': {
      says: 'a LogoutRequest that we signed, sent back to us in the name of the identity provider',
      source: 'ours',
      make: async (s) => byQuery(await signedQuery(s.us, requestXml(s))),
    },
    'slo-unsigned': {
      says: 'SigAlg and Signature left out',
      gatehouse: 'logout-unsigned',
      make: edit(/&SigAlg=.*/, ''),
    },
    'slo-unsigned-forged': {
      says: 'another LogoutRequest, unsigned',
      gatehouse: 'logout-unsigned',
      make: async (s) => byQuery(`SAMLRequest=${await forgedMessage(s)}`),
    },
    'slo-no-signature': {
      says: 'Signature left out, SigAlg kept',
      gatehouse: 'malformed-binding',
      make: edit(/&Signature=.*/, ''),
    },
    'slo-no-sigalg': {
      says: 'SigAlg left out, Signature kept',
      gatehouse: 'malformed-binding',
      make: edit(/&SigAlg=[^&]*/, ''),
    },
    'slo-empty-signature': {
      says: 'an empty Signature',
      gatehouse: 'malformed-signature',
      make: edit(/(?<=&Signature=).*/, ''),
    },
    'slo-spoiled-signature': {
      says: 'a Signature that is not base64',
      gatehouse: 'malformed-signature',
      make: edit(/(?<=&Signature=)./, '-'),
    },
    'slo-signature-shortened': {
      says: 'a Signature that was cut',
      make: edit(/(?<=&Signature=).*/, 'AAAA'),
    },
    'slo-relaystate-changed': {
      says: 'another RelayState',
      make: edit('RelayState=a', 'RelayState=b'),
    },
    'slo-relaystate-removed': {
      says: 'RelayState left out',
      make: edit(/&RelayState=[^&]*/, ''),
    },
    'slo-relaystate-emptied': {
      says: 'an empty RelayState',
      make: edit(/(?<=RelayState=)[^&]*/, ''),
    },
    'slo-relaystate-added': {
      says: 'a RelayState where none was signed',
      make: async (s) => byQuery(`${await genuineQuery(s, { relayState: null })}&RelayState=x`),
    },
    'slo-boundary-moved': {
      says: 'the ampersand before RelayState encoded, so that the message ends later',
      make: edit('&RelayState=', '%26RelayState%3D'),
    },
    'slo-lower-case': {
      says: 're-encoded: percent-encoding in lower case',
      make: edit('http%3A%2F%2F', 'http%3a%2f%2f'),
    },
    'slo-plus': { says: 're-encoded: a plus for a space', make: edit('a%20b', 'a+b') },
    'slo-overencoded': {
      says: 're-encoded: a letter as its percent code',
      make: edit('=a%20', '=%61%20'),
    },
    'slo-decoded': { says: 're-encoded: a slash for its percent code', make: edit('b%2Fc', 'b/c') },
    'slo-message-overencoded': {
      says: 're-encoded: the first letter of the message as its percent code',
      make: async (s) => {
        const text = await genuineQuery(s)
        const [, first = ''] = /SAMLRequest=(.)/.exec(text) ?? []
        const code = first.charCodeAt(0).toString(16)
        return byQuery(changed(text, `SAMLRequest=${first}`, `SAMLRequest=%${code}`))
      },
    },
    'slo-reordered-signature': {
      says: 'signed in another order than SAMLRequest, RelayState, SigAlg',
      by: 'idp',
      make: async (s) => {
        const parts = (await genuineQuery(s)).split('&')
        const [message = '', state = '', algorithm = ''] = parts
        const signed = [state, message, algorithm].join('&')
        const bytes = await crypto.subtle.sign(
          'RSASSA-PKCS1-v1_5',
          s.idp.keys.privateKey,
          utf8(signed),
        )
        const value = encodeURIComponent(encodeBase64(new Uint8Array(bytes)))
        return byQuery(`${signed}&Signature=${value}`)
      },
    },
    'slo-sigalg-sha1': {
      says: 'SigAlg swapped for RSA-SHA1',
      gatehouse: 'sha1-not-allowed',
      make: sigAlg(sha1Of),
    },
    'slo-signed-sha1': {
      says: 'signed with RSA-SHA1, which the connection does not allow',
      by: 'idp',
      gatehouse: 'sha1-not-allowed',
      make: async (s) => byQuery(await genuineQuery(s, { sigAlg: sha1Of })),
    },
    'slo-sigalg-sha512': {
      says: 'SigAlg swapped for RSA-SHA512',
      make: sigAlg(more('rsa-sha512')),
    },
    'slo-sigalg-ecdsa': { says: 'SigAlg swapped for ECDSA', make: sigAlg(more('ecdsa-sha256')) },
    'slo-sigalg-hmac': {
      says: 'SigAlg swapped for HMAC, with our certificate of the identity provider as the secret',
      gatehouse: 'algorithm-not-allowed',
      make: async (s) => {
        const signed = `SAMLRequest=${await forgedMessage(s)}&SigAlg=${encodeURIComponent(more('hmac-sha256'))}`
        const hmac = { name: 'HMAC', hash: 'SHA-256' }
        const secret = utf8(s.idp.certificate)
        const key = await crypto.subtle.importKey('raw', secret, hmac, false, ['sign'])
        const value = encodeBase64(
          new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(signed))),
        )
        return byQuery(`${signed}&Signature=${encodeURIComponent(value)}`)
      },
    },
    'slo-sigalg-none': {
      says: 'an empty SigAlg',
      gatehouse: 'algorithm-not-allowed',
      make: edit(/(?<=SigAlg=)[^&]*/, ''),
    },
    'slo-twice': {
      says: 'the forged SAMLRequest before the genuine one',
      gatehouse: 'malformed-binding',
      make: async (s) => byQuery(`SAMLRequest=${await forgedMessage(s)}&${await genuineQuery(s)}`),
    },
    'slo-twice-behind': {
      says: 'the forged SAMLRequest behind the genuine one',
      gatehouse: 'malformed-binding',
      make: async (s) => byQuery(`${await genuineQuery(s)}&SAMLRequest=${await forgedMessage(s)}`),
    },
    'slo-twice-encoded': {
      says: 'the forged SAMLRequest beside the genuine one, its name written with a percent code',
      gatehouse: 'malformed-binding',
      make: async (s) =>
        byQuery(`SAML%52equest=${await forgedMessage(s)}&${await genuineQuery(s)}`),
    },
    'slo-relaystate-twice': {
      says: 'RelayState twice',
      gatehouse: 'malformed-binding',
      make: async (s) => byQuery(`${await genuineQuery(s)}&RelayState=x`),
    },
    'slo-signature-twice': {
      says: 'Signature twice',
      gatehouse: 'malformed-binding',
      make: async (s) => byQuery(`${await genuineQuery(s)}&Signature=AAAA`),
    },
    'slo-both': {
      says: 'a SAMLResponse beside the genuine SAMLRequest',
      gatehouse: 'malformed-binding',
      make: async (s) => byQuery(`${await genuineQuery(s)}&SAMLResponse=${await forgedMessage(s)}`),
    },
    'slo-encoding-unknown': {
      says: 'an unknown SAMLEncoding beside the genuine query',
      gatehouse: 'malformed-binding',
      source: 'Bindings §3.4.4',
      make: async (s) => byQuery(`${await genuineQuery(s)}&SAMLEncoding=urn%3Ax`),
    },
    'slo-bad-percent': {
      says: 'a percent sign without its digits',
      gatehouse: 'malformed-binding',
      make: edit('a%20b', 'a%2'),
    },
    'slo-not-utf8': {
      says: 'octets that are not UTF-8',
      gatehouse: 'malformed-binding',
      make: edit('a%20b', 'a%FFb'),
    },
    'slo-nothing': {
      says: 'an empty query',
      gatehouse: 'malformed-binding',
      make: () => byQuery(''),
    },
    'slo-long': {
      says: 'a query that no URL can have',
      gatehouse: 'malformed-binding',
      make: async (s) => byQuery(`${await genuineQuery(s)}&x=${'a'.repeat(16_000)}`),
    },
    'slo-reordered': {
      says: 'the parameters in another order, each as it was signed',
      correct: 'either',
      gatehouse: 'accepted',
      make: async (s) => byQuery((await genuineQuery(s)).split('&').toReversed().join('&')),
    },
    'slo-name-encoded': {
      says: 'the name of SAMLRequest written with a percent code',
      correct: 'either',
      gatehouse: 'malformed-binding',
      make: edit('SAMLRequest', 'SAML%52equest'),
    },
    'slo-stranger': {
      says: 'a parameter that nobody signed beside the genuine query',
      correct: 'either',
      gatehouse: 'accepted',
      make: async (s) =>
        byQuery(
          `x=1&${await genuineQuery(s)}&SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE`,
        ),
    },
    'slo-enveloped-alone': {
      says: 'the signed message of a form in a query without a signature',
      gatehouse: 'logout-unsigned',
      make: async (s) =>
        byQuery(`SAMLRequest=${encodeURIComponent(await deflated(await genuine(s)))}`),
    },
    'slo-enveloped-resigned': {
      says: 'the signed message of a form in a query that the attacker signed',
      make: async (s) => byQuery(await signedQuery(s.attacker, await genuine(s))),
    },
    'slo-bomb': {
      says: 'a message that would inflate to 8 MB, with the signature of the genuine query',
      make: async (s) =>
        byQuery(
          changed(
            await genuineQuery(s),
            /(?<=SAMLRequest=)[^&]*/,
            encodeURIComponent(await bomb()),
          ),
        ),
    },
  }),
]
