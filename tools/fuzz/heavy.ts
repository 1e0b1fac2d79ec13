import { XENC } from '../../src/saml/names.ts'

/**
 * Documents that once took time quadratic in their size. Canonicalization happens before the
 * signature is verified, so its cost must stay proportional to the size.
 */
export interface Heavy {
  readonly name: string
  readonly xml: string
  /** A document with as many elements, without the expensive part. */
  readonly harmless: string
}

/** When the cost was quadratic, the factor was 20 to 80. */
export const MOST_TIMES = 5

/** @param genuine a response with an encrypted assertion and no signature on the Response. */
export function heavyReferences(genuine: string): readonly Heavy[] {
  const referring = (name: string): string => {
    const [open, end] = ['<saml:EncryptedAssertion', '</saml:EncryptedAssertion>']
    const inside = replaced(genuine, '</dsig:KeyInfo>', `${name.repeat(20_000)}</dsig:KeyInfo>`)
    const beside = replaced(inside, end, '<e:EncryptedKey/>'.repeat(20_000) + end)
    return replaced(beside, open, `${open} xmlns:e="${XENC}"`)
  }
  return [
    {
      name: 'many references to many encrypted keys',
      xml: referring('<dsig:RetrievalMethod/>'),
      harmless: referring('<dsig:MgmtData/>'),
    },
  ]
}

/** @param genuine a response with a signed assertion. */
export function heavyDocuments(genuine: string): readonly Heavy[] {
  const many = (prefixes: number): string =>
    insideAssertion(withPrefixList(genuine, prefixes), '<a/>'.repeat(37_000))
  const deep = (namespaces: number): string =>
    insideAssertion(genuine, around(44, namespaces, '<a xmlns:x="u:"/>'.repeat(40_000)))
  return [
    { name: 'a long PrefixList over many elements', xml: many(100_000), harmless: many(1) },
    {
      name: 'many namespaces around many elements that declare one',
      xml: deep(60),
      harmless: deep(0),
    },
  ]
}

const insideAssertion = (xml: string, content: string): string =>
  replaced(xml, '</saml:Assertion>', `${content}</saml:Assertion>`)

function withPrefixList(xml: string, prefixes: number): string {
  const [open = ''] = /<ds:Transform Algorithm="[^"]*exc-c14n#">/.exec(xml) ?? []
  const namespace = 'http://www.w3.org/2001/10/xml-exc-c14n#'
  const list = `<ec:InclusiveNamespaces xmlns:ec="${namespace}" PrefixList="${'p '.repeat(prefixes)}"/>`
  return replaced(xml, open, open + list)
}

const around = (depth: number, namespaces: number, inside: string): string =>
  Array.from({ length: depth }, (_, level) =>
    Array.from({ length: namespaces }, (__, i) => ` xmlns:p${level}-${i}="u:"`).join(''),
  ).reduceRight((inner, declarations) => `<a${declarations}>${inner}</a>`, inside)

function replaced(xml: string, old: string, by: string): string {
  if (old === '' || !xml.includes(old)) throw new Error('a fixture is not as it was thought')
  return xml.replace(old, () => by)
}
