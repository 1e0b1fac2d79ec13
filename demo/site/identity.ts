/** How a site behind the gate learns the identity: it verifies the token. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'

export const TOKEN_HEADER = 'X-Gatehouse-Jwt-Assertion'

export interface Identity {
  readonly claims: JWTPayload
  readonly algorithm: string
  readonly keyId: string
}

export type ReadIdentity = (request: Request) => Promise<Identity | null>

/** @param others further sites that this server stands behind. */
export function createReadIdentity(siteUrl: string, others: readonly string[]): ReadIdentity {
  const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL('/.gatehouse/jwks.json', siteUrl))
  return async (request) => {
    const token = request.headers.get(TOKEN_HEADER)
    if (token === null) return null
    const url = others.find((each) => new URL(each).host === hostOf(request)) ?? siteUrl
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer: url,
        audience: url,
        algorithms: ['ES256'],
      })
      return { claims: payload, algorithm: protectedHeader.alg, keyId: protectedHeader.kid ?? '' }
    } catch (error) {
      if (error instanceof errors.JOSEError) return null
      throw error
    }
  }
}

/** The host that the visitor asked for, by Gatehouse's word. */
export const hostOf = ({ headers }: Request): string | null => headers.get('X-Forwarded-Host')
