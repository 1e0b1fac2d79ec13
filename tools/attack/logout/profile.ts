/** Messages of logout that the identity provider signed, and that the profile refuses. */
import { signedQuery } from '../../signing/logout.ts'
import { FORGED } from '../text.ts'
import {
  answeredBy,
  byQuery,
  changed,
  encryptedId,
  group,
  identified,
  replaced,
  requestXml,
  SAML_DECLARED,
  signed,
  ZOE,
  type LogoutEntry,
} from './stage.ts'

const bad = {
  class: 'slo-profile',
  by: 'idp',
  correct: 'refuse',
  gatehouse: 'malformed-time',
  source: 'Profiles §4.4.4',
} as const

const NAME = `<saml:NameID>${ZOE}</saml:NameID>`

export const profile: readonly LogoutEntry[] = [
  ...group(bad, {
    'slo-issuer-missing': {
      says: 'no Issuer',
      gatehouse: 'issuer: LogoutRequest',
      make: replaced(/<saml:Issuer>.*<\/saml:Issuer>/, ''),
    },
    'slo-issuer-other': {
      says: 'the Issuer of another identity provider, with our key',
      gatehouse: 'issuer: LogoutRequest',
      make: replaced(/(?<=<saml:Issuer>)[^<]*/, 'https://other.test'),
    },
    'slo-issuer-format': {
      says: 'an Issuer of another Format',
      gatehouse: 'issuer: LogoutRequest',
      make: replaced(
        '<saml:Issuer>',
        '<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">',
      ),
    },
    'slo-version-11': {
      says: 'Version 1.1',
      gatehouse: 'version: LogoutRequest',
      source: 'Core §3.2.1',
      make: replaced('Version="2.0"', 'Version="1.1"'),
    },
    'slo-destination-missing': {
      says: 'no Destination',
      gatehouse: 'logout-destination',
      source: 'Bindings §3.4.5.2',
      make: replaced(/ Destination="[^"]*"/, ''),
    },
    'slo-destination-other': {
      says: 'made for another service provider',
      gatehouse: 'logout-destination',
      source: 'Bindings §3.4.5.2',
      make: replaced(/(?<=Destination=")[^"]*/, 'https://other.test/slo'),
    },
    'slo-destination-acs': {
      says: 'our ACS URL as the Destination',
      gatehouse: 'logout-destination',
      source: 'Bindings §3.4.5.2',
      make: replaced(/(?<=Destination=")[^"]*/, 'https://sp.test/acs'),
    },
    'slo-old': {
      says: 'a message of yesterday',
      by: 'attacker',
      gatehouse: 'logout-time: too-old',
      source: 'Core §3.2.1',
      make: signed((xml) => xml, { now: new Date('2026-11-23T10:00:00Z') }),
    },
    'slo-future': {
      says: 'a message of tomorrow',
      gatehouse: 'logout-time: to-come',
      source: 'Core §3.2.1',
      make: signed((xml) => xml, { now: new Date('2026-11-25T10:00:00Z') }),
    },
    'slo-no-time': {
      says: 'no IssueInstant',
      gatehouse: 'malformed-time',
      source: 'Core §3.2.1',
      make: replaced(/ IssueInstant="[^"]*"/, ''),
    },
    'slo-over': {
      says: 'NotOnOrAfter in the past',
      gatehouse: 'logout-time: over',
      source: 'Core §3.7.1',
      make: signed((xml) => xml, { attributes: ' NotOnOrAfter="2026-11-24T09:58:00Z"' }),
    },
    'slo-over-no-time': {
      says: 'a NotOnOrAfter that is no time',
      gatehouse: 'malformed-time',
      source: 'Core §3.7.1',
      make: signed((xml) => xml, { attributes: ' NotOnOrAfter="never"' }),
    },
    'slo-no-id': {
      says: 'no ID',
      gatehouse: 'invalid-id',
      source: 'Core §3.2.1',
      make: replaced(' ID="_logout"', ''),
    },
    'slo-no-name': {
      says: 'no NameID',
      gatehouse: 'logout-subject: missing',
      make: identified(''),
    },
    'slo-two-names': {
      says: 'two NameIDs',
      gatehouse: 'logout-subject: several',
      make: identified(`${NAME}<saml:NameID>${FORGED}</saml:NameID>`),
    },
    'slo-name-and-encrypted': {
      says: 'an EncryptedID beside the NameID',
      gatehouse: 'logout-subject: several',
      make: async (s) => {
        const plain = `<saml:NameID ${SAML_DECLARED}>${FORGED}</saml:NameID>`
        const identifier = NAME + (await encryptedId(s, plain))
        return byQuery(await signedQuery(s.idp, requestXml(s, { identifier })))
      },
    },
    'slo-base-id': {
      says: 'a BaseID',
      gatehouse: 'logout-subject: base-id',
      make: identified('<saml:BaseID/>'),
    },
    'slo-empty-name': {
      says: 'an empty NameID',
      gatehouse: 'logout-subject: empty',
      make: identified('<saml:NameID> </saml:NameID>'),
    },
    'slo-element-in-name': {
      says: 'an element in the NameID',
      gatehouse: 'logout-subject: not-text',
      make: identified(`<saml:NameID>zoe<a/>@example.test</saml:NameID>`),
    },
    'slo-name-other-sp': {
      says: 'a NameID that was made for another service provider',
      gatehouse: 'name-id: other-sp',
      source: 'Core §2.2.2',
      make: identified('<saml:NameID SPNameQualifier="https://other.test">zoe</saml:NameID>'),
    },
    'slo-name-other-namespace': {
      says: 'a NameID of no namespace',
      gatehouse: 'unexpected-element',
      make: identified(`<NameID>${ZOE}</NameID>`),
    },
    'slo-encrypted-other': {
      says: 'an EncryptedID that holds an Assertion',
      gatehouse: 'decryption-failed',
      source: 'Core §2.2.4',
      make: async (s) => {
        const identifier = await encryptedId(s, `<saml:Assertion ${SAML_DECLARED}/>`)
        return byQuery(await signedQuery(s.idp, requestXml(s, { identifier })))
      },
    },
    'slo-encrypted-empty': {
      says: 'an EncryptedID whose NameID is empty',
      gatehouse: 'logout-subject: empty',
      source: 'Core §2.2.4',
      make: async (s) => {
        const identifier = await encryptedId(s, `<saml:NameID ${SAML_DECLARED}/>`)
        return byQuery(await signedQuery(s.idp, requestXml(s, { identifier })))
      },
    },
    'slo-empty-session': {
      says: 'an empty SessionIndex, which would end all sessions if it were ignored',
      gatehouse: 'logout-subject: session-index',
      source: 'Core §3.7.1',
      make: signed((xml) => xml, { sessionIndexes: [''] }),
    },
    'slo-unknown-child': {
      says: 'an element that a LogoutRequest does not have',
      gatehouse: 'unexpected-element',
      source: 'Core §3.7.1',
      make: replaced('</samlp:LogoutRequest>', '<samlp:Status/></samlp:LogoutRequest>'),
    },
    'slo-answer-other': {
      says: 'the answer to another request',
      by: 'attacker',
      gatehouse: 'in-response-to: another',
      make: answeredBy((xml) => changed(xml, '"_asked"', '"_other"')),
    },
    'slo-answer-unasked': {
      says: 'an answer to no request',
      gatehouse: 'in-response-to: none',
      make: answeredBy((xml) => changed(xml, ' InResponseTo="_asked"', '')),
    },
    'slo-answer-no-status': {
      says: 'an answer without a Status',
      gatehouse: 'status',
      source: 'Core §3.2.2',
      make: answeredBy((xml) => changed(xml, /<samlp:Status>.*<\/samlp:Status>/, '')),
    },
    'slo-answer-two-statuses': {
      says: 'an answer with two Statuses',
      gatehouse: 'status',
      source: 'Core §3.2.2',
      make: answeredBy((xml) =>
        changed(
          xml,
          '</samlp:Status>',
          '</samlp:Status><samlp:Status><samlp:StatusCode Value="x"/></samlp:Status>',
        ),
      ),
    },
    'slo-answer-issuer': {
      says: 'an answer with the Issuer of another identity provider',
      gatehouse: 'issuer: LogoutResponse',
      make: answeredBy((xml) => changed(xml, /(?<=<saml:Issuer>)[^<]*/, 'https://other.test')),
    },
    'slo-answer-old': {
      says: 'an answer of yesterday',
      gatehouse: 'logout-time: too-old',
      source: 'Core §3.2.2',
      make: answeredBy((xml) => changed(xml, '2026-11-24T10', '2026-11-23T10')),
    },
    'slo-answer-destination': {
      says: 'an answer to another service provider',
      gatehouse: 'logout-destination',
      source: 'Bindings §3.4.5.2',
      make: answeredBy((xml) => changed(xml, /(?<=Destination=")[^"]*/, 'https://other.test/slo')),
    },
  }),
]
