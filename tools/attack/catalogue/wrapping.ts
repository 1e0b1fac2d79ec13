/**
 * Signature wrapping: a forged element stands where the signed one was, and the signed one is
 * hidden elsewhere.
 */
import { type Entry, type Stage, group } from '../entry.ts'
import {
  SAML,
  advice,
  afterEndOf,
  beforeStatus,
  dsObject,
  extensions,
  forge,
  forgedResponse,
  insideEndOf,
  put,
  setAttribute,
  statusDetail,
  unsignedAssertion,
  withAssertion,
  withoutDeclaration,
  type Pieces,
} from '../text.ts'

const BREAKING_SAML = 'Somorovsky et al., On Breaking SAML, USENIX Security 2012'
const HIDDEN =
  'CVE-2020-5390 and CVE-2021-21238 (pysaml2), CVE-2024-8698 (Keycloak); OneLogin and Auth0 test suites'
const NESTED =
  'CVE-2024-45409 (ruby-saml), CVE-2024-9487 (GitHub Enterprise Server); OneLogin and samael test suites'

const xsw = {
  source: BREAKING_SAML,
  by: 'attacker',
  correct: 'refuse',
  gatehouse: 'several-assertions',
} as const

const onAssertion = { needs: ['assertion-signature'] } as const
const onResponse = { needs: ['response-signature'] } as const

/** The forged assertion with the signature of the genuine one. */
const signedForgery = (p: Pieces, id?: string): string =>
  afterEndOf(forge(p, id), 'Issuer', p.assertionSignature)

/** The forged assertion. Its signature contains the genuine assertion. */
const swallowing = (p: Pieces, hidden: string, id?: string): string =>
  afterEndOf(forge(p, id), 'Issuer', insideEndOf(p.assertionSignature, 'Signature', hidden))

const bareResponse = ({ seed, pieces }: Stage): string =>
  withoutDeclaration(put(seed.xml, pieces.responseSignature, ''))

/** Places in or beside the forged assertion where the genuine one can be hidden. */
const hidingPlaces: Readonly<
  Record<string, (p: Pieces, forged: string, genuine: string) => string>
> = {
  wrapper: (p, forged, genuine) =>
    beforeStatus(withAssertion(p, forged), `<wrapper>${genuine}</wrapper>`),
  advice: (p, forged, genuine) =>
    withAssertion(p, afterEndOf(forged, 'Conditions', advice(genuine))),
  attributevalue: (p, forged, genuine) =>
    withAssertion(
      p,
      insideEndOf(
        forged,
        'Assertion',
        `<saml:AttributeStatement xmlns:saml="${SAML}"><saml:Attribute Name="x"><saml:AttributeValue>${genuine}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`,
      ),
    ),
  subjectconfirmationdata: (p, forged, genuine) =>
    withAssertion(p, insideEndOf(forged, 'SubjectConfirmationData', genuine)),
  extensions: (p, forged, genuine) => beforeStatus(withAssertion(p, forged), extensions(genuine)),
  statusdetail: (p, forged, genuine) =>
    insideEndOf(withAssertion(p, forged), 'Status', statusDetail(genuine)),
  evidence: (p, forged, genuine) =>
    withAssertion(
      p,
      insideEndOf(
        forged,
        'Assertion',
        `<saml:AuthzDecisionStatement xmlns:saml="${SAML}" Resource="x" Decision="Permit"><saml:Action Namespace="urn:x">x</saml:Action><saml:Evidence>${genuine}</saml:Evidence></saml:AuthzDecisionStatement>`,
      ),
    ),
  nameid: (p, forged, genuine) => withAssertion(p, insideEndOf(forged, 'NameID', genuine)),
  conditions: (p, forged, genuine) => withAssertion(p, insideEndOf(forged, 'Conditions', genuine)),
}

const responsePlaces: Readonly<Record<string, (s: Stage, outer: string, inner: string) => string>> =
  {
    extensions: (_, outer, inner) => beforeStatus(outer, extensions(inner)),
    statusdetail: (_, outer, inner) => insideEndOf(outer, 'Status', statusDetail(inner)),
    object: ({ pieces }, outer, inner) =>
      beforeStatus(outer, insideEndOf(pieces.responseSignature, 'Signature', dsObject(inner))),
    wrapper: (_, outer, inner) => beforeStatus(outer, `<wrapper>${inner}</wrapper>`),
    issuer: (_, outer, inner) => insideEndOf(outer, 'Issuer', inner),
  }

