import { SAML } from '@node-saml/node-saml'

/** @type {import('../message.ts').Open} */
export async function open(posted, message) {
  const saml = new SAML({
    callbackUrl: message.acsUrl,
    issuer: message.spEntityId,
    audience: message.spEntityId,
    idpIssuer: message.idpEntityId,
    idpCert: message.certificate,
    ...(message.decryptionKey === null ? {} : { decryptionPvk: message.decryptionKey }),
    wantAssertionsSigned: message.signed === 'assertion',
    wantAuthnResponseSigned: message.signed === 'response',
  })
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: posted })
  if (!profile) throw new Error('no profile')
  return profile.nameID
}
