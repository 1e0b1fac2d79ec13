/** How a site behind the gate learns who is asking: it verifies the token. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'

export const TOKEN_HEADER = 'X-Gatehouse-Jwt-Assertion'

export interface Identity {
  readonly claims: JWTPayload
  readonly algorithm: string
  readonly keyId: string
}

export type ReadIdentity = (request: Request) => Promise<Identity | null>

export function createReadIdentity(siteUrl: string): ReadIdentity {
  const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL('/.gatehouse/jwks.json', siteUrl))
  return async (request) => {
    const token = request.headers.get(TOKEN_HEADER)
    if (token === null) return null
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer: siteUrl,
        audience: siteUrl,
        algorithms: ['ES256'],
      })
      return { claims: payload, algorithm: protectedHeader.alg, keyId: protectedHeader.kid ?? '' }
    } catch (error) {
      if (error instanceof errors.JOSEError) return null
      throw error
    }
  }
}
