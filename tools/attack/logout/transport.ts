/** Attacks on the form of HTTP-POST (Bindings §3.5) and on the envelope of SOAP (§3.2). */
import { postedForm } from '../../signing/logout.ts'
import { FORGED } from '../text.ts'
import {
  asked,
  byForm,
  bySoap,
  changed,
  forged,
  genuine,
  group,
  requestXml,
  soap,
  type LogoutEntry,
} from './stage.ts'

const transport = {
  class: 'slo-transport',
  by: 'attacker',
  correct: 'refuse',
  gatehouse: 'malformed-binding',
  source: 'Bindings §3.5.4',
} as const
const inSoap = { ...transport, source: 'Bindings §3.2' } as const

export const transported: readonly LogoutEntry[] = [
  ...group(transport, {
    'slo-form-twice': {
      says: 'SAMLRequest twice, the forged one first',
      make: async (s) => {
        const body = `${postedForm(forged(s))}&${postedForm(await genuine(s))}`
        return asked({ binding: 'post', body })
      },
    },
    'slo-form-both': {
      says: 'a SAMLResponse beside the SAMLRequest',
      make: async (s) => {
        const body = `${postedForm(await genuine(s))}&${postedForm(forged(s), 'SAMLResponse')}`
        return asked({ binding: 'post', body })
      },
    },
    'slo-form-nothing': { says: 'an empty form', make: () => asked({ binding: 'post', body: '' }) },
    'slo-form-not-base64': {
      says: 'a message that is not base64',
      gatehouse: 'not-base64',
      make: () => asked({ binding: 'post', body: 'SAMLRequest=%3Csamlp%3A' }),
    },
    'slo-form-large': {
      says: 'a message of 2 MB',
      gatehouse: 'too-large',
      make: () => asked({ binding: 'post', body: `SAMLRequest=${'A'.repeat(2_000_000)}` }),
    },
    'slo-form-doctype': {
      says: 'a DOCTYPE before the genuine message',
      gatehouse: 'malformed-xml: doctype',
      make: async (s) => byForm(`<!DOCTYPE a [<!ENTITY b "c">]>${await genuine(s)}`),
    },
    'slo-form-of-query': {
      says: 'the message of a query, which is signed there alone, in a form',
      gatehouse: 'logout-unsigned',
      make: (s) => byForm(requestXml(s)),
    },
    'slo-form-query-signature': {
      says: 'the same, with SigAlg and Signature of the query as fields',
      gatehouse: 'logout-unsigned',
      source: 'ours',
      make: (s) =>
        asked({
          binding: 'post',
          body: `${postedForm(requestXml(s))}&SigAlg=a&Signature=AAAA`,
        }),
    },
    'slo-relaystate-long': {
      says: 'a RelayState of 3,000 characters',
      source: 'Bindings §3.5.3',
      make: async (s) =>
        asked({
          binding: 'post',
          body: postedForm(await genuine(s), 'SAMLRequest', 'a'.repeat(3000)),
        }),
    },
  }),
  ...group(inSoap, {
    'slo-soap-none': {
      says: 'the genuine message without an envelope',
      make: async (s) => bySoap(await genuine(s)),
    },
    'slo-soap-empty': { says: 'an empty Body', make: () => bySoap(soap('')) },
    'slo-soap-two': {
      says: 'two messages in the Body',
      make: async (s) => bySoap(soap(forged(s) + (await genuine(s)))),
    },
    'slo-soap-two-bodies': {
      says: 'two Bodies',
      make: async (s) => bySoap(soap(`${forged(s)}</soap:Body><soap:Body>${await genuine(s)}`)),
    },
    'slo-soap-12': {
      says: 'an envelope of SOAP 1.2',
      make: async (s) =>
        bySoap(
          changed(
            soap(await genuine(s)),
            'http://schemas.xmlsoap.org/soap/envelope/',
            'http://www.w3.org/2003/05/soap-envelope',
          ),
        ),
    },
    'slo-soap-must-understand': {
      says: 'a header that must be understood',
      make: async (s) =>
        bySoap(
          soap(
            await genuine(s),
            '<soap:Header><a xmlns="urn:x" soap:mustUnderstand="1"/></soap:Header>',
          ),
        ),
    },
    'slo-soap-may-understand': {
      says: 'a header that need not be understood',
      correct: 'either',
      gatehouse: 'accepted',
      make: async (s) =>
        bySoap(
          soap(
            await genuine(s),
            `<soap:Header><a xmlns="urn:x" soap:mustUnderstand="0"/></soap:Header>`,
          ),
        ),
    },
    'slo-soap-fault': {
      says: 'a SOAP Fault',
      gatehouse: 'not-a-logout-message',
      make: () => bySoap(soap('<soap:Fault/>')),
    },
    'slo-soap-doctype': {
      says: 'a DOCTYPE before the envelope',
      gatehouse: 'malformed-xml: doctype',
      make: async (s) => bySoap(changed(soap(await genuine(s)), '\n', '<!DOCTYPE a>')),
    },
    'slo-soap-stripped': {
      says: 'the genuine message without its signature',
      gatehouse: 'logout-unsigned',
      make: (s) => bySoap(soap(requestXml(s))),
    },
    'slo-soap-name': {
      says: 'another NameID in the genuine message',
      gatehouse: 'digest-mismatch',
      make: async (s) => bySoap(soap(changed(await genuine(s), 'zoe@example.test', FORGED))),
    },
  }),
]
