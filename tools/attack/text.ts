/**
 * Edits a response as text, as an attacker would: any prefix, any order, well-formed or not.
 * Nothing here parses XML, and nothing here decides what a service provider should do with the
 * message.
 */

/** The attacker's name. No service provider may ever return it. */
export const FORGED = 'attacker@evil.test'

export const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion'
export const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol'
export const DS = 'http://www.w3.org/2000/09/xmldsig#'

export type Change = (xml: string) => string

const P = '(?:[\\w.-]+:)?'
const startTag = (local: string) => new RegExp(`<${P}${local}(?=[\\s/>])[^>]*>`)
const endTag = (local: string) => new RegExp(`</${P}${local}\\s*>`)

/** Matches from the first start tag of that name to the next end tag of the same name. */
export const elementPattern = (local: string, flags = ''): RegExp =>
  new RegExp(`<(${P}${local})(?=[\\s/>])(?:[^>]*/>|[^>]*>[^]*?</\\1\\s*>)`, flags)

export const elementIn = (xml: string, local: string): string =>
  elementPattern(local).exec(xml)?.[0] ?? ''

/** The parts of a response as text; '' for a part that is missing. */
export interface Pieces {
  readonly head: string
  readonly assertion: string
  readonly tail: string
  readonly assertionSignature: string
  readonly responseSignature: string
  readonly assertionId: string
  readonly responseId: string
}

export function piecesOf(xml: string): Pieces {
  const [assertion] = new RegExp(`<${P}Assertion[\\s>][^]*</${P}Assertion>`).exec(xml) ?? ['']
  const at = assertion === '' ? xml.length : xml.indexOf(assertion)
  const head = xml.slice(0, at)
  return {
    head,
    assertion,
    tail: xml.slice(at + assertion.length),
    assertionSignature: elementIn(assertion, 'Signature'),
    responseSignature: elementIn(head, 'Signature'),
    assertionId: attributeIn(assertion, 'Assertion', 'ID'),
    responseId: attributeIn(head, 'Response', 'ID'),
  }
}

export const withAssertion = ({ head, tail }: Pieces, assertion: string): string =>
  head + assertion + tail

export const withoutDeclaration: Change = (xml) => xml.replace(/^<\?xml[^>]*\?>\s*/, '')

/** `replace` in which `$` has no special meaning. */
export const put = (xml: string, what: string | RegExp, by: string): string =>
  xml.replace(what, () => by)

export const remove = (xml: string, local: string): string => put(xml, elementPattern(local), '')

export const replaceElement = (xml: string, local: string, by: string): string =>
  put(xml, elementPattern(local), by)

/** Changes only the assertion. */
export function inAssertion(xml: string, change: Change): string {
  const pieces = piecesOf(xml)
  return withAssertion(pieces, change(pieces.assertion))
}

/**
 * Inserts text before the end tag of the first element of that name, also if the element is empty.
 */
export const insideEndOf = (xml: string, local: string, added: string): string => {
  const empty = new RegExp(`<(${P}${local})((?:\\s[^>]*)?)/>`).exec(xml)
  const end = endTag(local).exec(xml)
  if (empty && (!end || empty.index < end.index)) {
    const [whole, name = '', attributes = ''] = empty
    return put(xml, whole, `<${name}${attributes}>${added}</${name}>`)
  }
  return xml.replace(endTag(local), (tag) => added + tag)
}

export const insideLastEndOf = (xml: string, local: string, added: string): string => {
  const last = [...xml.matchAll(new RegExp(endTag(local), 'g'))].at(-1)
  return last ? xml.slice(0, last.index) + added + xml.slice(last.index) : xml
}

export const afterEndOf = (xml: string, local: string, added: string): string =>
  xml.replace(endTag(local), (tag) => tag + added)

export const insideStartOf = (xml: string, local: string, added: string): string =>
  xml.replace(startTag(local), (tag) => tag + added)

export const attributeIn = (xml: string, local: string, name: string): string => {
  const [tag = ''] = startTag(local).exec(xml) ?? []
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
}

/** Sets an attribute of the first element of that name; null removes it. */
export const setAttribute = (
  xml: string,
  local: string,
  name: string,
  value: string | null,
): string =>
  xml.replace(startTag(local), (tag) => {
    const bare = tag.replace(new RegExp(`\\s${name}=("[^"]*"|'[^']*')`), '')
    return value === null
      ? bare
      : bare.replace(/^<[^\s/>]+/, (open) => `${open} ${name}="${value}"`)
  })

/** Inserts raw text into the start tag of the first element of that name. */
export const insideTag = (xml: string, local: string, added: string): string =>
  xml.replace(startTag(local), (tag) => tag.replace(/^<[^\s/>]+/, (open) => `${open} ${added}`))

export const setText = (xml: string, local: string, text: string): string =>
  xml.replace(new RegExp(`(<${P}${local}(?:\\s[^>]*)?>)[^<]*`), (_, tag: string) => tag + text)

export const nameIdOf = (xml: string): string =>
  new RegExp(`<${P}NameID(?:\\s[^>]*)?>([^<]*)`).exec(xml)?.[1] ?? ''

export const prefixOf = (xml: string, local: string): string =>
  new RegExp(`<((?:[\\w.-]+:)?)${local}[\\s/>]`).exec(xml)?.[1] ?? ''

/** The assertion without its signature, with the attacker's name and the given ID. */
export const forge = (pieces: Pieces, id = '_forged'): string =>
  setText(setAttribute(unsignedAssertion(pieces), 'Assertion', 'ID', id), 'NameID', FORGED)

export const unsignedAssertion = (pieces: Pieces): string =>
  put(pieces.assertion, pieces.assertionSignature, '')

export const withoutSignatures = (xml: string): string => {
  const { assertionSignature, responseSignature } = piecesOf(xml)
  return put(put(xml, assertionSignature, ''), responseSignature, '')
}

/** The whole response without signatures, with an ID of its own and the attacker's name. */
export const forgedResponse = (xml: string): string => {
  const pieces = piecesOf(xml)
  const outer = put(withAssertion(pieces, forge(pieces)), pieces.responseSignature, '')
  return setAttribute(outer, 'Response', 'ID', '_forgedResponse')
}

export const extensions = (content: string): string =>
  `<samlp:Extensions xmlns:samlp="${SAMLP}">${content}</samlp:Extensions>`

export const statusDetail = (content: string): string =>
  `<samlp:StatusDetail xmlns:samlp="${SAMLP}">${content}</samlp:StatusDetail>`

export const advice = (content: string): string =>
  `<saml:Advice xmlns:saml="${SAML}">${content}</saml:Advice>`

export const dsObject = (content: string): string =>
  `<ds:Object xmlns:ds="${DS}">${content}</ds:Object>`

export const x509KeyInfo = (...certificates: readonly string[]): string =>
  `<ds:KeyInfo xmlns:ds="${DS}"><ds:X509Data>${certificates
    .map((certificate) => `<ds:X509Certificate>${certificate}</ds:X509Certificate>`)
    .join('')}</ds:X509Data></ds:KeyInfo>`

/** Inserts text before Status, where the schema allows Extensions. */
export const beforeStatus = (xml: string, added: string): string =>
  xml.replace(startTag('Status'), (status) => added + status)
