/** The subject of an assertion, and how it must be confirmed. */
import { group, type Entry } from '../entry.ts'
import {
  SAML,
  afterEndOf,
  elementPattern,
  insideEndOf,
  put,
  remove,
  replaceElement,
  setAttribute,
} from '../text.ts'
import { OTHER, fromAssertion, saml, signedName, badProfile } from '../resigning.ts'

const nameId = (written: string) => fromAssertion((xml) => replaceElement(xml, 'NameID', written))

export const subject: readonly Entry[] = group(
  { ...badProfile, gatehouse: 'name-id: missing' },
  {
    'prof-no-bearer': {
      says: 'only a holder-of-key confirmation',
      gatehouse: 'subject-confirmation: no-bearer',
      make: fromAssertion((xml) => put(xml, 'cm:bearer', 'cm:holder-of-key')),
    },
    'prof-no-subjectconfirmation': {
      says: 'no SubjectConfirmation',
      gatehouse: 'subject-confirmation: none',
      make: fromAssertion((xml) => remove(xml, 'SubjectConfirmation')),
    },
    'prof-no-scd': {
      says: 'SubjectConfirmation without data',
      gatehouse: 'subject-confirmation: no-data',
      make: fromAssertion((xml) => remove(xml, 'SubjectConfirmationData')),
    },
    'prof-no-conditions': {
      says: 'no Conditions',
      gatehouse: 'conditions: none',
      make: fromAssertion((xml) => remove(xml, 'Conditions')),
    },
    'prof-unknown-condition': {
      says: 'a Condition of unknown type, with which validity cannot be determined',
      source: 'Core §2.5.1',
      gatehouse: 'conditions: unknown',
      make: fromAssertion((xml) =>
        insideEndOf(
          xml,
          'Conditions',
          `<saml:Condition xmlns:saml="${SAML}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="urn:x" xsi:type="x:Moon"/>`,
        ),
      ),
    },
    'prof-no-authnstatement': {
      says: 'no AuthnStatement',
      gatehouse: 'no-authn-statement',
      make: fromAssertion((xml) => remove(xml, 'AuthnStatement')),
    },
    'prof-no-nameid': { says: 'no NameID', correct: 'either', make: nameId('') },
    'prof-empty-nameid': {
      says: 'empty NameID',
      gatehouse: 'name-id: empty',
      make: nameId(saml('NameID', '')),
    },
    'prof-two-nameids': {
      says: 'two NameIDs',
      source: 'CVE-2017-11427 family',
      gatehouse: 'name-id: several',
      make: fromAssertion((xml) =>
        afterEndOf(xml, 'NameID', saml('NameID', 'second@example.test')),
      ),
    },
    'prof-nameid-child-element': {
      says: 'NameID with a child element',
      gatehouse: 'name-id: not-text',
      make: fromAssertion((xml) => insideEndOf(xml, 'NameID', '<b>x</b>')),
    },
    'prof-spnamequalifier-other': {
      says: 'SPNameQualifier of another SP',
      gatehouse: 'name-id: other-sp',
      make: fromAssertion((xml) => setAttribute(xml, 'NameID', 'SPNameQualifier', OTHER)),
    },
    'prof-baseid': {
      says: 'BaseID in place of NameID',
      make: nameId(saml('BaseID', 'zoe')),
    },
    'prof-duplicate-attribute': {
      says: 'the same attribute Name twice',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml) =>
        xml.replace(elementPattern('Attribute'), (attribute) => attribute + attribute),
      ),
    },
    'prof-nameid-whitespace': {
      says: 'NameID with white space around it',
      correct: 'either',
      gatehouse: 'accepted',
      make: signedName((name) => ` ${name} `),
    },
    'prof-nameid-zero-width': {
      says: 'NameID with U+200B in it',
      correct: 'either',
      gatehouse: 'accepted',
      make: signedName((name) => `${name}\u200b`),
    },
    'prof-id-not-ncname': {
      says: 'ID of the Assertion begins with a digit',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml) => setAttribute(xml, 'Assertion', 'ID', '1assertion')),
    },
    'prof-id-quote': {
      says: 'ID with an apostrophe, as in an XPath injection',
      source: 'xml-crypto and samlify test suites',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml) => setAttribute(xml, 'Assertion', 'ID', "_a'b")),
    },
    'prof-id-xpath': {
      says: 'ID that ends the string of an XPath',
      source: 'XPath injection',
      gatehouse: 'invalid-id',
      make: fromAssertion((xml) => setAttribute(xml, 'Assertion', 'ID', "_a') or ('1'='1")),
    },
  },
)
