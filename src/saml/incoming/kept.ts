/** The part of a message that may be kept for operators. Nobody can sign in with it again. */
import { decodeBase64 } from '../../lib/bytes.ts'
import { patternOf } from '../../lib/pattern.ts'
import { canonicalText } from '../xml/c14n.ts'
import { attributeOf, parseXml, type XmlElement, type XmlNode } from '../xml/reader.ts'
import { XSI } from '../names.ts'

/** `shape`: every letter as x, every digit as 0. */
export type KeptValues = 'all' | 'shape'

/** In characters. */
const MOST_TEXT = 200
const MOST_CERTIFICATE = 4000
const MOST_KEPT = 16_000
const MOST_CHILDREN = 50

/**
 * Without these nobody can post the message again: a signature by its value, and a ciphertext, which
 * may have a whole signed assertion inside. SessionIndex is the name of a session at the IdP.
 */
const secretElements = ['SignatureValue', 'CipherValue', 'SessionIndex']
const secretAttribute = /pass(word|wd|phrase|code)|secret|token|credential|api.?key|private.?key/i

/** The message as XML. null: it is too long. @param values those of the person's attributes. */
export function keepMessage(message: XmlElement, values: KeptValues): string | null {
  const reduced = reduce(message, plainText, values)
  const text = canonicalText(reduced, { withComments: false, inclusivePrefixes: [], omit: null })
  return text.ok && text.value.length <= MOST_KEPT ? text.value : null
}

/** The same for a message that could not be verified. null also: it is not XML. */
export function keepPosted(samlResponse: string, values: KeptValues): string | null {
  const bytes = decodeBase64(samlResponse)
  const root = bytes.ok ? parseXml(bytes.value) : bytes
  return root.ok ? keepMessage(root.value, values) : null
}

type Write = (text: string) => string

const plainText: Write = (text) => shorten(text, MOST_TEXT)
const certificateText: Write = (text) => shorten(text, MOST_CERTIFICATE)
const letters = patternOf(String.raw`\p{L}`, 'gu')
const digits = patternOf(String.raw`\p{N}`, 'gu')
const shapeText: Write = (text) =>
  shorten(text, MOST_TEXT).replace(letters(), 'x').replace(digits(), '0')
const leftOut: Write = (text) => (text.trim() === '' ? text : '(left out)')

const shorten = (text: string, most: number): string =>
  text.length > most
    ? `${text.slice(0, MOST_TEXT / 2).toWellFormed()}… (${text.length} characters)`
    : text

function reduce(element: XmlElement, around: Write, values: KeptValues): XmlElement {
  const { local, children } = element
  const write = writeIn(element, around, values)
  const inner = children.slice(0, MOST_CHILDREN).map((child): XmlNode => {
    if (child.kind === 'element') return reduce(child, write, values)
    return { ...child, text: write(child.text) }
  })
  const more = children.length - inner.length
  return {
    ...element,
    parent: null,
    attributes: element.attributes.map((attribute) => {
      const { namespace, value } = attribute
      if (secretElements.includes(attribute.local)) return { ...attribute, value: leftOut(value) }
      const isOfName = namespace === XSI || local === 'Attribute'
      return { ...attribute, value: (isOfName ? plainText : write)(value) }
    }),
    children: secretElements.includes(local)
      ? [{ kind: 'text', text: leftOut('-') }]
      : more > 0
        ? [...inner, { kind: 'text', text: `(${more} more)` }]
        : inner,
  }
}

/** How the texts inside the element are written. What is around may hide them already. */
function writeIn(element: XmlElement, around: Write, values: KeptValues): Write {
  if (around === leftOut || around === shapeText) return around
  switch (element.local) {
    case 'X509Certificate':
      return certificateText
    case 'Attribute': {
      const names = ['Name', 'FriendlyName'].map((name) => attributeOf(element, name) ?? '')
      return names.some((name) => secretAttribute.test(name)) ? leftOut : around
    }
    case 'AttributeValue':
      return values === 'all' ? around : shapeText
    default:
      return around
  }
}
