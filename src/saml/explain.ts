/**
 * Turns a refusal into a sentence for the operator, with the value that was found and the value
 * that was expected.
 */
import { quote, type SamlError } from './error.ts'
import { explainLogout } from './logout-explain.ts'
import { BEARER, SAMLP, STATUS } from './names.ts'
import type { XmlFault } from './xml/reader.ts'

/** One sentence for the operator: what is wrong, and what to do next where we know. */
export function explainSamlError(error: SamlError): string {
  switch (error.reason) {
    case 'too-large':
      return 'The message is too large: Gatehouse reads at most 1 MB.'
    case 'not-base64':
      return 'The message is not plain base64, which its binding requires.'
    case 'malformed-xml':
      return `Gatehouse cannot read the message as XML: ${explainXmlFault(error.fault)}.`
    case 'not-a-response':
      return error.namespace === SAMLP
        ? `The message is a SAML 2.0 ${error.found}, not a Response.`
        : `The message is a ${error.found} in the namespace ${quote(error.namespace)}, not a Response in ${quote(SAMLP)}.`
    case 'unexpected-element':
      return `SAML does not allow the element ${error.element} (namespace ${quote(error.namespace)}) in ${error.in}.`
    case 'duplicate-id':
      return `Two elements have the ID ${quote(error.id)}.`
    case 'invalid-id':
      return `The ID of the ${error.of} is ${quote(error.found)}; it must have 1 to 256 characters and no white space.`
    case 'no-assertion':
      return 'The response has the status Success but contains no Assertion.'
    case 'several-assertions':
      return 'The message contains more than one Assertion.'
    case 'misplaced-assertion':
      return 'The Assertion is not a child of the Response.'
    case 'no-decryption-key':
      return error.hash === null
        ? `The IdP sent an ${error.element}, but there is no key to decrypt it: give the IdP the encryption certificate from our metadata, or turn encryption off at the IdP.`
        : `The IdP sent an ${error.element} that is encrypted for another key than ours (RSA-OAEP with ${error.hash}): give the IdP the encryption certificate from our metadata.`
    case 'encryption-not-allowed':
      return explainEncryption(error.of, error.algorithm)
    case 'oaep-hashes-differ':
      return `The IdP uses RSA-OAEP with the digest ${error.digest} but the mask function MGF1 with ${error.mask}. Both must use the same hash: at the IdP, set the OAEP digest to SHA-1 (rsa-oaep-mgf1p), or set the MGF to the hash of the digest (xmlenc11 rsa-oaep).`
    case 'malformed-encryption':
      return `The encrypted element is malformed: ${error.detail}.`
    case 'decryption-failed':
      return 'The message could not be decrypted. Check that the IdP has the current encryption certificate from our metadata.'
    case 'decryption-limit':
      return 'The same encrypted key was sent too many times, so it is refused until tomorrow. Start a new sign-in.'
    case 'not-encrypted':
      return 'The Assertion is not encrypted, but this connection requires encryption: turn assertion encryption on at the IdP.'
    case 'no-certificate':
      return 'The connection has no certificate, so no signature can be verified.'
    case 'invalid-certificate':
      return `A certificate of the connection cannot be read (${error.fault}).`
    case 'unsigned':
      return 'Neither the Response nor the Assertion is signed: turn signing on at the IdP.'
    case 'several-signatures':
      return 'An element has more than one signature.'
    case 'misplaced-signature':
      return 'The message contains a signature in a place where SAML has none.'
    case 'malformed-signature':
      return `The signature is malformed: ${error.detail}.`
    case 'reference-not-parent':
      return `The signature refers to ${quote(error.found)}, not to ${quote(error.expected)}, the element that contains it.`
    case 'several-references':
      return `The signature has ${error.found} References; it must have exactly one.`
    case 'transforms-not-allowed':
      return `The transforms of the signature are ${list(error.found, 'none')}. They must be enveloped-signature, then exclusive canonicalization: set this at the IdP.`
    case 'algorithm-not-allowed':
      return `The ${error.of} of the signature is ${quote(error.algorithm)}, which is not allowed: ${allowedAlgorithms[error.of] ?? 'choose another at the IdP'}.`
    case 'sha1-not-allowed':
      return 'The signature uses SHA-1: choose SHA-256 at the IdP, or allow SHA-1 for this connection until a date.'
    case 'weak-key':
      return `No accepted key of the connection made this signature. Its RSA key of ${error.bits} bits was not tried because it is too short: use 2048 bits or more at the IdP, or allow weak keys for this connection until a date (never under 1024 bits).`
    case 'digest-mismatch':
      return 'The digest does not match: the content was changed after it was signed.'
    case 'signature-mismatch':
      return 'No certificate of the connection made this signature: has the IdP changed its certificate?'
    case 'status':
      return explainStatus(error.codes, error.message)
    case 'version':
      return `The Version of the ${error.of} is ${quote(error.found)} and must be "2.0".`
    case 'destination':
      return error.found === null
        ? `Destination is absent, but a signed Response must have it: ${quote(error.expected)}. If the IdP cannot send it, let it sign the assertion instead of the response.`
        : `Destination is ${quote(error.found)} and must be ${quote(error.expected)}: set the ACS URL at the IdP.`
    case 'issuer':
      return explainIssuer(error)
    case 'in-response-to':
      return {
        another: `The InResponseTo of the ${error.of} is not the request that this browser made.`,
        none: `The ${error.of} has no InResponseTo, but it must answer a request.`,
        unasked: `The ${error.of} has an InResponseTo, but no request was made.`,
      }[error.found]
    case 'malformed-time':
      return `${error.field} is ${quote(error.found)}; it must be a time with a time zone, such as 2026-11-24T12:00:00Z.`
    case 'name-id':
      if (error.detail === 'other-sp') {
        return `The NameID was made for ${quote(error.found)} (SPNameQualifier), not for ${quote(error.expected)}: set our entity ID at the IdP. If it is the name of an affiliation that you belong to, name the affiliation in the connection.`
      }
      return {
        missing:
          'The Subject has no NameID: choose a value for Name ID at the IdP, or let an attribute identify the people of the connection.',
        several: 'There is more than one Subject, or more than one identifier in it.',
        empty: 'The NameID is empty: choose a value for Name ID at the IdP.',
        'not-text': 'The NameID contains elements; it must be text.',
      }[error.detail]
    case 'subject-confirmation':
      if (error.detail === 'inverted') return explainInverted('SubjectConfirmationData', error)
      if (error.detail === 'no-bearer') {
        return `The Subject has no confirmation by ${quote(BEARER)}, only by ${list(error.found, 'an unnamed method')}.`
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
      return `The subject confirmation is valid from ${error.notBefore}, but it is ${error.now} now: the IdP's clock is ahead.`
    case 'confirmation-expired':
      return `The subject confirmation expired at ${error.notOnOrAfter}, and it is ${error.now} now: the response took too long, or a clock is wrong.`
    case 'conditions':
      if (error.detail === 'inverted') return explainInverted('Conditions', error)
      if (error.detail === 'unknown') {
        return `The Assertion has the condition ${quote(error.found)}, which Gatehouse does not know and therefore cannot check.`
      }
      return {
        none: 'The Assertion has no Conditions element.',
        several: 'The Assertion has more than one Conditions element.',
      }[error.detail]
    case 'not-yet-valid':
      return `The assertion is valid from ${error.notBefore}, but it is ${error.now} now: the IdP's clock is ahead.`
    case 'expired':
      return `The assertion expired at ${error.notOnOrAfter}, and it is ${error.now} now: the response took too long, or the IdP's clock is behind.`
    case 'audience':
      return `The assertion is for the audience ${list(error.found, 'nobody')}, not for ${quote(error.expected)}: set the Audience (SP entity ID) at the IdP.`
    case 'no-authn-statement':
      return 'The Assertion has no AuthnStatement: it does not say that the user signed in. Make the IdP send it (Keycloak: Include AuthnStatement).'
    case 'session-expired':
      return `The session at the IdP ended at ${error.sessionNotOnOrAfter}, and it is ${error.now} now.`
    case 'malformed-attribute':
      return 'An Attribute has no Name.'
    case 'authn-too-old':
      return `At ${error.asked} the IdP was asked for a fresh sign-in (ForceAuthn), but it reports a sign-in at ${error.authnInstant}.`
    case 'malformed-binding':
    case 'not-a-logout-message':
    case 'logout-unsigned':
    case 'logout-destination':
    case 'logout-time':
    case 'logout-subject':
      return explainLogout(error)
    case 'authn-context':
      return `The user signed in by ${list(error.found, 'an unnamed method')}, but the connection requires ${error.asked.map(quote).join(' or ')}: check how the IdP handles RequestedAuthnContext.`
  }
}

const faultWords: Readonly<Record<XmlFault, string>> = {
  'not-utf8': 'it is not UTF-8',
  'not-well-formed': 'it is not well-formed',
  doctype: 'it has a DOCTYPE',
  'processing-instruction': 'it has a processing instruction',
  declaration: 'it declares an encoding other than UTF-8, or an XML version other than 1.0',
  'namespace-uri': 'one of its namespaces is not an absolute URI',
  'too-large': 'it is larger than 1 MB',
  'too-deep': 'its elements are nested too deeply',
  'too-many-nodes': 'it has too many elements',
  'too-many-attributes': 'one of its elements has too many attributes',
}

export const explainXmlFault = (fault: XmlFault): string => faultWords[fault]

function explainEncryption(of: string, algorithm: string): string {
  const name = algorithm.replace(/^.*#/, '')
  if (of === 'key-transport') {
    const why = name === 'rsa-1_5' ? ', which is broken (PKCS#1 v1.5)' : ''
    return `The IdP encrypts the key with ${name}${why}: set the key transport algorithm at the IdP to RSA-OAEP.`
  }
  if (of === 'content') {
    const why = name === 'tripledes-cbc' ? ', which is too weak (3DES)' : ''
    return `The IdP encrypts with ${name}${why}: at the IdP, set the encryption algorithm to AES-256-GCM, or to AES-CBC with 128 bits or more.`
  }
  return `The IdP uses the OAEP digest ${name}, which is not supported: set it to SHA-1, SHA-256, SHA-384 or SHA-512 at the IdP.`
}

/** Advice for the operator, by the element that names the algorithm. */
const allowedAlgorithms: Readonly<Record<string, string>> = {
  CanonicalizationMethod: 'set exclusive canonicalization (xml-exc-c14n) at the IdP',
  SignatureMethod: 'set RSA or ECDSA with SHA-256 or better at the IdP',
  DigestMethod: 'set SHA-256 or better at the IdP',
}

const statusWords: Readonly<Record<string, string>> = {
  Requester: 'the IdP rejects our request as faulty',
  Responder: 'the IdP failed to process the request',
  VersionMismatch: 'the IdP does not accept SAML version 2.0',
  AuthnFailed: 'the user could not be authenticated',
  InvalidAttrNameOrValue: 'the IdP does not understand an attribute in the request',
  InvalidNameIDPolicy: 'the IdP does not support the requested Name ID format',
  NoAuthnContext: 'the requested way of signing in is not available',
  NoAvailableIDP: 'the IdP could not reach any identity provider that it forwards to',
  NoPassive: 'the user would have to interact, but the request forbids that',
  NoSupportedIDP: 'the IdP supports none of the identity providers in the request',
  PartialLogout: 'the IdP could not end every session',
  ProxyCountExceeded: 'the request may not be forwarded to another identity provider',
  RequestDenied: 'the IdP denies the request: check that the user is assigned to this application',
  RequestUnsupported: 'the IdP does not support the request',
  RequestVersionDeprecated: 'the SAML version of the request is too old',
  RequestVersionTooHigh: 'the SAML version of the request is too high',
  RequestVersionTooLow: 'the SAML version of the request is too low',
  UnknownPrincipal: 'the IdP does not know the user',
  UnsupportedBinding: 'the IdP cannot answer over HTTP-POST',
}

/** One of the status codes that SAML defines (Core §3.2.2.2). */
const isStatusCode = (code: string): boolean => Object.hasOwn(statusWords, code.replace(STATUS, ''))

/** The status codes in words, outermost first. */
export function explainStatus(codes: readonly string[], message: string | null): string {
  const words = codes.map((code) => {
    const name = code.replace(STATUS, '')
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
      return `The Issuer of the ${of} contains elements; it must be ${quote(expected)}.`
    case 'another':
      return `The Issuer of the ${of} is ${list(found, '')}; the connection is for ${quote(expected)}.`
    case 'format':
      return `The Issuer of the ${of} has the Format ${list(found, '')}; it must have none, or ${quote(expected)}.`
  }
}

const explainInverted = (of: string, { notBefore, notOnOrAfter }: InvertedError): string =>
  `The ${of} of the Assertion can never be valid: NotBefore ${notBefore} is not before NotOnOrAfter ${notOnOrAfter}.`

type InvertedError = Extract<SamlError, { detail: 'inverted' }>
type IssuerError = Extract<SamlError, { reason: 'issuer' }>

const list = (texts: readonly string[], none: string): string => texts.map(quote).join(', ') || none
