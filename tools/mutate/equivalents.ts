/**
 * Checks whose absence no message can show: another check refuses the same message first, or only
 * the types need it. Each is identified by file, function and text, and has a reason.
 */
const first = (what: string) => `${what} has refused it before`
const together = 'childrenInOrder gives all of them or none, so one part of this check is enough'

export const equivalents: readonly { readonly check: string; readonly why: string }[] = [
  {
    check: 'saml/certificate.ts readOne: tag === undefined',
    why: 'readAll asks only where there is a byte',
  },
  {
    check: 'saml/certificate.ts readOne: first === undefined',
    why: 'a length that is not there ends beyond the bytes, which is refused below',
  },
  {
    check: 'saml/incoming/response.ts verifyResponse: signed (taken as so)',
    why: 'without a signed assertion the Response was verified, or we are not here',
  },
  {
    check: 'saml/incoming/response.ts verifyResponse: !verified',
    why: 'the Response has its one assertion, signed as it is',
  },
  {
    check: 'saml/incoming/response.ts assertionIn: assertion (taken as so)',
    why: 'the Response has its one assertion, signed as it is',
  },
  { check: 'saml/incoming/logout.ts judgeAge: issued === null', why: first('judgeVersion') },
  { check: 'saml/incoming/message.ts parseMessage: !assertion', why: first('judgeAssertions') },
  {
    check: 'saml/incoming/signature.ts readSignature: signatureValue (taken as so)',
    why: together,
  },
  { check: 'saml/incoming/signature.ts readSignature: !signedInfo', why: together },
  { check: 'saml/incoming/signature.ts readSignature: !c14nMethod', why: together },
  { check: 'saml/incoming/signature.ts readSignature: !signatureMethod', why: together },
  { check: 'saml/incoming/signature.ts readSignature: !referenceElement', why: together },
  { check: 'saml/incoming/signature.ts readReference: !transforms', why: together },
  { check: 'saml/incoming/signature.ts readReference: !digestMethod', why: together },
  { check: 'saml/incoming/signature.ts readReference: !digestValue', why: together },
  {
    check:
      "saml/incoming/signature.ts verifyValue: (key.kind === 'rsa') !== (method.name === 'RSASSA-PKCS1-v1_5')",
    why: 'WebCrypto imports no key as one of another kind, and one that is not imported is passed over',
  },
  {
    check:
      'saml/incoming/signature.ts childrenInOrder: found.length < least || found.length > wanted.length',
    why: 'what is missing is refused by who asked for it, and what is too much has no name to match',
  },
  {
    check: 'saml/incoming/signature.ts childrenInOrder: found.length < least',
    why: 'what is missing is refused by who asked for it',
  },
  {
    check: 'saml/incoming/signature.ts childrenInOrder: found.length > wanted.length',
    why: 'what is too much has no name to match',
  },
  {
    check: "lib/bytes.ts decodeBase64: text.includes('\\f')",
    why: 'the tests run in Node here, where atob is used and its result compared with the text; in workerd test/lib/bytes.test.ts misses it',
  },
  {
    check: 'saml/values.ts uriOf: value === null',
    why: 'collapse gives back what has no white space, null too; only the types ask',
  },
  {
    check: 'saml/values.ts uriIn: text === null',
    why: 'collapse gives back what has no white space, null too; only the types ask',
  },
  {
    check: 'saml/values.ts isTrue: value !== null (taken as so)',
    why: 'collapse gives back what has no white space, null too; only the types ask',
  },
  {
    check: 'saml/xml/c14n.ts changedPrefixes: inclusivePrefixes.size === 0',
    why: 'it only saves time: no prefix is in an empty list',
  },
  {
    check: 'saml/xml/reader.ts rootAfter: reading.root (taken as so)',
    why: 'the scanner refuses a document without an element, and what is canonicalized is one',
  },
  {
    check: 'saml/xml/scanner.ts value: !/[<&\\t\\n]/.test(written)',
    why: 'no refusal: where there is nothing to replace, the lines below it give the same value',
  },
  {
    check: 'saml/incoming/ciphertext.ts readCiphertext: others.length > 0',
    why: 'two are more than one and its keys, which is the next part of the check',
  },
  {
    check: 'saml/incoming/ciphertext.ts readParts: first (taken as so)',
    why: 'what is not there is refused by who asked for it',
  },
  {
    check: 'saml/incoming/conditions.ts judgeAuthnInstant: instants.length === 0',
    why: first('judgeAuthnStatements'),
  },
  {
    check: 'saml/incoming/encryption.ts openEncrypted: document.ok (taken as so)',
    why: 'what could not be read has no value, and so no name that would do',
  },
  {
    check: 'saml/incoming/encryption.ts decryptGcm: bytes.length < 12 + 16',
    why: 'WebCrypto opens nothing without a tag',
  },
  {
    check: 'saml/incoming/encryption.ts decryptCbc: bytes.length < 2 * BLOCK',
    why: 'an IV alone opens to nothing, which is no element',
  },
  {
    check: 'saml/incoming/encryption.ts decryptCbc: bytes.length % BLOCK !== 0',
    why: 'WebCrypto opens whole blocks only',
  },
  {
    check: 'saml/incoming/encryption.ts decryptCbc: !opened',
    why: 'the padding that is taken off is the one that was put on',
  },
  {
    check: 'saml/aggregate.ts flush: !hashing && !isKept',
    why: 'it only spares the writing of what is neither hashed nor kept',
  },
  {
    check: 'saml/aggregate.ts createPass: parts (taken as so)',
    why: 'where there is a hashing, there are parts',
  },
  {
    check: 'saml/aggregate.ts createPass: hashing (taken as so)',
    why: 'where there are parts, there is a hashing',
  },
  {
    check: "saml/aggregate.ts isSignature: node.kind === 'element' (taken as so)",
    why: 'a text has no namespace',
  },
  {
    check: 'saml/aggregate.ts readKept: root.ok (taken as so)',
    why: 'our own canonical bytes are XML',
  },
  {
    check: 'saml/signed-metadata.ts readSignedMetadata: !whole.ok',
    why: 'our own canonical bytes are XML',
  },
  {
    check: 'saml/signed-metadata.ts signatureIn: signature (taken as so)',
    why: 'every SignedInfo that was opened is in a Signature',
  },
  {
    check: 'saml/signed-metadata.ts signatureIn: element (taken as so)',
    why: 'a signature that was found is in an element',
  },
  {
    check: "policy/anew.ts contextsIn: leaf.kind === 'authn-context' (always true)",
    why: 'a leaf without classes gives none, and no rule holds by a context that is not there',
  },
  {
    check: 'policy/explain.ts look: country !== null (always true)',
    why: 'no list of countries has null',
  },
  {
    check: 'policy/explain.ts provedAt: authnInstant !== null (always true)',
    why: 'no time is before null, which is 0 in a comparison',
  },
  {
    check: 'policy/to-rule.ts toRule: config.hours === undefined (always false)',
    why: 'what is not there is not two times of day either, and means the whole day',
  },
  {
    check: 'policy/to-rule.ts anyOf: one (always true)',
    why: 'a list of one has a first; only the types ask',
  },
  {
    check: 'policy/to-rule.ts toRanges: range.ok (always true)',
    why: 'the schema has refused every range that cannot be read',
  },
]
