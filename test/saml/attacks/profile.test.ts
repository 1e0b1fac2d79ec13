/** Properly signed by the right key, and breaking a rule of the Web Browser SSO profile. */
import { describe, expect, it } from 'vitest'
import { openResponse } from '../../../src/saml/index.ts'
import { responseXml, sign, toPosted } from '../../../tools/signing/saml-signer.ts'
import { afterEndOf, expected, idp, insideEndOf, now, options, outcomeOf, sp } from './stage.ts'

const accepted = `accepted as ${options.nameId}`
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000).toISOString()
const base = responseXml(options)

type Row = readonly [name: string, change: (xml: string) => string, outcome: string]

const swap =
  (from: string | RegExp, to: string) =>
  (xml: string): string =>
    xml.replace(from, to)

const CONDITIONS = /<saml:Conditions [^>]*>/
const CONFIRMATION = /<saml:SubjectConfirmation [^]*<\/saml:SubjectConfirmation>/
const RECIPIENT = `Recipient="${sp.acsUrl}"`
const DATA_IRT = new RegExp(`(<saml:SubjectConfirmationData[^>]*) InResponseTo="[^"]*"`)
const conditions = (attributes: string) => swap(CONDITIONS, `<saml:Conditions ${attributes}>`)
const audience = (value: string) => swap(/<saml:Audience>[^<]*/, `<saml:Audience>${value}`)
const restriction = (value: string) =>
  `<saml:AudienceRestriction><saml:Audience>${value}</saml:Audience></saml:AudienceRestriction>`
const nameId = (written: string) => swap(/<saml:NameID [^]*<\/saml:NameID>/, written)
const confirmationEnd = (value: string) =>
  swap(/(<saml:SubjectConfirmationData NotOnOrAfter=")[^"]*/, `$1${value}`)
const status = (written: string) => swap(/<samlp:Status>[^]*<\/samlp:Status>/, written)
const code = (name: string, inner = '') =>
  `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${name}">${inner}</samlp:StatusCode>`
const assertionIssuer = (written: string) => (xml: string) => {
  const start = xml.indexOf('<saml:Assertion')
  return (
    xml.slice(0, start) + xml.slice(start).replace(/<saml:Issuer>[^<]*<\/saml:Issuer>/, written)
  )
}

