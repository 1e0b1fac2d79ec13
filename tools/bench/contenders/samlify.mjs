import * as samlify from 'samlify'

// Its schema validators are separate packages, and one would make it slower still.
samlify.setSchemaValidator({ validate: async () => 'not validated' })

/** @type {import('../message.ts').Open} */
export async function open(posted, message) {
  const idp = samlify.IdentityProvider({
    entityID: message.idpEntityId,
    signingCert: message.certificate,
    isAssertionEncrypted: message.decryptionKey !== null,
    singleSignOnService: [
      {
        Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
        Location: 'https://idp.example.com/sso',
      },
    ],
  })
  const sp = samlify.ServiceProvider({
    entityID: message.spEntityId,
    wantAssertionsSigned: message.signed === 'assertion',
    wantMessageSigned: message.signed === 'response',
    ...(message.decryptionKey === null ? {} : { encPrivateKey: message.decryptionKey }),
    assertionConsumerService: [
      { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location: message.acsUrl },
    ],
  })
  const { extract } = await sp.parseLoginResponse(idp, 'post', { body: { SAMLResponse: posted } })
  return extract.nameID
}