export const wrapping: readonly Entry[] = [
  ...group(
    { ...xsw, ...onResponse, class: 'xsw1' },
    {
      xsw1: {
        says: 'genuine Response moved into the Signature, forged Response outside',
        make: (s) =>
          beforeStatus(
            forgedResponse(s.seed.xml),
            insideEndOf(s.pieces.responseSignature, 'Signature', bareResponse(s)),
          ),
      },
      xsw2: {
        class: 'xsw2',
        says: 'genuine Response placed as a sibling before the Signature',
        gatehouse: 'unexpected-element',
        make: (s) =>
          beforeStatus(forgedResponse(s.seed.xml), bareResponse(s) + s.pieces.responseSignature),
      },
    },
  ),
  ...group(
    { ...xsw, class: 'xsw3' },
    {
      xsw3: {
        says: 'forged unsigned Assertion before the genuine one',
        make: ({ pieces: p }) => withAssertion(p, forge(p) + p.assertion),
      },
      'xsw3-after': {
        says: 'forged unsigned Assertion after the genuine one',
        correct: 'either',
        make: ({ pieces: p }) => withAssertion(p, p.assertion + forge(p)),
      },
      xsw4: {
        class: 'xsw4',
        says: 'genuine Assertion as a child of the forged one',
        make: ({ pieces: p }) => withAssertion(p, insideEndOf(forge(p), 'Assertion', p.assertion)),
      },
      xsw5: {
        ...onAssertion,
        class: 'xsw5',
        says: 'forged Assertion carries the Signature; the original without it stands at the end',
        make: ({ pieces: p }) => withAssertion(p, signedForgery(p) + unsignedAssertion(p)),
      },
      xsw6: {
        ...onAssertion,
        class: 'xsw6',
        says: 'original Assertion inside the Signature of the forged one',
        make: ({ pieces: p }) => withAssertion(p, swallowing(p, unsignedAssertion(p))),
      },
    },
  ),
  ...group(
    { ...xsw, class: 'xsw7' },
    {
      xsw7: {
        says: 'forged Assertion in samlp:Extensions',
        correct: 'either',
        make: ({ pieces: p, seed }) => beforeStatus(seed.xml, extensions(forge(p))),
      },
      'xsw7-same-id': {
        says: 'forged Assertion in samlp:Extensions, with the same ID',
        make: ({ pieces: p, seed }) => beforeStatus(seed.xml, extensions(forge(p, p.assertionId))),
      },
    },
  ),
  ...group(
    { ...xsw, ...onAssertion, class: 'xsw8' },
    {
      xsw8: {
        says: 'original Assertion in a ds:Object of the Signature of the forged one',
        make: ({ pieces: p }) => withAssertion(p, swallowing(p, dsObject(unsignedAssertion(p)))),
      },
      'xsw8-same-id': {
        says: 'the same, with the same ID',
        make: ({ pieces: p }) =>
          withAssertion(p, swallowing(p, dsObject(unsignedAssertion(p)), p.assertionId)),
      },
    },
  ),
  ...group(
    { ...xsw, class: 'xsw-hiding-place', source: HIDDEN },
    Object.fromEntries(
      Object.entries(hidingPlaces).map(([place, hide]) => [
        `xsw-genuine-in-${place}`,
        {
          says: `forged Assertion in plain sight, genuine signed one in ${place}`,
          gatehouse: place === 'wrapper' ? 'unexpected-element' : xsw.gatehouse,
          make: ({ pieces: p }) => hide(p, forge(p), p.assertion),
        },
      ]),
    ),
  ),
  ...group(
    {
      ...xsw,
      ...onAssertion,
      class: 'xsw-detached',
      source: 'CVE-2020-5390 (pysaml2); SAML Raider',
    },
    Object.fromEntries(
      ['advice', 'subjectconfirmationdata', 'extensions', 'attributevalue'].map((place) => [
        `xsw-detached-original-in-${place}`,
        {
          says: `Signature in the forged Assertion, its Reference to the original in ${place}`,
          make: ({ pieces: p }) =>
            hidingPlaces[place]?.(p, signedForgery(p), unsignedAssertion(p)) ?? '',
        },
      ]),
    ),
  ),
  ...group(
    { ...xsw, ...onResponse, class: 'xsw-response-nesting', source: NESTED },
    Object.fromEntries(
      Object.entries(responsePlaces).map(([place, hide]) => [
        `xsw-response-in-${place}`,
        {
          says: `forged outer Response, genuine signed one in ${place}`,
          gatehouse: place === 'wrapper' ? 'unexpected-element' : xsw.gatehouse,
          make: (s) => hide(s, forgedResponse(s.seed.xml), withoutDeclaration(s.seed.xml)),
        },
      ]),
    ),
  ),
  ...group(
    {
      ...xsw,
      class: 'duplicate-id',
      source: 'CVE-2022-41912 (crewjam/saml); SAMLSignatureProfileValidator of OpenSAML',
    },
    {
      'dup-id-before': {
        says: 'forged Assertion with the same ID before the genuine one',
        make: ({ pieces: p }) => withAssertion(p, forge(p, p.assertionId) + p.assertion),
      },
      'dup-id-after': {
        says: 'forged Assertion with the same ID after the genuine one',
        make: ({ pieces: p }) => withAssertion(p, p.assertion + forge(p, p.assertionId)),
      },
      'dup-id-response': {
        says: 'the Response has the same ID as the Assertion',
        gatehouse: 'duplicate-id',
        make: ({ pieces: p, seed }) => setAttribute(seed.xml, 'Response', 'ID', p.assertionId),
      },
    },
  ),
  ...group(
    {
      ...xsw,
      ...onAssertion,
      class: 'xsw-same-id',
      source: 'OneUptime issue 2949 (2026); CVE-2026-58066 (Rocket.Chat)',
    },
    {
      'xsw-same-id-copied-signature-extensions': {
        says: 'forged Assertion with the same ID and a copy of the Signature; the genuine one first, in Extensions',
        make: ({ pieces: p }) =>
          beforeStatus(withAssertion(p, signedForgery(p, p.assertionId)), extensions(p.assertion)),
      },
      'xsw-same-id-copied-signature-statusdetail': {
        says: 'the same, the genuine one in StatusDetail',
        make: ({ pieces: p }) =>
          insideEndOf(
            withAssertion(p, signedForgery(p, p.assertionId)),
            'Status',
            statusDetail(p.assertion),
          ),
      },
    },
  ),
]