const rows: readonly Row[] = [
  [
    'ok-two-audiences',
    swap('<saml:Audience>', '<saml:Audience>https://other.test</saml:Audience><saml:Audience>'),
    accepted,
  ],
  ['ok-no-destination-assertion-signed', swap(/ Destination="[^"]*"/, ''), accepted],
  ['ok-no-response-issuer', swap(/<saml:Issuer>[^<]*<\/saml:Issuer>/, ''), accepted],
  [
    'ok-two-subjectconfirmations',
    swap(
      CONFIRMATION,
      (base.match(CONFIRMATION)?.[0] ?? '').replace(
        RECIPIENT,
        'Recipient="https://other.test/acs"',
      ) + (base.match(CONFIRMATION)?.[0] ?? ''),
    ),
    accepted,
  ],
  ['ok-onetimeuse', (xml) => insideEndOf(xml, 'Conditions', '<saml:OneTimeUse/>'), accepted],
  [
    'prof-proxyrestriction',
    (xml) => insideEndOf(xml, 'Conditions', '<saml:ProxyRestriction Count="0"/>'),
    accepted,
  ],
  ['ok-millis', confirmationEnd('2026-11-24T10:05:00.1234567Z'), accepted],
  ['prof-far-future', conditions('NotOnOrAfter="2099-01-01T00:00:00Z"'), accepted],
  ['prof-noa-missing', conditions(`NotBefore="${at(-60)}"`), accepted],
  [
    'within the clock skew',
    conditions(`NotBefore="${at(55)}" NotOnOrAfter="${at(300)}"`),
    accepted,
  ],
  [
    'prof-issueinstant-old',
    swap(/(<saml:Assertion [^>]*IssueInstant=")[^"]*/, '$12025-11-24T10:00:00Z'),
    accepted,
  ],
  [
    'ok-proto-attributes',
    (xml) =>
      insideEndOf(
        xml,
        'AttributeStatement',
        ['__proto__', 'constructor', 'toString']
          .map(
            (name) =>
              `<saml:Attribute Name="${name}"><saml:AttributeValue>x</saml:AttributeValue></saml:Attribute>`,
          )
          .join(''),
      ),
    accepted,
  ],
  [
    'prof-duplicate-attribute',
    (xml) =>
      insideEndOf(
        xml,
        'AttributeStatement',
        '<saml:Attribute Name="groups"><saml:AttributeValue>third</saml:AttributeValue></saml:Attribute>',
      ),
    accepted,
  ],

  ['prof-audience-other', audience('https://other.test'), 'audience'],
  ['prof-audience-prefix', audience(sp.entityId.slice(0, -1)), 'audience'],
  ['prof-audience-suffix', audience(`${sp.entityId}/x`), 'audience'],
  ['prof-audience-case', audience(sp.entityId.toUpperCase()), 'audience'],
  [
    'prof-audience-missing',
    swap(/<saml:AudienceRestriction>[^]*<\/saml:AudienceRestriction>/, ''),
    'audience',
  ],
  ['prof-audience-empty', audience(''), 'audience'],
  [
    'prof-two-audiencerestrictions',
    (xml) => insideEndOf(xml, 'Conditions', restriction('https://other.test')),
    'audience',
  ],
  ['prof-recipient-other', swap(RECIPIENT, 'Recipient="https://other.test/acs"'), 'recipient'],
  ['prof-recipient-missing', swap(RECIPIENT, ''), 'recipient'],
  ['prof-recipient-query', swap(RECIPIENT, `Recipient="${sp.acsUrl}?x=1"`), 'recipient'],
  [
    'prof-destination-other',
    swap(/Destination="[^"]*"/, 'Destination="https://other.test/acs"'),
    'destination',
  ],
  ['prof-destination-empty', swap(/Destination="[^"]*"/, 'Destination=""'), 'destination'],
  ['prof-irt-other', swap(/InResponseTo="[^"]*"/g, 'InResponseTo="_never"'), 'in-response-to'],
  ['prof-irt-missing', (xml) => xml.replaceAll(/ InResponseTo="[^"]*"/g, ''), 'in-response-to'],
  ['prof-irt-response-only', swap(DATA_IRT, '$1'), 'in-response-to'],
  ['prof-irt-mismatch', swap(DATA_IRT, '$1 InResponseTo="_never"'), 'in-response-to'],
  ['prof-expired', conditions(`NotBefore="${at(-600)}" NotOnOrAfter="${at(-61)}"`), 'expired'],
  [
    'prof-expired-exact',
    conditions(`NotBefore="${at(-600)}" NotOnOrAfter="${at(-60)}"`),
    'expired',
  ],
  ['prof-not-yet', conditions(`NotBefore="${at(61)}" NotOnOrAfter="${at(300)}"`), 'not-yet-valid'],
  [
    'prof-window-inverted',
    conditions(`NotBefore="${at(30)}" NotOnOrAfter="${at(20)}"`),
    'conditions',
  ],
  ['prof-scd-expired', confirmationEnd(at(-61)), 'confirmation-expired'],
  [
    'prof-scd-noa-missing',
    swap(/(<saml:SubjectConfirmationData) NotOnOrAfter="[^"]*"/, '$1'),
    'subject-confirmation',
  ],
  [
    'prof-scd-notbefore',
    swap('<saml:SubjectConfirmationData ', `<saml:SubjectConfirmationData NotBefore="${at(-60)}" `),
    accepted,
  ],
  [
    'prof-session-expired',
    swap('<saml:AuthnStatement ', `<saml:AuthnStatement SessionNotOnOrAfter="${at(-61)}" `),
    'session-expired',
  ],
  ...[
    'garbage',
    '2026-02-30T10:00:00Z',
    '2026-11-24 10:30:00Z',
    '2026-11-24T10:30:00',
    '2026-11-24T24:00:00Z',
    '2026-13-24T10:30:00Z',
    '',
    '2026-11-24T10:30:00+15:00',
    '2026-11-24T10:30Z',
  ].map((time): Row => [`prof-time: ${time}`, confirmationEnd(time), 'malformed-time']),
  ['prof-time-offset', confirmationEnd('2026-11-24T11:58:00+02:00'), 'confirmation-expired'],
  ['an offset that is in time', confirmationEnd('2026-11-24T12:05:00+02:00'), accepted],
  [
    'malformed NotBefore',
    conditions(`NotBefore="soon" NotOnOrAfter="${at(300)}"`),
    'malformed-time',
  ],
  ['malformed AuthnInstant', swap(/AuthnInstant="[^"]*"/, 'AuthnInstant="x"'), 'malformed-time'],
  [
    'malformed IssueInstant',
    swap(/(<saml:Assertion [^>]*IssueInstant=")[^"]*/, '$1x'),
    'malformed-time',
  ],
  [
    'prof-issuer-other',
    (xml) => assertionIssuer('<saml:Issuer>https://other.test</saml:Issuer>')(xml),
    'issuer',
  ],
  ['prof-issuer-mismatch', swap(/<saml:Issuer>[^<]*/, '<saml:Issuer>https://other.test'), 'issuer'],
  [
    'prof-issuer-format',
    (xml) =>
      assertionIssuer(
        `<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${idp.entityId}</saml:Issuer>`,
      )(xml),
    'issuer',
  ],
  [
    'an Issuer with an element in it',
    (xml) => assertionIssuer(`<saml:Issuer>${idp.entityId}<x/></saml:Issuer>`)(xml),
    'issuer',
  ],
  ['prof-status-requester', status(`<samlp:Status>${code('Requester')}</samlp:Status>`), 'status'],
  [
    'prof-status-nested-success',
    status(`<samlp:Status>${code('Responder', code('Success'))}</samlp:Status>`),
    'status',
  ],
  ['prof-status-missing', status(''), 'status'],
  [
    'two StatusCodes beside each other',
    status(`<samlp:Status>${code('Success')}${code('Requester')}</samlp:Status>`),
    'status',
  ],
  [
    'two Status',
    (xml) => afterEndOf(xml, 'Status', `<samlp:Status>${code('Requester')}</samlp:Status>`),
    'status',
  ],
  ['prof-version-11', swap(/(<saml:Assertion [^>]*Version=")2.0/, '$11.1'), 'version'],
  ['prof-rversion-11', swap('Version="2.0"', 'Version="1.1"'), 'version'],
  ['prof-no-bearer', swap('cm:bearer', 'cm:holder-of-key'), 'subject-confirmation'],
  ['prof-no-subjectconfirmation', swap(CONFIRMATION, ''), 'subject-confirmation'],
  ['prof-no-scd', swap(/<saml:SubjectConfirmationData [^>]*\/>/, ''), 'subject-confirmation'],
  ['prof-no-conditions', swap(/<saml:Conditions [^]*<\/saml:Conditions>/, ''), 'conditions'],
  [
    'two Conditions',
    (xml) =>
      afterEndOf(
        xml,
        'Conditions',
        `<saml:Conditions>${restriction(sp.entityId)}</saml:Conditions>`,
      ),
    'conditions',
  ],
  [
    'prof-unknown-condition',
    (xml) =>
      insideEndOf(
        xml,
        'Conditions',
        '<saml:Condition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="urn:x" xsi:type="x:Moon"/>',
      ),
    'conditions',
  ],
  [
    'prof-no-authnstatement',
    swap(/<saml:AuthnStatement [^]*<\/saml:AuthnStatement>/, ''),
    'no-authn-statement',
  ],
  ['prof-no-nameid', nameId(''), 'name-id'],
  ['prof-empty-nameid', nameId('<saml:NameID></saml:NameID>'), 'name-id'],
  ['a NameID of spaces', nameId('<saml:NameID>  </saml:NameID>'), 'name-id'],
  [
    'prof-two-nameids',
    nameId('<saml:NameID>a</saml:NameID><saml:NameID>b</saml:NameID>'),
    'name-id',
  ],
  ['prof-nameid-child-element', nameId('<saml:NameID>a<b/></saml:NameID>'), 'name-id'],
  [
    'prof-spnamequalifier-other',
    swap('<saml:NameID ', '<saml:NameID SPNameQualifier="https://other.test" '),
    'name-id',
  ],
  ['prof-baseid', nameId('<saml:BaseID>a</saml:BaseID>'), 'name-id'],
  ['an EncryptedID', nameId('<saml:EncryptedID/>'), 'no-decryption-key'],
  [
    'an EncryptedAttribute',
    (xml) => insideEndOf(xml, 'AttributeStatement', '<saml:EncryptedAttribute/>'),
    'no-decryption-key',
  ],
  [
    'an Attribute without a Name',
    swap('<saml:Attribute Name="groups">', '<saml:Attribute>'),
    'malformed-attribute',
  ],
  ['prof-id-not-ncname', (xml) => xml.replace('"_assertion"', '"1assertion"'), accepted],
  ['prof-id-quote', (xml) => xml.replace('"_assertion"', `"_a'b"`), accepted],
  ['prof-id-xpath', (xml) => xml.replace('"_assertion"', `"_a') or ('1'='1"`), 'invalid-id'],
]

describe('the profile', () => {
  it.each(rows)('%s → %s', async (_, change, outcome) => {
    const xml = change(base)
    expect(xml).not.toBe(base)
    const id = /<saml:Assertion [^>]*ID="([^"]*)"/.exec(xml)?.[1] ?? ''
    expect(await outcomeOf(await sign(xml, id, idp), expected)).toBe(outcome)
  })

  it('prof-destination-missing-signed: a signed Response must have a Destination', async () => {
    const xml = base.replace(/ Destination="[^"]*"/, '')
    expect(await outcomeOf(await sign(xml, '_response', idp), expected)).toBe('destination')
  })

  it('prof-issuer-missing', async () => {
    const xml = assertionIssuer('')(base)
    expect(await outcomeOf(await sign(xml, '_response', idp), expected)).toBe('issuer')
  })

  it('prof-destination-other-signed', async () => {
    const xml = base.replace(/Destination="[^"]*"/, 'Destination="https://other.test/acs"')
    expect(await outcomeOf(await sign(xml, '_response', idp), expected)).toBe('destination')
  })

  it('nothing is in time by a clock that tells no time, or a skew that is no number', async () => {
    const xml = await sign(base, '_assertion', idp)
    expect(await outcomeOf(xml, { ...expected, now: new Date('never') })).toBe('malformed-time')
    expect(await outcomeOf(xml, { ...expected, clockSkewSeconds: NaN })).toBe(
      'confirmation-expired',
    )
  })

  it('an unsolicited response is taken only where one is expected', async () => {
    const xml = await sign(responseXml({ ...options, inResponseTo: null }), '_assertion', idp)
    expect(await outcomeOf(xml, expected)).toBe('in-response-to')
    expect(await outcomeOf(xml, { ...expected, inResponseTo: null })).toBe(accepted)
  })

  it('tells nested status codes and the message in the facts', async () => {
    const denied = `<samlp:Status>${code('Responder', code('RequestDenied'))}<samlp:StatusMessage>not assigned</samlp:StatusMessage></samlp:Status>`
    const xml = status(denied)(base).replace(/<saml:Assertion[^]*<\/saml:Assertion>/, '')
    expect(await openResponse(toPosted(xml), expected)).toEqual({
      ok: false,
      error: {
        reason: 'status',
        codes: [
          'urn:oasis:names:tc:SAML:2.0:status:Responder',
          'urn:oasis:names:tc:SAML:2.0:status:RequestDenied',
        ],
        message: 'not assigned',
      },
    })
  })
})

describe('values', () => {
  const attributesOf = async (inner: string) => {
    const xml = base.replace(
      /<saml:AttributeStatement>[^]*<\/saml:AttributeStatement>/,
      `<saml:AttributeStatement xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema">${inner}</saml:AttributeStatement>`,
    )
    const opened = await openResponse(toPosted(await sign(xml, '_assertion', idp)), expected)
    if (!opened.ok) throw new Error(opened.error.reason)
    return [...opened.value.attributes]
  }
  const attribute = (...values: readonly string[]) =>
    `<saml:Attribute Name="a">${values.join('')}</saml:Attribute>`

  it.each([
    [
      'strings are never coerced',
      ['007', '1e3', 'true', ''].map((v) => `<saml:AttributeValue>${v}</saml:AttributeValue>`),
      ['007', '1e3', 'true', ''],
    ],
    ['typed ones', ['<saml:AttributeValue xsi:type="xs:string">x</saml:AttributeValue>'], ['x']],
    [
      'nil is no value',
      ['<saml:AttributeValue xsi:nil="true"/>', '<saml:AttributeValue>x</saml:AttributeValue>'],
      ['x'],
    ],
    ['an Attribute without values', [], []],
    [
      'comments do not cut',
      ['<saml:AttributeValue>ad<!-- x -->min</saml:AttributeValue>'],
      ['admin'],
    ],
    [
      'CDATA and references',
      ['<saml:AttributeValue><![CDATA[<a>]]>&amp;&#x41;</saml:AttributeValue>'],
      ['<a>&A'],
    ],
    [
      'a NameID inside, as eduPersonTargetedID has it',
      ['<saml:AttributeValue><saml:NameID>x</saml:NameID></saml:AttributeValue>'],
      ['x'],
    ],
    [
      'text around a NameID is no value, and neither is the NameID',
      ['<saml:AttributeValue>admin<saml:NameID>x</saml:NameID></saml:AttributeValue>'],
      [],
    ],
    ['other structure is no value', ['<saml:AttributeValue><x>1</x></saml:AttributeValue>'], []],
    [
      'characters beyond the BMP',
      ['<saml:AttributeValue>𝒵oë 李</saml:AttributeValue>'],
      ['𝒵oë 李'],
    ],
  ])('%s', async (_, written, values) => {
    expect(await attributesOf(attribute(...written))).toEqual([['a', values]])
  })

  it('the same Name twice adds to the list', async () => {
    const both =
      attribute('<saml:AttributeValue>1</saml:AttributeValue>') +
      attribute('<saml:AttributeValue>2</saml:AttributeValue>')
    expect(await attributesOf(both)).toEqual([['a', ['1', '2']]])
  })

  it('names of every object are plain data', async () => {
    expect(
      await attributesOf(
        attribute('<saml:AttributeValue>1</saml:AttributeValue>').replace('"a"', '"__proto__"'),
      ),
    ).toEqual([['__proto__', ['1']]])
  })

  it('a value keeps the white space that was signed', async () => {
    expect(
      await attributesOf(attribute('<saml:AttributeValue> x\n</saml:AttributeValue>')),
    ).toEqual([['a', [' x\n']]])
  })
})
