/** Why a message was refused, with the facts an operator needs. Never any of the message's content beyond names and times. */
import type { XmlFault } from './xml.ts'

export type SamlError =
  | { readonly reason: 'too-large' | 'not-base64' }
  | { readonly reason: 'malformed-xml'; readonly fault: XmlFault }
  | { readonly reason: 'not-a-response'; readonly found: string }
  | { readonly reason: 'unexpected-element'; readonly element: string; readonly in: string }
  | { readonly reason: 'duplicate-id' | 'invalid-id' }
  | { readonly reason: 'no-assertion' | 'several-assertions' | 'misplaced-assertion' }
  | {
      readonly reason: 'no-decryption-key'
      readonly element: string
      /** That a key would have to be imported for; null: there is no key at all. */
      readonly hash: string | null
    }
  | {
      readonly reason: 'encryption-not-allowed'
      readonly of: 'content' | 'key-transport' | 'oaep-digest'
      readonly algorithm: string
    }
  | { readonly reason: 'oaep-hashes-differ'; readonly digest: string; readonly mask: string }
  | { readonly reason: 'malformed-encryption'; readonly detail: string }
  /** Whatever it was: more is told to nobody. */
  | { readonly reason: 'decryption-failed' }
  | { readonly reason: 'decryption-limit' }
  | { readonly reason: 'not-encrypted' }
  | { readonly reason: 'no-certificate' }
  | { readonly reason: 'invalid-certificate'; readonly fault: string }
  | { readonly reason: 'unsigned' | 'several-signatures' | 'misplaced-signature' }
  | { readonly reason: 'malformed-signature'; readonly detail: string }
  | { readonly reason: 'reference-not-parent' | 'several-references' | 'transforms-not-allowed' }
  | { readonly reason: 'algorithm-not-allowed'; readonly algorithm: string }
  | { readonly reason: 'sha1-not-allowed' }
  | { readonly reason: 'weak-key'; readonly bits: number }
  | { readonly reason: 'digest-mismatch' | 'signature-mismatch' }
  | {
      readonly reason: 'status'
      readonly codes: readonly string[]
      readonly message: string | null
    }
  | { readonly reason: 'version'; readonly of: 'Response' | 'Assertion' }
  | { readonly reason: 'destination'; readonly found: string | null; readonly expected: string }
  | {
      readonly reason: 'issuer'
      readonly of: 'Response' | 'Assertion'
      readonly found: string | null
      readonly expected: string
    }
  | {
      readonly reason: 'in-response-to'
      readonly of: 'Response' | 'SubjectConfirmationData'
      readonly found: 'another' | 'none' | 'unasked'
    }
  | { readonly reason: 'malformed-time'; readonly field: string }
  | {
      readonly reason: 'name-id'
      readonly detail: 'missing' | 'several' | 'empty' | 'not-text' | 'other-sp'
    }
  | {
      readonly reason: 'subject-confirmation'
      readonly detail: 'none' | 'no-bearer' | 'no-data' | 'not-before-present' | 'no-expiry'
    }
  | { readonly reason: 'recipient'; readonly found: string | null; readonly expected: string }
  | { readonly reason: 'confirmation-expired'; readonly notOnOrAfter: string; readonly now: string }
  | { readonly reason: 'conditions'; readonly detail: 'none' | 'several' | 'unknown' | 'inverted' }
  | { readonly reason: 'not-yet-valid'; readonly notBefore: string; readonly now: string }
  | { readonly reason: 'expired'; readonly notOnOrAfter: string; readonly now: string }
  | { readonly reason: 'audience'; readonly found: readonly string[]; readonly expected: string }
  | { readonly reason: 'no-authn-statement' }
  | {
      readonly reason: 'session-expired'
      readonly sessionNotOnOrAfter: string
      readonly now: string
    }
  | { readonly reason: 'malformed-attribute' }
  | {
      readonly reason: 'authn-too-old'
      readonly authnInstant: string
      readonly asked: string
    }
  | {
      readonly reason: 'authn-context'
      readonly found: readonly string[]
      readonly asked: readonly string[]
    }

