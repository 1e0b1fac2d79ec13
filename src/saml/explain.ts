/** Why a message was refused, in words for the operator: each names what differs from what. */
import { toAsciiJson } from '../lib/plain.ts'
import type { SamlError } from './error.ts'
import { BEARER, SAMLP } from './names.ts'
import type { XmlFault } from './xml/reader.ts'

/** One sentence for the operator: what is wrong, and what to do where that is known. */
export function explainSamlError(error: SamlError): string {
  switch (error.reason) {
    case 'too-large':
      return 'The response is larger than Gatehouse reads.'
    case 'not-base64':
      return 'The SAMLResponse field is not plain base64, as the HTTP-POST binding wants it.'
    case 'malformed-xml':
      return `The response is not XML that Gatehouse reads: ${explainXmlFault(error.fault)}.`
    case 'not-a-response':
      return error.namespace === SAMLP
        ? `The message is a ${error.found} of SAML 2.0, not a Response.`
        : `The message is a ${error.found} of the namespace ${quote(error.namespace)}, not a Response of ${quote(SAMLP)}.`
    case 'unexpected-element':
      return `There is a ${error.element} of the namespace ${quote(error.namespace)} in ${error.in}, where SAML has none.`
    case 'duplicate-id':
      return `Two elements have the ID ${quote(error.id)}.`
    case 'invalid-id':
      return `The ID of the ${error.of} is ${quote(error.found)}; it must be 1 to 256 characters, none of them white space.`
    case 'no-assertion':
      return 'The response says Success but holds no Assertion.'
    case 'several-assertions':
      return 'There is more than one Assertion in the message.'
    case 'misplaced-assertion':
      return 'The Assertion is not a child of the Response.'
    case 'no-decryption-key':
      return error.hash === null
        ? `The IdP sent an ${error.element}, and there is no key to open it: give the IdP the encryption certificate of our metadata, or turn encryption off there.`
        : `The IdP sent an ${error.element} whose key is wrapped by RSA-OAEP with ${error.hash}, for a key that is not of ours: give the IdP the encryption certificate of our metadata.`
    case 'encryption-not-allowed':
      return explainEncryption(error.of, error.algorithm)
    case 'oaep-hashes-differ':
      return `The IdP wraps the key by RSA-OAEP with digest ${error.digest} and mask function MGF1 with ${error.mask}. Both must be of one hash: at the IdP set the OAEP digest to SHA-1 (rsa-oaep-mgf1p), or the MGF to the same hash as the digest (xmlenc11 rsa-oaep).`
    case 'malformed-encryption':
      return `The encryption is not built as SAML wants it: ${error.detail}.`
    case 'decryption-failed':
      return 'What the IdP encrypted does not open: has the IdP the encryption certificate of our metadata, the one of now?'
    case 'decryption-limit':
      return 'The same encrypted key was sent too many times: it is not tried again today. Sign in anew.'
    case 'not-encrypted':
      return 'The Assertion is not encrypted, and this connection asks that it is: turn assertion encryption on at the IdP.'
    case 'no-certificate':
      return 'The connection has no certificate, so no signature can count.'
    case 'invalid-certificate':
      return `A certificate of the connection cannot be read (${error.fault}).`
    case 'unsigned':
      return 'Neither the Response nor the Assertion is signed: turn signing on at the IdP.'
    case 'several-signatures':
      return 'An element carries more than one signature.'
    case 'misplaced-signature':
      return 'There is a signature that is not a child of the Response or of the Assertion.'
    case 'malformed-signature':
      return `The signature is not built as SAML wants it: ${error.detail}.`
    case 'reference-not-parent':
      return `The signature refers to ${quote(error.found)}, not to ${quote(error.expected)}, the element that carries it.`
    case 'several-references':
      return `The signature has ${error.found} References and needs exactly one.`
    case 'transforms-not-allowed':
      return `The transforms of the signature are ${list(error.found, 'none')}. They must be enveloped-signature, then exclusive canonicalization: set that at the IdP.`
    case 'algorithm-not-allowed':
      return `The ${error.of} of the signature is ${quote(error.algorithm)}, which is not allowed: ${allowedAlgorithms[error.of] ?? 'choose another at the IdP'}.`
    case 'sha1-not-allowed':
      return 'The signature uses SHA-1: choose SHA-256 at the IdP, or allow SHA-1 for this connection until a date.'
    case 'weak-key':
      return `An RSA key of the connection has ${error.bits} bits and so does not count, and no other made this signature: use 2048 or more at the IdP, or allow weak keys for this connection until a date (never under 1024).`
    case 'digest-mismatch':
      return 'What was signed has been changed since: the digest does not match.'
    case 'signature-mismatch':
      return 'No certificate of the connection made this signature: has the IdP changed its certificate?'
    case 'status':
      return explainStatus(error.codes, error.message)
    case 'version':
      return `The Version of the ${error.of} is ${quote(error.found)} and must be "2.0".`
    case 'destination':
      return error.found === null
        ? `Destination is absent, and a signed Response has to have one: ${quote(error.expected)}. If the IdP cannot send it, let it sign the assertion instead of the response.`
        : `Destination is ${quote(error.found)} and must be ${quote(error.expected)}: set the ACS URL at the IdP.`
    case 'issuer':
      return explainIssuer(error)
    case 'in-response-to':
      return {
        another: `InResponseTo of the ${error.of} names another request than this browser made.`,
        none: `The ${error.of} has no InResponseTo, but a request was made.`,
        unasked: `The ${error.of} answers a request, but none was made.`,
      }[error.found]
    case 'malformed-time':
      return `${error.field} is ${quote(error.found)}; it must be a time with a zone, such as 2026-11-24T12:00:00Z.`
    case 'name-id':
      if (error.detail === 'other-sp') {
        return `The NameID was made for ${quote(error.found)} (SPNameQualifier), not for ${quote(error.expected)}: set our entity ID at the IdP. If that is an affiliation of ours, name it: --sp-name-qualifier.`
      }
      return {
        missing:
          'The Subject has no NameID: choose what the IdP sends as Name ID, or name the attribute that people are known by (--subject-attribute).',
        several: 'There is more than one Subject, or more than one identifier in it.',
        empty: 'The NameID is empty: choose what the IdP sends as Name ID.',
        'not-text': 'The NameID holds elements.',
      }[error.detail]
    case 'subject-confirmation':
      if (error.detail === 'inverted') return explainInverted('SubjectConfirmationData', error)
      if (error.detail === 'no-bearer') {
        return `The Subject is confirmed by ${list(error.found, 'an unnamed method')}, not by ${quote(BEARER)}.`
      }
      return {
        none: 'The Subject has no SubjectConfirmation.',
        'no-data': 'The bearer SubjectConfirmation has no SubjectConfirmationData.',
        'several-data': 'The bearer SubjectConfirmation has more than one SubjectConfirmationData.',
        'no-expiry': 'The bearer SubjectConfirmationData has no NotOnOrAfter.',
      }[error.detail]
    case 'recipient':
      return `Recipient is ${quote(error.found)} and must be ${quote(error.expected)}: set the ACS URL at the IdP.`
    case 'confirmation-not-yet-valid':
      return `The subject confirmation begins at ${error.notBefore} and it is ${error.now}: the IdP's clock is ahead.`
    case 'confirmation-expired':
      return `The subject confirmation ended at ${error.notOnOrAfter} and it is ${error.now}: the answer took too long, or a clock is wrong.`
    case 'conditions':
      if (error.detail === 'inverted') return explainInverted('Conditions', error)
      if (error.detail === 'unknown') {
        return `The Assertion has the condition ${quote(error.found)}, which Gatehouse does not know, so it cannot be known to hold.`
      }
      return {
        none: 'The Assertion has no Conditions.',
        several: 'The Assertion has more than one Conditions.',
      }[error.detail]
    case 'not-yet-valid':
      return `The assertion is valid from ${error.notBefore} and it is ${error.now}: the IdP's clock is ahead.`
    case 'expired':
      return `The assertion ended at ${error.notOnOrAfter} and it is ${error.now}: the answer took too long, or the IdP's clock is behind.`
    case 'audience':
      return `The assertion is for ${list(error.found, 'nobody')}, not for ${quote(error.expected)}: set the Audience (SP entity ID) at the IdP.`
    case 'no-authn-statement':
      return 'The Assertion has no AuthnStatement: it does not say that anyone signed in. Have the IdP include it (Keycloak: Include AuthnStatement).'
    case 'session-expired':
      return `The session at the IdP ended at ${error.sessionNotOnOrAfter} and it is ${error.now}.`
    case 'malformed-attribute':
      return 'An Attribute has no Name.'
    case 'authn-too-old':
      return `The IdP was asked to have the person sign in anew (ForceAuthn) at ${error.asked}; it says that they signed in at ${error.authnInstant}.`
    case 'authn-context':
      return `The person signed in by ${list(error.found, 'an unnamed way')}, and the connection asks for ${error.asked.map(quote).join(' or ')}: see what the IdP does with RequestedAuthnContext.`
  }
}

