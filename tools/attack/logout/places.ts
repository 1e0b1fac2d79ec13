/** Good messages of logout, and genuine messages that came to the wrong place. */
import { postedForm, signedQuery } from '../../signing/logout.ts'
import { responseXml, sign } from '../../signing/saml-signer.ts'
import {
  answered,
  answeredBy,
  answerForm,
  answerXml,
  asked,
  byForm,
  byQuery,
  bySoap,
  encryptedId,
  genuine,
  genuineQuery,
  group,
  replaced,
  requestXml,
  SAML_DECLARED,
  signed,
  signedBy,
  soap,
  SP,
  ZOE,
  type LogoutEntry,
  type LogoutStage,
} from './stage.ts'

const baseline = {
  class: 'slo-baseline',
  by: 'idp',
  correct: 'accept',
  gatehouse: 'accepted',
  source: 'Profiles §4.4',
} as const
const confused = {
  class: 'slo-confusion',
  by: 'attacker',
  correct: 'refuse',
  gatehouse: 'not-a-logout-message',
  source: 'Core §3.7',
} as const

export const good: readonly LogoutEntry[] = group(baseline, {
  'slo-ok-redirect': {
    says: 'a LogoutRequest by HTTP-Redirect',
    make: async (s) => byQuery(await genuineQuery(s)),
  },
  'slo-ok-post': {
    says: 'a LogoutRequest by HTTP-POST',
    make: async (s) => byForm(await genuine(s)),
  },
  'slo-ok-soap': {
    says: 'a LogoutRequest by SOAP',
    make: async (s) => bySoap(soap(await genuine(s))),
  },
  'slo-ok-answer-redirect': {
    says: 'a LogoutResponse by HTTP-Redirect',
    make: answeredBy((xml) => xml),
  },
  'slo-ok-answer-post': {
    says: 'a LogoutResponse by HTTP-POST',
    make: async (s) => answered(answerForm(await signedBy(s.idp, answerXml(s)))),
  },
  'slo-ok-answer-soap': {
    says: 'a LogoutResponse by SOAP',
    make: async (s) =>
      answered({ binding: 'soap', xml: soap(await signedBy(s.idp, answerXml(s))) }),
  },
  'slo-ok-lower-case': {
    says: 'a query that its signer encoded with lower-case percent codes',
    make: async (s) =>
      byQuery(
        await genuineQuery(s, {
          encode: (value) =>
            encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase()),
        }),
      ),
  },
  'slo-ok-plus': {
    says: 'a query that its signer encoded as a form does, with a plus for a space',
    make: async (s) =>
      byQuery(
        await genuineQuery(s, {
          encode: (value) => encodeURIComponent(value).replaceAll('%20', '+'),
        }),
      ),
  },
  'slo-ok-overencoded': {
    says: 'a query whose signer encoded every character',
    make: async (s) =>
      byQuery(
        await genuineQuery(s, {
          encode: (value) => Array.from(value, (c) => `%${c.charCodeAt(0).toString(16)}`).join(''),
        }),
      ),
  },
  'slo-ok-pretty': {
    says: 'an XML declaration, and white space between the elements',
    make: signed(
      (xml) => `<?xml version="1.0" encoding="UTF-8"?>\n${xml.replaceAll('><', '>\n  <')}`,
    ),
  },
  'slo-ok-encrypted-id': {
    says: 'an EncryptedID',
    source: 'Core §3.7.1',
    make: async (s) => {
      const plain = `<saml:NameID ${SAML_DECLARED} Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">${ZOE}</saml:NameID>`
      const identifier = await encryptedId(s, plain)
      return byQuery(
        await signedQuery(s.idp, requestXml(s, { identifier }), { relayState: 'a b/c' }),
      )
    },
  },
  'slo-ok-comment': {
    says: 'a comment in a NameID in a query: the whole name counts',
    source: 'CVE-2018-0489 and others',
    nameId: `${ZOE}.evil.test`,
    make: replaced(`${ZOE}<`, `${ZOE}<!-- -->.evil.test<`),
  },
  'slo-ok-ecdsa': {
    says: 'ECDSA with P-256 in a query',
    make: async (s) => {
      const sigAlg = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256'
      return byQuery(await signedQuery(s.ecdsa, requestXml(s), { relayState: 'a b/c', sigAlg }))
    },
  },
})

