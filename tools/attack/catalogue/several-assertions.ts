/** More than one assertion, and other elements named Assertion. */
import { type Entry, group } from '../entry.ts'
import { idpOf, resigned, same, signElement } from '../signing.ts'
import {
  advice,
  afterEndOf,
  beforeStatus,
  forge,
  insideEndOf,
  piecesOf,
  prefixOf,
  setAttribute,
  withAssertion,
  type Pieces,
} from '../text.ts'

const several = {
  by: 'attacker',
  correct: 'refuse',
  gatehouse: 'several-assertions',
} as const

const onAssertion = { needs: ['assertion-signature'] } as const
const onResponse = { needs: ['response-signature'] } as const

/** The forged assertion with the signature of the genuine one. */
const signedForgery = (p: Pieces, id?: string): string =>
  afterEndOf(forge(p, id), 'Issuer', p.assertionSignature)

export const severalAssertions: readonly Entry[] = [
  ...group(
    {
      ...several,
      class: 'multiple-assertions',
      source: 'OWASP SAML cheat sheet; OneLogin test suite',
    },
    {
      'two-signed-assertions': {
        by: 'idp',
        correct: 'either',
        needs: ['idp-key'],
        says: 'two Assertions, both properly signed',
        make: async (s) => {
          const signer = await idpOf(s).signer('SHA-256')
          const other = withAssertion(s.pieces, forge(s.pieces))
          const second = piecesOf(await signElement(other, 'Assertion', signer)).assertion
          return insideEndOf(await resigned(s, same, { as: 'assertion' }), 'Response', second)
        },
      },
      'two-assertions-under-signed-response': {
        by: 'idp',
        correct: 'either',
        needs: ['idp-key'],
        says: 'two Assertions under one signed Response',
        make: (s) =>
          resigned(s, (xml) => insideEndOf(xml, 'Response', forge(s.pieces)), { as: 'response' }),
      },
      'advice-assertion-signed': {
        by: 'idp',
        correct: 'either',
        needs: ['idp-key'],
        says: 'signed Assertion whose Advice holds another one: only the outer Subject counts',
        source: 'node-saml test suite',
        make: (s) => resigned(s, (xml) => afterEndOf(xml, 'Conditions', advice(forge(s.pieces)))),
      },
      'two-assertions-second-forged': {
        ...onAssertion,
        correct: 'either',
        says: 'second Assertion forged, with a copy of the Signature',
        source: 'CVE-2022-41912 (crewjam/saml)',
        make: ({ pieces: p }) => withAssertion(p, p.assertion + signedForgery(p)),
      },
      'two-assertions-first-forged': {
        ...onAssertion,
        says: 'first Assertion forged, with a copy of the Signature',
        source: 'CVE-2022-41912 (crewjam/saml); CVE-2026-25922 (authentik)',
        make: ({ pieces: p }) => withAssertion(p, signedForgery(p, p.assertionId) + p.assertion),
      },
      'extra-assertion-in-signed-response': {
        ...onResponse,
        class: 'tampered',
        says: 'unsigned Assertion put into the signed Response',
        source: 'baseline',
        make: ({ pieces: p }) => withAssertion(p, p.assertion + forge(p)),
      },
    },
  ),
  ...group(
    {
      ...several,
      class: 'namespace-confusion',
      source: 'look-ups that ignore the namespace (getElementsByTagName)',
      correct: 'either',
      gatehouse: 'unexpected-element',
    },
    {
      'assertion-in-other-namespace': {
        says: 'forged Assertion of the SAML 1.0 namespace before the genuine one',
        make: ({ pieces: p, seed }) =>
          beforeStatus(seed.xml, inNamespace(p, 'urn:oasis:names:tc:SAML:1.0:assertion')),
      },
      'assertion-in-no-namespace': {
        says: 'forged Assertion in no namespace',
        make: ({ pieces: p, seed }) => beforeStatus(seed.xml, inNamespace(p, '')),
      },
    },
  ),
]

/** The forged assertion with all its elements in another namespace. */
function inNamespace(p: Pieces, namespace: string): string {
  const prefix = prefixOf(p.assertion, 'Assertion')
  const bare = forge(p).replaceAll(`<${prefix}`, '<').replaceAll(`</${prefix}`, '</')
  return setAttribute(bare, 'Assertion', 'xmlns', namespace)
}
