/** XML as people read it: an element a line, indented, its certificates shortened. */
import { utf8 } from '../lib/bytes.ts'
import { fingerprintOf, parseCertificate, type Certificate } from '../saml/certificate.ts'
import { parseXml, textOf, type XmlElement } from '../saml/xml/reader.ts'
import { descendants } from '../saml/xml/tree.ts'
import { dayOf } from './shape.ts'

/** null: it is not XML. */
export const readKept = (document: string): XmlElement | null => {
  const root = parseXml(utf8(document))
  return root.ok ? root.value : null
}

export interface CertificateIn {
  readonly certificate: Certificate
  readonly fingerprint: string
}

/** Those that a message brings along. They prove nothing: only those of the connection count. */
export async function certificatesIn(root: XmlElement): Promise<readonly CertificateIn[]> {
  const read = descendants(root)
    .filter(({ local }) => local === 'X509Certificate')
    .flatMap((element) => {
      const certificate = parseCertificate(textOf(element) ?? '')
      return certificate.ok ? [certificate.value] : []
    })
  const all = await Promise.all(
    read.map(async (certificate) => ({
      certificate,
      fingerprint: await fingerprintOf(certificate),
    })),
  )
  return all.filter(
    ({ fingerprint }, at) => all.findIndex((each) => each.fingerprint === fingerprint) === at,
  )
}

export const showXml = (root: XmlElement): readonly string[] => linesOf(root, '')

function linesOf(element: XmlElement, indent: string): readonly string[] {
  const { name, children } = element
  const texts = children.flatMap((child) => (child.kind === 'text' ? child.text.trim() : []))
  const text = texts.filter((each) => each !== '').join(' ')
  const inner = children.filter((child): child is XmlElement => child.kind === 'element')
  const open = `${indent}<${[name, ...attributesOf(element)].join(' ')}`
  if (inner.length === 0 && text === '') return [`${open}/>`]
  if (inner.length === 0) return [`${open}>${shown(element, text)}</${name}>`]
  return [
    `${open}>`,
    ...inner.flatMap((child) => linesOf(child, `${indent}  `)),
    ...(text === '' ? [] : [`${indent}  ${escaped(text)}`]),
    `${indent}</${name}>`,
  ]
}

const attributesOf = ({ declarations, attributes }: XmlElement): readonly string[] => [
  ...Array.from(
    declarations,
    ([prefix, uri]) => `xmlns${prefix === '' ? '' : ':'}${prefix}="${escaped(uri)}"`,
  ),
  ...attributes.map((each) => `${each.name}="${escaped(each.value)}"`),
]

function shown({ local }: XmlElement, text: string): string {
  if (local !== 'X509Certificate') return escaped(text)
  const certificate = parseCertificate(text)
  return certificate.ok
    ? `(a certificate until ${dayOf(certificate.value.notAfter)})`
    : escaped(text.slice(0, 60))
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => escapes[character] ?? '').replace(/\s+/g, ' ')
