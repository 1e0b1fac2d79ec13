/** Whom an assertion is for: audience, recipient, destination, request, issuer. */
import { group, type Entry } from '../entry.ts'
import {
  SAML,
  insideEndOf,
  remove,
  replaceElement,
  setAttribute,
  setText,
  type Change,
} from '../text.ts'
import type { Signed } from '../../signing/saml-signer.ts'
import { OTHER, from, fromAssertion, saml, badProfile } from '../resigning.ts'

const audience = (change: (ours: string) => string) =>
  fromAssertion((xml, { seed }) => setText(xml, 'Audience', change(seed.spEntityId)))

const restriction = (uri: string): string =>
  `<saml:AudienceRestriction xmlns:saml="${SAML}"><saml:Audience>${uri}</saml:Audience></saml:AudienceRestriction>`

const recipient = (change: (ours: string) => string | null) =>
  fromAssertion((xml, { seed }) =>
    setAttribute(xml, 'SubjectConfirmationData', 'Recipient', change(seed.acsUrl)),
  )

const destination = (value: string | null, as?: Signed) =>
  from((xml) => setAttribute(xml, 'Response', 'Destination', value), as)

const asked =
  (of: string, id: string | null): Change =>
  (xml) =>
    setAttribute(xml, of, 'InResponseTo', id)

const issuer = (written: (genuine: string) => string) =>
  fromAssertion((xml, { seed }) => replaceElement(xml, 'Issuer', written(seed.idpEntityId)))

const status = (code: string, inner = '') =>
  from((xml) => replaceElement(xml, 'Status', statusOf(code, inner)))
const statusOf = (code: string, inner: string): string =>
  `<samlp:Status xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${codeOf(code, inner)}</samlp:Status>`
const codeOf = (code: string, inner = ''): string =>
  `<samlp:StatusCode xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Value="urn:oasis:names:tc:SAML:2.0:status:${code}">${inner}</samlp:StatusCode>`

const audiences = group(
  { ...badProfile, gatehouse: 'audience' },
  {
    'prof-audience-other': { says: 'Audience is another SP', make: audience(() => OTHER) },
    'prof-audience-prefix': {
      says: 'Audience is the beginning of ours',
      make: audience((ours) => ours.slice(0, -1)),
    },
    'prof-audience-suffix': {
      says: 'Audience goes on after ours',
      make: audience((ours) => `${ours}/x`),
    },
    'prof-audience-case': {
      says: 'Audience differs in case',
      make: audience((ours) => ours.toUpperCase()),
    },
    'prof-audience-missing': {
      says: 'no AudienceRestriction',
      make: fromAssertion((xml) => remove(xml, 'AudienceRestriction')),
    },
    'prof-audience-empty': { says: 'empty Audience', make: audience(() => '') },
    'prof-two-audiencerestrictions': {
      says: 'two AudienceRestrictions, one of them for another SP',
      make: fromAssertion((xml) => insideEndOf(xml, 'Conditions', restriction(OTHER))),
    },
  },
)

const addresses = group(
  { ...badProfile, gatehouse: 'destination' },
  {
    'prof-recipient-other': {
      says: 'Recipient is another ACS',
      gatehouse: 'recipient',
      make: recipient(() => OTHER),
    },
    'prof-recipient-missing': {
      says: 'no Recipient',
      gatehouse: 'recipient',
      make: recipient(() => null),
    },
    'prof-recipient-query': {
      says: 'Recipient with a query added',
      gatehouse: 'recipient',
      make: recipient((ours) => `${ours}?x=1`),
    },
    'prof-destination-other': {
      says: 'Destination is another URL',
      make: destination(OTHER, 'assertion'),
    },
    'prof-destination-other-signed': {
      says: 'Destination is another URL, Response signed',
      make: destination(OTHER, 'response'),
    },
    'prof-destination-empty': { says: 'Destination=""', make: destination('') },
    'prof-destination-missing-signed': {
      says: 'signed Response without Destination',
      source: 'Bindings §3.5.5.2',
      make: destination(null, 'response'),
    },
  },
)

const requests = group(
  { ...badProfile, gatehouse: 'in-response-to: another' },
  {
    'prof-irt-other': {
      says: 'InResponseTo of a request that was never made',
      make: from((xml) =>
        asked('SubjectConfirmationData', '_never')(asked('Response', '_never')(xml)),
      ),
    },
    'prof-irt-missing': {
      says: 'no InResponseTo while a request is open',
      correct: 'either',
      gatehouse: 'in-response-to: none',
      make: from((xml) => asked('SubjectConfirmationData', null)(asked('Response', null)(xml))),
    },
    'prof-irt-response-only': {
      says: 'InResponseTo on the Response alone',
      correct: 'either',
      gatehouse: 'in-response-to: none',
      make: from(asked('SubjectConfirmationData', null)),
    },
    'prof-irt-mismatch': {
      says: 'InResponseTo of the Response and of the confirmation differ',
      make: from(asked('SubjectConfirmationData', '_never')),
    },
  },
)

const issuers = group(
  { ...badProfile, gatehouse: 'issuer: Assertion' },
  {
    'prof-issuer-other': {
      says: 'Issuer is another identity provider',
      make: issuer(() => saml('Issuer', OTHER)),
    },
    'prof-issuer-mismatch': {
      says: 'Issuer of the Response differs from that of the Assertion',
      gatehouse: 'issuer: Response',
      make: from((xml) => replaceElement(xml, 'Issuer', saml('Issuer', OTHER))),
    },
    'prof-issuer-missing': { says: 'no Issuer in the Assertion', make: issuer(() => '') },
    'prof-issuer-format': {
      says: 'Issuer with a Format other than entity',
      make: issuer(
        (genuine) =>
          `<saml:Issuer xmlns:saml="${SAML}" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${genuine}</saml:Issuer>`,
      ),
    },
    'prof-status-requester': {
      says: 'Status is Requester, with an Assertion',
      gatehouse: 'status',
      make: status('Requester'),
    },
    'prof-status-nested-success': {
      says: 'Status is Responder, and Success within it',
      gatehouse: 'status',
      make: status('Responder', codeOf('Success')),
    },
    'prof-status-missing': {
      says: 'no Status',
      gatehouse: 'status',
      make: from((xml) => remove(xml, 'Status')),
    },
    'prof-version-11': {
      says: 'Version of the Assertion is 1.1',
      gatehouse: 'version: Assertion',
      make: fromAssertion((xml) => setAttribute(xml, 'Assertion', 'Version', '1.1')),
    },
    'prof-rversion-11': {
      says: 'Version of the Response is 1.1',
      gatehouse: 'version: Response',
      make: from((xml) => setAttribute(xml, 'Response', 'Version', '1.1')),
    },
  },
)

export const address: readonly Entry[] = [...audiences, ...addresses, ...requests, ...issuers]
