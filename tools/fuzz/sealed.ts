/**
 * Mutates the content of an EncryptedAssertion. libxml2 and xmlsec1 get it unencrypted; Gatehouse
 * gets it encrypted.
 */
import { concatBytes, utf8, type Bytes } from '../../src/lib/bytes.ts'
import { contentAlgorithms, encrypt, type SpKey } from '../signing/encryptor.ts'

export type Seal = (document: Bytes) => Promise<Bytes>

const [OPEN, CLOSE] = ['<saml:EncryptedAssertion', '</saml:EncryptedAssertion>']

/** @param xml a Response whose Assertion is still unencrypted, in its final place. */
export const withContainer = (xml: string): string =>
  xml
    .replace('<saml:Assertion', (assertion) => `${OPEN}>${assertion}`)
    .replace('</saml:Assertion>', (end) => end + CLOSE)

/**
 * Encrypts the content of the container, even if it is not XML. A document without the container
 * stays as it is.
 */
export const sealFor =
  (sp: SpKey): Seal =>
  async (document) => {
    const text = Buffer.from(document)
    const open = text.indexOf(OPEN)
    const [from, to] = [text.indexOf('>', open) + 1, text.lastIndexOf(CLOSE)]
    if (open < 0 || from === 0 || to < from) return document
    const content = contentAlgorithms[document.length % contentAlgorithms.length]
    const xml = await encrypt(document.slice(from, to), sp, content ? { content } : {})
    const data = xml.slice(xml.indexOf('<xenc:EncryptedData'), xml.lastIndexOf(CLOSE))
    return concatBytes(document.slice(0, from), utf8(data), document.slice(to))
  }
