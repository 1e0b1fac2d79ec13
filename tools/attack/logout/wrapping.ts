/** Forged messages of logout with something genuine and signed inside. */
import { assertionXml, sign } from '../../signing/saml-signer.ts'
import {
  behindIssuer,
  byForm,
  bySoap,
  changed,
  forged,
  genuine,
  group,
  requestXml,
  soap,
  SP,
  type LogoutEntry,
} from './stage.ts'

const wrapping = {
  class: 'slo-wrapping',
  by: 'attacker',
  correct: 'refuse',
  gatehouse: 'misplaced-signature',
  source: 'Core §5.4',
} as const

const withInside = (xml: string, inside: string): string =>
  behindIssuer(xml, `<samlp:Extensions>${inside}</samlp:Extensions>`)
const signatureIn = (xml: string): string =>
  /<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? ''

const ATTACKS = 'Somorovsky et al. 2012'

export const wrapped: readonly LogoutEntry[] = [
  ...group(wrapping, {
    'slo-wrapped-extensions': {
      says: 'a forged LogoutRequest with the genuine one and its signature in Extensions',
      source: ATTACKS,
      make: async (s) => byForm(withInside(forged(s), await genuine(s))),
    },
    'slo-wrapped-moved': {
      says: 'the same, with the signature moved to the forged one',
      source: ATTACKS,
      gatehouse: 'reference-not-parent',
      make: async (s) =>
        byForm(behindIssuer(withInside(forged(s), requestXml(s)), signatureIn(await genuine(s)))),
    },
    'slo-wrapped-same-id': {
      says: 'the same, and the forged one has the ID of the genuine one',
      source: ATTACKS,
      gatehouse: 'duplicate-id',
      make: async (s) =>
        byForm(
          behindIssuer(
            withInside(forged(s, '_logout'), requestXml(s)),
            signatureIn(await genuine(s)),
          ),
        ),
    },
    'slo-wrapped-object': {
      says: 'the genuine one in an Object of its signature, which stands in the forged one',
      source: ATTACKS,
      gatehouse: 'malformed-signature',
      make: async (s) => {
        const object = `<ds:Object>${requestXml(s)}</ds:Object></ds:Signature>`
        const signature = changed(signatureIn(await genuine(s)), '</ds:Signature>', object)
        return byForm(behindIssuer(forged(s), signature))
      },
    },
    'slo-wrapped-child': {
      says: 'the genuine one as a child of the forged one',
      gatehouse: 'unexpected-element',
      make: async (s) => byForm(behindIssuer(forged(s), await genuine(s))),
    },
    'slo-wrapped-around': {
      says: 'the genuine one as the document element, with a forged one in its Extensions',
      gatehouse: 'digest-mismatch',
      make: async (s) => byForm(withInside(await genuine(s), forged(s))),
    },
    'slo-donor-assertion': {
      says: 'a genuine signed assertion in the Extensions of a forged LogoutRequest',
      source: 'ours',
      make: async (s) => {
        const options = {
          spEntityId: SP,
          acsUrl: 'https://sp.test/acs',
          inResponseTo: null,
          issuer: s.idp.entityId,
          now: s.expect.now,
        }
        const assertion = await sign(assertionXml(options), '_assertion', s.idp)
        return byForm(withInside(forged(s), assertion))
      },
    },
    'slo-soap-header': {
      says: 'the genuine one in the Header of the envelope, a forged one in its Body',
      source: 'ours',
      gatehouse: 'logout-unsigned',
      make: async (s) => bySoap(soap(forged(s), `<soap:Header>${await genuine(s)}</soap:Header>`)),
    },
    'slo-soap-header-signature': {
      says: 'the same, with the signature moved to the forged one',
      source: 'ours',
      gatehouse: 'reference-not-parent',
      make: async (s) =>
        bySoap(
          soap(
            behindIssuer(forged(s), signatureIn(await genuine(s))),
            `<soap:Header>${requestXml(s)}</soap:Header>`,
          ),
        ),
    },
  }),
]
