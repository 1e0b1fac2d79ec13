/**
 * A second reader of XML, on saxes instead of our scanner, with the same limits. It is a witness: both
 * readers must give the same tree, or refuse for the same reason.
 */
import { SaxesParser } from 'saxes'
import { decodeUtf8 } from '../../src/lib/bytes.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import {
  declaredPrefix,
  isDeclarable,
  isNamespaceUri,
  namespaceOf,
  parseQName,
} from '../../src/saml/xml/namespaces.ts'
import {
  limits,
  type OpenElement,
  type XmlAttribute,
  type XmlElement,
  type XmlFault,
} from '../../src/saml/xml/reader.ts'

class Refused extends Error {
  readonly fault: XmlFault
  constructor(fault: XmlFault) {
    super(fault)
    this.fault = fault
  }
}

interface Written {
  readonly name: string
  readonly value: string
}

export function parseXmlBySaxes(bytes: Uint8Array): Result<XmlElement, XmlFault> {
  if (bytes.length > limits.bytes) return err('too-large')
  const text = decodeUtf8(bytes)
  if (!text.ok) return text
  const reading = new Reading()
  try {
    // In pieces: saxes is slow with a long text at once.
    for (let at = 0; at < text.value.length; at += 65_536) {
      reading.write(text.value.slice(at, at + 65_536))
    }
    reading.close()
    return reading.root ? ok(reading.root) : err('not-well-formed')
  } catch (error) {
    if (error instanceof Refused) return err(error.fault)
    throw error
  }
}

/** forceXMLVersion: else saxes reads on by the rules of XML 1.1 when a declaration says so. */
const options = {
  xmlns: false,
  position: false,
  defaultXMLVersion: '1.0',
  forceXMLVersion: true,
} as const

/** V8 makes a slow dictionary of a SaxesParser with so many handlers, but not if it has these fields. */
class Reading extends SaxesParser<typeof options> {
  root: XmlElement | null = null
  readonly open: OpenElement[] = []
  parent: OpenElement | null = null
  written: Written[] = []
  /** URIs that have passed isNamespaceUri. */
  readonly uris = new Set<string>()
  nodes = 0

  constructor() {
    super(options)
    const refuse = (fault: XmlFault) => () => {
      throw new Refused(fault)
    }
    this.on('error', refuse('not-well-formed'))
    this.on('doctype', refuse('doctype'))
    this.on('processinginstruction', refuse('processing-instruction'))
    this.on('xmldecl', ({ version, encoding }) => {
      if (version !== '1.0' || (encoding !== undefined && !/^utf-8$/i.test(encoding))) {
        throw new Refused('declaration')
      }
    })
    this.on('opentagstart', () => {
      this.written = []
      if (this.open.length >= limits.depth) throw new Refused('too-deep')
    })
    this.on('attribute', (attribute) => {
      this.written.push(attribute)
      if (this.written.length > limits.attributesPerElement) {
        throw new Refused('too-many-attributes')
      }
    })
    this.on('opentag', ({ name }) => {
      this.count()
      const element = toElement(name, this.parent, this.written, this.uris)
      if (this.parent) this.parent.children.push(element)
      else this.root = element
      this.open.push(element)
      this.parent = element
    })
    this.on('closetag', () => {
      this.open.pop()
      this.parent = this.open.at(-1) ?? null
    })
    this.on('text', (text) => this.addText(text))
    this.on('cdata', (text) => this.addText(text))
    this.on('comment', (text) => {
      this.count()
      this.parent?.children.push({ kind: 'comment', text })
    })
  }

  count(): void {
    if (++this.nodes > limits.nodes) throw new Refused('too-many-nodes')
  }

  addText(added: string): void {
    if (!this.parent || added === '') return
    const { children } = this.parent
    const last = children.at(-1)
    if (last?.kind === 'text') {
      children[children.length - 1] = { kind: 'text', text: last.text + added }
    } else {
      this.count()
      children.push({ kind: 'text', text: added })
    }
  }
}

function toElement(
  name: string,
  parent: OpenElement | null,
  written: readonly Written[],
  uris: Set<string>,
): OpenElement {
  const named: XmlAttribute[] = []
  const declarations = new Map<string, string>()
  for (const { name: attributeName, value } of written) {
    const { prefix, local } = wellFormed(parseQName(attributeName))
    const declared = declaredPrefix(prefix, local)
    if (declared === null) {
      named.push({ name: attributeName, prefix, local, namespace: '', value })
      continue
    }
    if (!isDeclarable(declared, value)) throw new Refused('not-well-formed')
    if (!uris.has(value) && !isNamespaceUri(value)) throw new Refused('namespace-uri')
    uris.add(value)
    declarations.set(declared, value)
  }
  const place = { declarations, parent }
  const attributes: XmlAttribute[] = []
  for (const attribute of named) {
    const { prefix, local } = attribute
    const namespace = prefix === '' ? '' : wellFormed(namespaceOf(prefix, place))
    const isSame = (other: XmlAttribute) => other.local === local && other.namespace === namespace
    if (prefix !== '' && attributes.some(isSame)) throw new Refused('not-well-formed')
    attributes.push({ ...attribute, namespace })
  }
  const { prefix, local } = wellFormed(parseQName(name))
  const namespace = wellFormed(namespaceOf(prefix, place))
  return {
    kind: 'element',
    name,
    prefix,
    local,
    namespace,
    attributes,
    declarations,
    children: [],
    parent,
  }
}

function wellFormed<T>(found: T | null): T {
  if (found === null) throw new Refused('not-well-formed')
  return found
}
