import * as module from '@boxyhq/saml20'

// Bundlers put the exports of a CommonJS module in different places.
const saml20 = module.validate ? module : (module.default.default ?? module.default)

const NAME = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier'

/** @type {import('../message.ts').Open} */
export async function open(posted, message) {
  const { claims } = await saml20.validate(Buffer.from(posted, 'base64').toString(), {
    publicKey: message.certificate,
    audience: message.spEntityId,
    inResponseTo: message.inResponseTo,
    ...(message.decryptionKey === null ? {} : { privateKey: message.decryptionKey }),
  })
  return claims[NAME]
}
