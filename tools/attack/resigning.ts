/** Changes to a response that the identity provider signs. */
import { response, type Stage } from './entry.ts'
import { resigned } from './signing.ts'
import { SAML, inAssertion, nameIdOf, setAttribute, setText } from './text.ts'
import type { Signed } from '../signing/saml-signer.ts'
export const PROFILE = 'Profiles §4.1.4.3'
export const OTHER = 'https://other.example/saml'

export const from =
  (change: (xml: string, stage: Stage) => string, as?: Signed) => (stage: Stage) =>
    resigned(stage, (xml) => change(xml, stage), as ? { as } : {})

/** Changes only the assertion. */
export const fromAssertion = (change: (xml: string, stage: Stage) => string) =>
  from((xml, stage) => inAssertion(xml, (assertion) => change(assertion, stage)))

export const at = ({ seed }: Stage, seconds: number): string =>
  new Date(seed.now.getTime() + seconds * 1000).toISOString()

export const saml = (local: string, text: string): string =>
  `<saml:${local} xmlns:saml="${SAML}">${text}</saml:${local}>`

/** A valid response with another signed name. */
export function signedName(change: (name: string) => string, written = change) {
  return async (stage: Stage) => {
    const name = nameIdOf(stage.seed.xml)
    return response(await resigned(stage, (xml) => setText(xml, 'NameID', written(name))), {
      nameId: change(name),
    })
  }
}

export const dataEnd = (value: (stage: Stage) => string | null) =>
  fromAssertion((xml, stage) =>
    setAttribute(xml, 'SubjectConfirmationData', 'NotOnOrAfter', value(stage)),
  )

/**
 * Messages that only the identity provider can make, and that every service provider must refuse.
 */
export const badProfile = {
  by: 'idp',
  correct: 'refuse',
  class: 'profile',
  source: PROFILE,
  needs: ['idp-key'],
} as const
