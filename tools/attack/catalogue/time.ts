/** The time during which an assertion is valid. */
import { group, type Entry, type Stage } from '../entry.ts'
import { setAttribute } from '../text.ts'
import { fromAssertion, at, dataEnd, badProfile } from '../resigning.ts'

const conditions = (attribute: string, value: (stage: Stage) => string | null) =>
  fromAssertion((xml, stage) => setAttribute(xml, 'Conditions', attribute, value(stage)))

export const time: readonly Entry[] = group(
  { ...badProfile, gatehouse: 'malformed-time' },
  {
    'prof-expired': {
      says: 'NotOnOrAfter of Conditions has passed',
      gatehouse: 'expired',
      make: fromAssertion((xml, s) => window(xml, at(s, -900), at(s, -600))),
    },
    'prof-expired-exact': {
      says: 'NotOnOrAfter of Conditions is now, which it excludes, but for the allowed skew',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml, s) => window(xml, at(s, -600), at(s, 0))),
    },
    'prof-not-yet': {
      says: 'NotBefore of Conditions is to come',
      gatehouse: 'not-yet-valid',
      make: fromAssertion((xml, s) => window(xml, at(s, 600), at(s, 900))),
    },
    'prof-scd-expired': {
      says: 'NotOnOrAfter of SubjectConfirmationData has passed',
      gatehouse: 'confirmation-expired',
      make: dataEnd((s) => at(s, -600)),
    },
    'prof-scd-noa-missing': {
      says: 'SubjectConfirmationData without NotOnOrAfter',
      source: 'CVE-2026-1190 (Keycloak)',
      gatehouse: 'subject-confirmation: no-expiry',
      make: dataEnd(() => null),
    },
    'prof-scd-notbefore': {
      says: 'bearer SubjectConfirmationData with NotBefore, which is forbidden, and has come',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml, s) =>
        setAttribute(xml, 'SubjectConfirmationData', 'NotBefore', at(s, -60)),
      ),
    },
    'prof-session-expired': {
      says: 'SessionNotOnOrAfter has passed',
      gatehouse: 'session-expired',
      make: fromAssertion((xml, s) =>
        setAttribute(xml, 'AuthnStatement', 'SessionNotOnOrAfter', at(s, -600)),
      ),
    },
    'prof-noa-missing': {
      says: 'Conditions without NotOnOrAfter',
      correct: 'either',
      gatehouse: 'accepted',
      make: conditions('NotOnOrAfter', () => null),
    },
    'prof-far-future': {
      says: 'NotOnOrAfter in 2099',
      correct: 'either',
      gatehouse: 'accepted',
      make: conditions('NotOnOrAfter', () => '2099-01-01T00:00:00Z'),
    },
    'prof-time-garbage': { says: 'NotOnOrAfter is no time', make: dataEnd(() => 'tomorrow') },
    'prof-time-feb30': {
      says: 'NotOnOrAfter on 30 February',
      make: dataEnd(() => '2099-02-30T10:00:00Z'),
    },
    'prof-time-space': {
      says: 'NotOnOrAfter with a space in place of T',
      make: dataEnd((s) => at(s, 300).replace('T', ' ')),
    },
    'prof-time-no-zone': {
      says: 'NotOnOrAfter without a zone',
      correct: 'either',
      make: dataEnd((s) => at(s, 300).replace('Z', '')),
    },
    'prof-time-offset': {
      says: 'NotOnOrAfter with the offset +02:00, by which it has passed',
      gatehouse: 'confirmation-expired',
      make: dataEnd((s) => at(s, 3600).replace('Z', '+02:00')),
    },
    'prof-time-24': {
      says: 'NotOnOrAfter with hour 24',
      correct: 'either',
      make: dataEnd((s) => at(s, 86_400).replace(/T\d\d:\d\d:\d\d\.\d+/, 'T24:00:00')),
    },
    'prof-window-inverted': {
      says: 'NotBefore after NotOnOrAfter',
      gatehouse: 'conditions: inverted',
      make: fromAssertion((xml, s) => window(xml, at(s, 30), at(s, 20))),
    },
    'prof-authn-instant-future': {
      says: 'AuthnInstant is to come',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml, s) =>
        setAttribute(xml, 'AuthnStatement', 'AuthnInstant', at(s, 7200)),
      ),
    },
    'prof-issueinstant-future': {
      says: 'IssueInstant is to come',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml, s) => setAttribute(xml, 'Assertion', 'IssueInstant', at(s, 7200))),
    },
    'prof-issueinstant-old': {
      says: 'IssueInstant a year ago, Conditions current',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml, s) =>
        setAttribute(xml, 'Assertion', 'IssueInstant', at(s, -31_536_000)),
      ),
    },
  },
)
const window = (xml: string, notBefore: string, notOnOrAfter: string): string =>
  setAttribute(
    setAttribute(xml, 'Conditions', 'NotBefore', notBefore),
    'Conditions',
    'NotOnOrAfter',
    notOnOrAfter,
  )