/** A genuine Response of a sign-in. */
async function login(s: LogoutStage): Promise<string> {
  const xml = responseXml({
    spEntityId: SP,
    acsUrl: 'https://sp.test/acs',
    inResponseTo: null,
    issuer: s.idp.entityId,
    now: s.expect.now,
  })
  return sign(xml, '_response', s.idp)
}

export const misplaced: readonly LogoutEntry[] = group(confused, {
  'slo-request-as-answer': {
    says: 'a genuine LogoutRequest as SAMLResponse',
    gatehouse: 'not-a-logout-message',
    make: async (s) => answered(answerForm(await genuine(s))),
  },
  'slo-answer-as-request': {
    says: 'a genuine LogoutResponse as SAMLRequest',
    gatehouse: 'not-a-logout-message',
    make: async (s) => byForm(await signedBy(s.idp, answerXml(s))),
  },
  'slo-request-parameter': {
    says: 'a SAMLResponse where a request is expected',
    gatehouse: 'malformed-binding',
    make: async (s) => asked(answerForm(await genuine(s))),
  },
  'slo-answer-parameter': {
    says: 'a SAMLRequest in a query where an answer is expected',
    gatehouse: 'malformed-binding',
    make: async (s) => answered({ binding: 'redirect', query: await genuineQuery(s) }),
  },
  'slo-login-response': {
    says: 'a genuine Response of a sign-in, sent to Single Logout',
    gatehouse: 'not-a-logout-message',
    make: async (s) => answered(answerForm(await login(s))),
  },
  'slo-login-renamed': {
    says: 'a genuine Response without its assertion, renamed LogoutResponse',
    gatehouse: 'digest-mismatch',
    make: async (s) => {
      const xml = (await login(s))
        .replace(/<saml:Assertion.*<\/saml:Assertion>/s, '')
        .replaceAll('samlp:Response', 'samlp:LogoutResponse')
      return answered(answerForm(xml))
    },
  },
  'slo-authn-request': {
    says: 'an AuthnRequest that the identity provider signed',
    by: 'idp',
    gatehouse: 'not-a-logout-message',
    make: signed((xml) => xml.replaceAll('LogoutRequest', 'AuthnRequest')),
  },
  'slo-other-namespace': {
    says: 'a LogoutRequest of SAML 1.1',
    by: 'idp',
    gatehouse: 'not-a-logout-message',
    make: signed((xml) => xml.replaceAll('SAML:2.0:protocol', 'SAML:1.1:protocol')),
  },
  'slo-answer-at-acs': {
    says: 'a genuine LogoutResponse, posted to the ACS URL',
    gatehouse: 'not-a-response',
    make: async (s) => ({
      as: 'Response',
      body: postedForm(await signedBy(s.idp, answerXml(s)), 'SAMLResponse'),
    }),
  },
  'slo-request-at-acs': {
    says: 'a genuine LogoutRequest as SAMLResponse, posted to the ACS URL',
    gatehouse: 'not-a-response',
    make: async (s) => ({ as: 'Response', body: postedForm(await genuine(s), 'SAMLResponse') }),
  },
  'slo-answer-renamed-at-acs': {
    says: 'a genuine LogoutResponse renamed Response, posted to the ACS URL',
    gatehouse: 'no-assertion',
    make: async (s) => ({
      as: 'Response',
      body: postedForm(
        (await signedBy(s.idp, answerXml(s))).replaceAll('LogoutResponse', 'Response'),
        'SAMLResponse',
      ),
    }),
  },
})
