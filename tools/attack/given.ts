/** Reads the command's arguments and files. */
import { readFileSync } from 'node:fs'
import { decodeBase64, decodeUtf8, utf8 } from '../../src/lib/bytes.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import { parseCertificate } from '../../src/saml/certificate.ts'
import { parseXml } from '../../src/saml/xml/reader.ts'
import type { Seed } from './entry.ts'
import type { Material } from './play.ts'
import { attributeIn, elementIn, piecesOf } from './text.ts'

export interface Files {
  readonly response: string
  readonly idpKey: string | null
  readonly idpCertificate: string | null
  readonly spCertificate: string | null
}

export async function readMaterial(files: Files, now: Date): Promise<Result<Material, string>> {
  const text = readText(files.response)
  if (!text.ok) return text
  const seed = readSeed(text.value, files.response, now)
  if (!seed.ok) return seed
  const idpKey = files.idpKey === null ? ok(null) : readKey(files.idpKey)
  if (!idpKey.ok) return idpKey
  const encryptionKey =
    files.spCertificate === null ? ok(null) : await readEncryptionKey(files.spCertificate)
  if (!encryptionKey.ok) return encryptionKey
  const certificate =
    files.idpCertificate === null ? ok(seed.value.certificate) : readText(files.idpCertificate)
  if (!certificate.ok) return certificate
  if (certificate.value !== '' && !parseCertificate(certificate.value).ok) {
    return err('--idp-cert <file> is missing or is not a certificate.')
  }
  const genuine = { ...seed.value, certificate: certificate.value }
  return ok({ seed: genuine, idpKey: idpKey.value, encryptionKey: encryptionKey.value })
}

function readText(file: string): Result<string, string> {
  try {
    return ok(readFileSync(file, 'utf8').trim())
  } catch (error) {
    return err(`${file} cannot be read (${error instanceof Error ? error.message : 'no reason'}).`)
  }
}

/** Takes a response as it was posted, or as XML. */
export function readSeed(text: string, file: string, now: Date): Result<Seed, string> {
  const posted = text.replace(/^SAMLResponse=/, '')
  const bytes = posted.startsWith('<') ? ok(utf8(posted)) : decodeBase64(decoded(posted))
  const xml = bytes.ok ? decodeUtf8(bytes.value) : bytes
  if (!xml.ok) return err(`${file} is neither XML nor a response in base64.`)
  const read = parseXml(utf8(xml.value))
  if (!read.ok) return err(`${file} contains no readable XML (${read.error}).`)
  const { assertion, assertionSignature, responseSignature } = piecesOf(xml.value)
  if (read.value.local !== 'Response' || assertion === '') {
    return err(
      `${file} holds no Response with an Assertion in the clear: turn encryption off at the IdP.`,
    )
  }
  if (assertionSignature === '' && responseSignature === '') return err(`${file} is not signed.`)
  return ok({
    name: file,
    xml: xml.value,
    signed:
      responseSignature === '' ? 'assertion' : assertionSignature === '' ? 'response' : 'both',
    nameId: textIn(assertion, 'NameID'),
    idpEntityId: textIn(assertion, 'Issuer'),
    certificate: textIn(xml.value, 'X509Certificate').replace(/\s/g, ''),
    spEntityId: textIn(assertion, 'Audience'),
    acsUrl: attributeIn(assertion, 'SubjectConfirmationData', 'Recipient'),
    inResponseTo: attributeIn(assertion, 'SubjectConfirmationData', 'InResponseTo') || null,
    now,
    decryptionKeys: [],
  })
}

/** Decodes the percent-encoding of base64 characters. */
const decoded = (text: string): string =>
  text
    .replace(/%2B/gi, '+')
    .replace(/%2F/gi, '/')
    .replace(/%3D/gi, '=')
    .replace(/%0[AD]/gi, '')

const textIn = (xml: string, local: string): string =>
  elementIn(xml, local)
    .replace(/<[^>]*>/g, '')
    .trim()

function readKey(file: string): Result<Material['idpKey'], string> {
  const text = readText(file)
  if (!text.ok) return text
  const der = decodeBase64(text.value.replace(/-----[^-]+-----/g, '').trim())
  return der.ok && text.value.includes('BEGIN PRIVATE KEY')
    ? ok(der.value)
    : err(
        `${file} is no PKCS#8 key in PEM ("BEGIN PRIVATE KEY"): openssl pkcs8 -topk8 -nodes makes one.`,
      )
}

async function readEncryptionKey(file: string): Promise<Result<CryptoKey, string>> {
  const text = readText(file)
  if (!text.ok) return text
  const certificate = parseCertificate(text.value)
  if (!certificate.ok || certificate.value.key.kind !== 'rsa') {
    return err(`${file} is not a certificate with an RSA key.`)
  }
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' }
  return ok(
    await crypto.subtle.importKey('spki', certificate.value.spki, algorithm, true, ['encrypt']),
  )
}
