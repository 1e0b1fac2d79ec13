/** The text of Canonical XML, and the one place that writes it. */
import { Refused, type Reading, type XmlAttribute } from './reader.ts'

/**
 * Writes canonical text, and tells a reader what a scanner would tell it of that text. So the reader
 * builds the element that reading the text again would give:
 * 1. Only these methods write, and only they tell the reader. Each does both with the same values.
 *    So nothing gets into the element that is not in the text.
 * 2. Each name and value comes from an element that was read, and no tag has a name twice. A scanner
 *    has accepted them, and would accept them again.
 * 3. All that a scanner would end at, change or refuse in a text or a value is escaped, and a scanner
 *    undoes exactly that.
 * 4. The reader does the rest in both cases: prefixes, namespaces, texts that are joined, limits.
 */
export class CanonicalText {
  text = ''
  private readonly reader: Reading | null
  private readonly most: number

  /** @param most how many characters may be in `text`. */
  constructor(reader: Reading | null, most: number) {
    this.reader = reader
    this.most = most
  }

  /** @param attributes with the declarations, which come first. */
  startTag(name: string, attributes: readonly Written[]): void {
    this.reader?.begin()
    let tag = `<${name}`
    for (const attribute of attributes) {
      tag += ` ${attribute.name}="${escapeAttribute(attribute.value)}"`
      this.reader?.attribute(attribute.name, attribute.value)
    }
    this.append(`${tag}>`)
    this.reader?.open(name)
  }

  characters(text: string): void {
    this.append(escapeText(text))
    this.reader?.text(text)
  }

  comment(text: string): void {
    this.append(`<!--${text}-->`)
    this.reader?.comment(text)
  }

  endTag(name: string): void {
    this.append(`</${name}>`)
    this.reader?.close()
  }

  private append(written: string): void {
    this.text += written
    if (this.text.length > this.most) throw new Refused('too-large')
  }
}

export type Written = Pick<XmlAttribute, 'name' | 'value'>

const escapeText = (text: string): string =>
  /[&<>\r]/.test(text)
    ? text.replace(/[&<>\r]/g, (character) => textEscapes[character] ?? '')
    : text

const escapeAttribute = (value: string): string =>
  /[&<"\t\n\r]/.test(value)
    ? value.replace(/[&<"\t\n\r]/g, (character) => attributeEscapes[character] ?? '')
    : value

const textEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#xD;',
}
const attributeEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}