/** A fact that the message chose: enough of it to know it by, for it may be as long as the message. */
export const brief = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text)

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
      return `The message is a ${error.found}, not a SAML 2.0 Response.`
    case 'unexpected-element':
      return `There is a ${error.element} in ${error.in}, where SAML has none.`
    case 'duplicate-id':
      return 'Two elements have the same ID.'
    case 'invalid-id':
      return 'The Response or the Assertion has no ID, or one that is no XML name.'
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
      return 'The signature does not refer to the element that carries it.'
    case 'several-references':
      return 'The signature has more than one Reference, or none.'
    case 'transforms-not-allowed':
      return 'The signature uses transforms other than enveloped-signature and exclusive canonicalization.'
    case 'algorithm-not-allowed':
      return `The algorithm ${error.algorithm} is not one that Gatehouse knows.`
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
      return `The ${error.of} is not of SAML version 2.0.`
    case 'destination':
      return `Destination is ${quote(error.found)} and must be ${quote(error.expected)}: set the ACS URL at the IdP.`
    case 'issuer':
      return `The Issuer of the ${error.of} is ${quote(error.found)}; the connection is for ${quote(error.expected)}.`
    case 'in-response-to':
      return {
        another: `InResponseTo of the ${error.of} names another request than this browser made.`,
        none: `The ${error.of} has no InResponseTo, but a request was made.`,
        unasked: `The ${error.of} answers a request, but none was made.`,
      }[error.found]
    case 'malformed-time':
      return `${error.field} is not a time with a zone.`
    case 'name-id':
      return {
        missing: 'The Subject has no NameID.',
        several: 'The Subject has more than one identifier.',
        empty: 'The NameID is empty: choose what the IdP sends as Name ID.',
        'not-text': 'The NameID holds elements.',
        'other-sp': 'The NameID was made for another service provider (SPNameQualifier).',
      }[error.detail]
    case 'subject-confirmation':
      return {
        none: 'The Subject has no SubjectConfirmation.',
        'no-bearer': 'No SubjectConfirmation is of the method bearer.',
        'no-data': 'The bearer SubjectConfirmation has no SubjectConfirmationData.',
        'not-before-present':
          'The bearer SubjectConfirmationData has a NotBefore, which the profile forbids.',
        'no-expiry': 'The bearer SubjectConfirmationData has no NotOnOrAfter.',
      }[error.detail]
    case 'recipient':
      return `Recipient is ${quote(error.found)} and must be ${quote(error.expected)}: set the ACS URL at the IdP.`
    case 'confirmation-expired':
      return `The subject confirmation ended at ${error.notOnOrAfter} and it is ${error.now}: the answer took too long, or a clock is wrong.`
    case 'conditions':
      return {
        none: 'The Assertion has no Conditions.',
        several: 'The Assertion has more than one Conditions.',
        unknown:
          'The Assertion has a condition that Gatehouse does not know, so it cannot be known to hold.',
        inverted: 'The Conditions end before they begin.',
      }[error.detail]
    case 'not-yet-valid':
      return `The assertion is valid from ${error.notBefore} and it is ${error.now}: the IdP's clock is ahead.`
    case 'expired':
      return `The assertion ended at ${error.notOnOrAfter} and it is ${error.now}: the answer took too long, or the IdP's clock is behind.`
    case 'audience':
      return `The assertion is for ${error.found.map(quote).join(', ') || 'nobody'}, not for ${quote(error.expected)}: set the Audience (SP entity ID) at the IdP.`
    case 'no-authn-statement':
      return 'The Assertion has no AuthnStatement: it does not say that anyone signed in.'
    case 'session-expired':
      return `The session at the IdP ended at ${error.sessionNotOnOrAfter} and it is ${error.now}.`
    case 'malformed-attribute':
      return 'An Attribute has no Name.'
    case 'authn-too-old':
      return `The IdP was asked to have the person sign in anew (ForceAuthn) at ${error.asked}; it says that they signed in at ${error.authnInstant}.`
    case 'authn-context':
      return `The person signed in by ${error.found.map(quote).join(', ') || 'an unnamed way'}, and the connection asks for ${error.asked.map(quote).join(' or ')}: see what the IdP does with RequestedAuthnContext.`
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

/** Status codes (Core §3.2.2.2), outermost first, in words. */
/** One of SAML's own (Core §3.2.2.2). */
const isStatusCode = (code: string): boolean =>
  Object.hasOwn(statusWords, code.replace('urn:oasis:names:tc:SAML:2.0:status:', ''))

export function explainStatus(codes: readonly string[], message: string | null): string {
  const words = codes.map((code) => {
    const name = code.replace('urn:oasis:names:tc:SAML:2.0:status:', '')
    return isStatusCode(code) ? `${name} (${statusWords[name]})` : name
  })
  return `The IdP answered ${words.join(' / ') || 'without a status'}${message ? `: ${message}` : ''}.`
}

const quote = (text: string | null): string => (text === null ? 'absent' : `"${text}"`)
