/** What an identity provider may put into a query that it signs (Bindings §3.4.4.1). */
import { encodeBase64, utf8 } from '../../../src/lib/bytes.ts'
import { deflated, signedBase64, signedQuery } from '../../signing/logout.ts'
import { bomb, byQuery, genuine, group, requestXml, signedBy, type LogoutEntry } from './stage.ts'

const idp = {
  class: 'slo-query',
  by: 'idp',
  correct: 'refuse',
  gatehouse: 'signature-mismatch',
  source: 'Bindings §3.4.4.1',
} as const

export const compressed: readonly LogoutEntry[] = [
  ...group(idp, {
    'slo-bomb-signed': {
      says: 'a message that inflates to 8 MB',
      gatehouse: 'too-large',
      make: async (s) => byQuery(await signedBase64(s.idp, await bomb())),
    },
    'slo-not-deflated': {
      says: 'a message that is not compressed',
      gatehouse: 'malformed-binding',
      make: async (s) => byQuery(await signedBase64(s.idp, encodeBase64(utf8(requestXml(s))))),
    },
    'slo-deflate-cut': {
      says: 'compressed data that ends too early',
      gatehouse: 'malformed-binding',
      make: async (s) =>
        byQuery(await signedBase64(s.idp, (await deflated(requestXml(s))).slice(0, 200))),
    },
    'slo-deflate-and-more': {
      says: 'other data behind the compressed data',
      gatehouse: 'malformed-binding',
      make: async (s) => {
        const base64 = await deflated(requestXml(s))
        return byQuery(await signedBase64(s.idp, btoa(`${atob(base64)}more data`)))
      },
    },
    'slo-not-base64': {
      says: 'a message in base64url',
      gatehouse: 'not-base64',
      make: async (s) =>
        byQuery(
          await signedBase64(s.idp, `${(await deflated(requestXml(s))).replaceAll('=', '')}-_--`),
        ),
    },
    'slo-doctype': {
      says: 'a DOCTYPE in the message',
      gatehouse: 'malformed-xml: doctype',
      make: async (s) => byQuery(await signedQuery(s.idp, `<!DOCTYPE a>${requestXml(s)}`)),
    },
    'slo-both-signed': {
      says: 'a signed query around a message that has a signature of its own, which must not be there',
      correct: 'either',
      gatehouse: 'accepted',
      make: async (s) =>
        byQuery(await signedQuery(s.idp, await genuine(s), { relayState: 'a b/c' })),
    },
    'slo-inner-signature-elsewhere': {
      says: 'a signed query around a message with the signature of an attacker inside',
      correct: 'either',
      gatehouse: 'accepted',
      make: async (s) =>
        byQuery(
          await signedQuery(s.idp, await signedBy(s.attacker, requestXml(s)), {
            relayState: 'a b/c',
          }),
        ),
    },
  }),
]
