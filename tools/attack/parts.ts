/** Parts of messages that several files of the catalogue use. */
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
  withoutDeclaration,
  withoutSignatures,
} from './text.ts'

/**
 * The seed with the attacker's NameID and its outermost signature changed. Other signatures are
 * removed.
 */
export function forgedUnder(stage: Stage, change: (signature: string) => string): string {
  const forged = setText(stage.seed.xml, 'NameID', FORGED)
  const inner = stage.pieces.assertionSignature
  const bare = targetOf(stage) === 'Response' && inner !== '' ? put(forged, inner, '') : forged
  return put(bare, targetSignature(stage), change(targetSignature(stage)))
}

/** The genuine response with its outermost signature changed. */
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

/**
 * A forged message in which the start tag of the element with the outermost signature is changed.
 */
export function onTarget(
  stage: Stage,
  change: (xml: string, of: 'Assertion' | 'Response', id: string) => string,
): string {
  const of = targetOf(stage)
  const xml = forgedUnder(stage, (signature) => signature)
  return change(xml, of, idOf(xml, of))
}

/** The seed with the attacker's NameID and no signature. */
export const forgedUnsigned = ({ seed }: Stage): string =>
  setText(withoutSignatures(seed.xml), 'NameID', FORGED)

/** The seed with its NameID changed. */
export const named =
  (change: (genuine: string) => string) =>
  ({ seed }: Stage): string =>
    setText(seed.xml, 'NameID', change(nameIdOf(seed.xml)))
/** Inserts text after the second character of a name. */
export const inStart = (text: string) => (genuine: string) =>
  genuine.slice(0, 2) + text + genuine.slice(2)

export const field = (value: string): Message => ({ kind: 'field', value })
export const form = (body: string, query = ''): Message => ({ kind: 'form', body, query })
export const parameter = (xml: string): string =>
  `SAMLResponse=${encodeURIComponent(toPosted(xml))}`

/** The response with `prolog` instead of its XML declaration, and optionally with another name. */
export const under =
  (prolog: string, name?: string) =>
  ({ seed }: Stage): string => {
    const bare = withoutDeclaration(seed.xml)
    return prolog + (name === undefined ? bare : setText(bare, 'NameID', name))
  }
