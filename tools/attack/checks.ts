/**
 * For each reason of a refusal: the check of Gatehouse that gives it, and the file where it stands.
 */

const checks: Readonly<Record<string, string>> = {
  accepted: 'accepted, with what was signed',
  'too-large': 'the size is bounded before anything is decoded (message.ts)',
  'not-base64': 'strict base64, and nothing else is tried (message.ts)',
  form: 'each field once, and only SAMLResponse (binding.ts)',
  'malformed-xml: not-utf8': 'UTF-8 and no other encoding (xml.ts)',
  'malformed-xml: not-well-formed': 'namespace-well-formed XML 1.0 (xml.ts)',
  'malformed-xml: doctype': 'no DOCTYPE (xml.ts)',
  'malformed-xml: processing-instruction': 'no processing instruction (xml.ts)',
  'malformed-xml: declaration': 'no declaration but of XML 1.0 and UTF-8 (xml.ts)',
  'malformed-xml: namespace-uri': 'no relative namespace URI (xml.ts)',
  'malformed-xml: too-deep': 'depth is bounded while reading (xml.ts)',
  'malformed-xml: too-many-nodes': 'the number of nodes is bounded while reading (xml.ts)',
  'malformed-xml: too-many-attributes':
    'the number of attributes is bounded while reading (xml.ts)',
  'malformed-xml: too-large': 'the size is bounded (xml.ts)',
  'not-a-response': 'the document element is samlp:Response (message.ts)',
  'unexpected-element': 'no unknown child of the Response (message.ts)',
  'duplicate-id': 'IDs are unique, however spelled (message.ts)',
  'invalid-id': 'Response and assertion have an ID, without white space (message.ts)',
  'several-assertions': 'one assertion in the whole message (message.ts)',
  'misplaced-assertion': 'the assertion is a child of the Response (message.ts)',
  'encryption-not-allowed': 'RSA-OAEP and AES-CBC or AES-GCM, and nothing else (ciphertext.ts)',
  'decryption-failed': 'whatever fails after the ciphertext is read is one refusal (encryption.ts)',
  unsigned: 'the Response or the assertion is signed (response.ts)',
  'several-signatures': 'one signature on an element (message.ts)',
  'misplaced-signature': 'a signature is a child of the Response or of the assertion (message.ts)',
  'malformed-signature': 'the children of a signature, and no others (signature.ts)',
  'reference-not-parent':
    'the Reference is to the element that carries the signature (signature.ts)',
  'several-references': 'one Reference (signature.ts)',
  'transforms-not-allowed':
    'enveloped-signature, then exclusive C14N, and nothing else (signature.ts)',
  'algorithm-not-allowed': 'one table of algorithms (algorithms.ts)',
  'sha1-not-allowed': 'SHA-1 only where the connection allows it (signature.ts)',
  'digest-mismatch': 'the digest of the canonical bytes (signature.ts)',
  'signature-mismatch': "only the connection's certificates count (signature.ts)",
  status: 'Status is Success (assertion.ts)',
  'version: Response': 'Version of the Response is 2.0 (assertion.ts)',
  'version: Assertion': 'Version of the assertion is 2.0 (assertion.ts)',
  destination: 'Destination is our ACS URL (assertion.ts)',
  'issuer: Response': "Issuer of the Response is the connection's (assertion.ts)",
  'issuer: Assertion': "Issuer of the assertion is the connection's (assertion.ts)",
  'in-response-to: another': 'InResponseTo is the request of this browser (assertion.ts)',
  'in-response-to: none': 'a request was made, so the confirmation has to name it (assertion.ts)',
  'malformed-time': 'a time is an xs:dateTime with a zone, of a day that exists (time.ts)',
  'name-id: missing': 'there is a NameID (assertion.ts)',
  'name-id: several': 'one identifier in one Subject (assertion.ts)',
  'name-id: empty': 'the NameID is not empty (assertion.ts)',
  'name-id: not-text': 'the NameID is text (assertion.ts)',
  'name-id: other-sp': 'SPNameQualifier is ours, or that of the connection (assertion.ts)',
  'subject-confirmation: none': 'there is a SubjectConfirmation (assertion.ts)',
  'subject-confirmation: no-bearer': 'one SubjectConfirmation is bearer (assertion.ts)',
  'subject-confirmation: no-data': 'it has SubjectConfirmationData (assertion.ts)',
  'subject-confirmation: no-expiry': 'with NotOnOrAfter (assertion.ts)',
  'subject-confirmation: inverted': 'NotBefore is before NotOnOrAfter (conditions.ts)',
  recipient: 'Recipient is our ACS URL (assertion.ts)',
  'confirmation-not-yet-valid': 'NotBefore of the confirmation has passed (assertion.ts)',
  'confirmation-expired': 'NotOnOrAfter of the confirmation is to come (assertion.ts)',
  'conditions: none': 'there is a Conditions (conditions.ts)',
  'conditions: several': 'there is one Conditions (conditions.ts)',
  'conditions: unknown': 'every condition is known (conditions.ts)',
  'conditions: inverted': 'NotBefore is before NotOnOrAfter (conditions.ts)',
  'not-yet-valid': 'NotBefore has passed (conditions.ts)',
  expired: 'NotOnOrAfter is to come (conditions.ts)',
  audience: 'every AudienceRestriction names us (conditions.ts)',
  'no-authn-statement': 'there is an AuthnStatement (conditions.ts)',
  'session-expired': 'SessionNotOnOrAfter is to come (conditions.ts)',
  'malformed-attribute': 'every Attribute has a Name (assertion.ts)',
}

export function checkOf(reason: string): string {
  const check = checks[reason] ?? checks[reason.split(':')[0] ?? '']
  if (!check) throw new Error(`no check is told for the reason ${reason}`)
  return check
}

export const toldFiles: readonly string[] = [
  ...new Set(
    Object.values(checks).flatMap((check) => /\((\w[\w-]*\.ts)\)$/.exec(check)?.slice(1) ?? []),
  ),
]
