/**
 * A second reader of XML, with saxes in place of our scanner. It is a witness of the scanner: both
 * must lead to the same tree, or to a refusal for the same reason. The tree, its namespaces and the
 * limits are made by our reader in both; libxml2 is the witness of namespaces, and the tests of limits.
 */
import { SaxesParser } from 'saxes'
import { decodeUtf8 } from '../../src/lib/bytes.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import {
  limits,
  Reading,
  Refused,
  type XmlElement,
  type XmlFault,
} from '../../src/saml/xml/reader.ts'

export function parseXmlBySaxes(bytes: Uint8Array): Result<XmlElement, XmlFault> {
  if (bytes.length > limits.bytes) return err('too-large')
  const text = decodeUtf8(bytes)
  if (!text.ok) return text
  const reading = new Reading(null)
  const parser = new Parser(reading)
  try {
    // In pieces: saxes is slow with a long text at once.
    for (let at = 0; at < text.value.length; at += 65_536) {
      parser.write(text.value.slice(at, at + 65_536))
    }
    parser.close()
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

/** Tells a reading what saxes finds. A bare SaxesParser with so many handlers is a slow dictionary to V8. */
class Parser extends SaxesParser<typeof options> {
  constructor(reading: Reading) {
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
    this.on('opentagstart', () => reading.begin())
    this.on('attribute', ({ name, value }) => reading.attribute(name, value))
    this.on('opentag', ({ name }) => reading.open(name))
    this.on('closetag', () => reading.close())
    this.on('text', (text) => reading.text(text))
    this.on('cdata', (text) => reading.text(text))
    this.on('comment', (text) => reading.comment(text))
  }
}