const faultWords: Readonly<Record<XmlFault, string>> = {
  'not-utf8': 'it is not UTF-8',
  'not-well-formed': 'it is not well-formed',
  doctype: 'it has a DOCTYPE',
  'processing-instruction': 'it has a processing instruction',
  declaration: 'it declares another encoding than UTF-8, or is not of XML 1.0',
  'namespace-uri': 'a namespace in it is no absolute URI',
  'too-large': 'it is larger than 1 MB',
  'too-deep': 'its elements stand too deep in each other',
  'too-many-nodes': 'it has too many elements',
  'too-many-attributes': 'an element in it has too many attributes',
}

export const explainXmlFault = (fault: XmlFault): string => faultWords[fault]

function explainEncryption(of: string, algorithm: string): string {
  const name = algorithm.replace(/^.*#/, '')
  if (of === 'key-transport') {
    const why = name === 'rsa-1_5' ? ', which is broken (PKCS#1 v1.5)' : ''
    return `The IdP wraps the key by ${name}${why}: set the key transport algorithm at the IdP to RSA-OAEP.`
  }
  if (of === 'content') {
    const why = name === 'tripledes-cbc' ? ', which is too weak (3DES)' : ''
    return `The IdP encrypts by ${name}${why}: set the encryption algorithm at the IdP to AES-256-GCM, or to AES-CBC of 128 bits or more.`
  }
  return `The IdP wraps the key with the OAEP digest ${name}: set it to SHA-1, SHA-256, SHA-384 or SHA-512 at the IdP.`
}

/** What to choose instead, by the element that names the algorithm. */
const allowedAlgorithms: Readonly<Record<string, string>> = {
  CanonicalizationMethod: 'set exclusive canonicalization (xml-exc-c14n) at the IdP',
  SignatureMethod: 'set RSA or ECDSA with SHA-256 or better at the IdP',
  DigestMethod: 'set SHA-256 or better at the IdP',
}

const statusWords: Readonly<Record<string, string>> = {
  Requester: 'the IdP finds fault with our request',
  Responder: 'the IdP could not do it',
  VersionMismatch: 'the IdP does not speak SAML 2.0 with us',
  AuthnFailed: 'the person could not be authenticated',
  InvalidAttrNameOrValue: 'an attribute in the request is not understood',
  InvalidNameIDPolicy: 'the Name ID format asked for is not offered',
  NoAuthnContext: 'the way of signing in that was asked for is not available',
  NoAvailableIDP: 'no identity provider is available behind it',
  NoPassive: 'the person would have to be asked, and was not to be',
  NoSupportedIDP: 'the identity providers behind it are not supported',
  PartialLogout: 'not every session could be ended',
  ProxyCountExceeded: 'it may not hand the request on',
  RequestDenied: 'the IdP denies the request: is the person assigned to this application?',
  RequestUnsupported: 'the IdP does not support the request',
  RequestVersionDeprecated: 'the version of the request is out of date',
  RequestVersionTooHigh: 'the version of the request is too high',
  RequestVersionTooLow: 'the version of the request is too low',
  UnknownPrincipal: 'the IdP does not know the person',
  UnsupportedBinding: 'the IdP cannot answer over HTTP-POST',
}

/** One of SAML's own (Core §3.2.2.2). */
const isStatusCode = (code: string): boolean =>
  Object.hasOwn(statusWords, code.replace('urn:oasis:names:tc:SAML:2.0:status:', ''))

/** Status codes, outermost first, in words. */
export function explainStatus(codes: readonly string[], message: string | null): string {
  const words = codes.map((code) => {
    const name = code.replace('urn:oasis:names:tc:SAML:2.0:status:', '')
    return isStatusCode(code) ? `${name} (${statusWords[name]})` : name
  })
  return `The IdP answered ${words.join(' / ') || 'without exactly one status'}${message ? `: ${message}` : ''}.`
}

function explainIssuer({ of, detail, found, expected }: IssuerError): string {
  switch (detail) {
    case 'absent':
      return `The ${of} has no Issuer; the connection is for ${quote(expected)}.`
    case 'several':
      return `The ${of} has more than one Issuer: ${list(found, '')}. It must have one, ${quote(expected)}.`
    case 'not-text':
      return `The Issuer of the ${of} holds elements; it must be ${quote(expected)}.`
    case 'another':
      return `The Issuer of the ${of} is ${list(found, '')}; the connection is for ${quote(expected)}.`
    case 'format':
      return `The Issuer of the ${of} has the Format ${list(found, '')}; it must have none, or ${quote(expected)}.`
  }
}

const explainInverted = (of: string, { notBefore, notOnOrAfter }: InvertedError): string =>
  `What the ${of} of the Assertion say ends at ${notOnOrAfter} and begins at ${notBefore}, so it never holds.`

type InvertedError = Extract<SamlError, { detail: 'inverted' }>
type IssuerError = Extract<SamlError, { reason: 'issuer' }>

export const quote = (text: string | null): string => (text === null ? 'absent' : toAsciiJson(text))

const list = (texts: readonly string[], none: string): string => texts.map(quote).join(', ') || none
