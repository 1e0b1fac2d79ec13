/**
 * For each reason of a refusal: the check of Gatehouse that gives it, and the file where it stands.
 */

const checks: Readonly<Record<string, string>> = {
  accepted: 'accepted, with the signed content',
  'too-large': 'the size is limited before and while decoding',
  'not-base64': 'only strict base64 is read (bytes.ts)',
  form: 'the form has each field once, and no SAMLRequest (form.ts)',
  'malformed-xml: not-utf8': 'the encoding is UTF-8 (reader.ts)',
  'malformed-xml: not-well-formed': 'the document is namespace-well-formed XML 1.0 (reader.ts)',
  'malformed-xml: doctype': 'there is no DOCTYPE (reader.ts)',
  'malformed-xml: processing-instruction': 'there is no processing instruction (reader.ts)',
  'malformed-xml: declaration': 'the declaration says XML 1.0 and UTF-8 (reader.ts)',
  'malformed-xml: namespace-uri': 'no namespace URI is relative (namespaces.ts)',
  'malformed-xml: too-deep': 'the depth is limited while reading (reader.ts)',
  'malformed-xml: too-many-nodes': 'the number of nodes is limited while reading (reader.ts)',
  'malformed-xml: too-many-attributes':
    'the number of attributes is limited while reading (reader.ts)',
  'malformed-xml: too-large': 'the size is limited (reader.ts)',
  'not-a-response': 'the document element is samlp:Response (message.ts)',
  'unexpected-element': 'the message has only known children',
  'duplicate-id': 'IDs are unique, whatever the spelling of the attribute (message.ts)',
  'invalid-id': 'messages and assertions have an ID without white space (message.ts)',
  'several-assertions': 'the whole message has one assertion (message.ts)',
  'misplaced-assertion': 'the assertion is a child of the Response (message.ts)',
  'encryption-not-allowed': 'encryption is RSA-OAEP with AES-CBC or AES-GCM (ciphertext.ts)',
  'decryption-failed':
    'every failure after the ciphertext is read gives this one refusal (encryption.ts)',
  unsigned: 'the Response or the assertion is signed (response.ts)',
  'several-signatures': 'an element has one signature at most (message.ts)',
  'misplaced-signature': 'a signature is a child of the message or of its assertion',
  'malformed-signature': 'a signature has only the children that it must have (signature.ts)',
  'reference-not-parent':
    'the Reference points to the element that contains the signature (signature.ts)',
  'several-references': 'a signature has one Reference (signature.ts)',
  'transforms-not-allowed':
    'the transforms are enveloped-signature, then exclusive C14N (signature.ts)',
  'algorithm-not-allowed': 'the algorithm is in our table (algorithms.ts)',
  'sha1-not-allowed': 'SHA-1 is used only if the connection allows it (signature.ts)',
  'digest-mismatch': 'the digest matches the canonical bytes (signature.ts)',
  'signature-mismatch': 'a certificate of the connection made the signature (signature.ts)',
  status: 'Status is Success (assertion.ts)',
  'version: Response': 'Version of the Response is 2.0 (assertion.ts)',
  'version: Assertion': 'Version of the assertion is 2.0 (assertion.ts)',
  destination: 'Destination is our ACS URL (assertion.ts)',
  'version: LogoutRequest': 'Version is 2.0 (assertion.ts)',
  'issuer: LogoutRequest': "Issuer is the connection's (logout.ts)",
  'issuer: LogoutResponse': "Issuer is the connection's (logout.ts)",
  'logout-unsigned':
    'the query is signed, or the message itself in a form or envelope (logout-message.ts)',
  'malformed-binding': 'the query, form or envelope is as its binding has it',
  'not-a-logout-message': 'the message is of the kind that belongs there (logout-message.ts)',
  'no-assertion': 'a Response has an assertion (message.ts)',
  'logout-destination': 'Destination is our address of Single Logout (logout.ts)',
  'logout-time': 'IssueInstant is of the last minutes, and NotOnOrAfter to come (logout.ts)',
  'logout-subject': 'one NameID names the person, and each SessionIndex a session (logout.ts)',
  'issuer: Response': "Issuer of the Response is the connection's (assertion.ts)",
  'issuer: Assertion': "Issuer of the assertion is the connection's (assertion.ts)",
  'in-response-to: another': 'InResponseTo is the request of this browser (assertion.ts)',
  'in-response-to: none': 'the confirmation names the request that was made (assertion.ts)',
  'malformed-time': 'every time is an xs:dateTime with a time zone on a day that exists (time.ts)',
  'name-id: missing': 'there is a NameID (assertion.ts)',
  'name-id: several': 'there is one Subject with one identifier (assertion.ts)',
  'name-id: empty': 'the NameID is not empty (assertion.ts)',
  'name-id: not-text': 'the NameID is text (assertion.ts)',
  'name-id: other-sp':
    'SPNameQualifier is our entity ID, or the one that the connection allows (assertion.ts)',
  'subject-confirmation: none': 'there is a SubjectConfirmation (assertion.ts)',
  'subject-confirmation: no-bearer': 'a SubjectConfirmation is of method bearer (assertion.ts)',
  'subject-confirmation: no-data': 'the confirmation has SubjectConfirmationData (assertion.ts)',
  'subject-confirmation: no-expiry': 'SubjectConfirmationData has NotOnOrAfter (assertion.ts)',
  'subject-confirmation: inverted': 'NotBefore is before NotOnOrAfter (conditions.ts)',
  recipient: 'Recipient is our ACS URL (assertion.ts)',
  'confirmation-not-yet-valid': 'NotBefore of the confirmation has passed (assertion.ts)',
  'confirmation-expired': 'NotOnOrAfter of the confirmation is in the future (assertion.ts)',
  'conditions: none': 'there is a Conditions element (conditions.ts)',
  'conditions: several': 'there is only one Conditions element (conditions.ts)',
  'conditions: unknown': 'every condition is known (conditions.ts)',
  'conditions: inverted': 'NotBefore is before NotOnOrAfter (conditions.ts)',
  'not-yet-valid': 'NotBefore has passed (conditions.ts)',
  expired: 'NotOnOrAfter is in the future (conditions.ts)',
  audience: 'every AudienceRestriction names us (conditions.ts)',
  'no-authn-statement': 'there is an AuthnStatement (conditions.ts)',
  'session-expired': 'SessionNotOnOrAfter is in the future (conditions.ts)',
  'malformed-attribute': 'every Attribute has a Name (assertion.ts)',
}

export function checkOf(reason: string): string {
  const check = checks[reason] ?? checks[reason.split(':')[0] ?? '']
  if (!check) throw new Error(`checks.ts has no check for the reason ${reason}`)
  return check
}

export const toldFiles: readonly string[] = [
  ...new Set(
    Object.values(checks).flatMap((check) => /\((\w[\w-]*\.ts)\)$/.exec(check)?.slice(1) ?? []),
  ),
]
