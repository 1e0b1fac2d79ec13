/** The public key that a browser made for a session. */
import * as v from 'valibot'

declare const known: unique symbol

/** A JWK (RFC 7518 §6.2) of a point on P-256, and nothing else. */
export type DeviceKey = {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
} & { readonly [known]: true }

const coordinate = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))

/** Leaves out what else the JWK has: a private part is not kept. */
export const deviceKey = v.pipe(
  v.object({ kty: v.literal('EC'), crv: v.literal('P-256'), x: coordinate, y: coordinate }),
  v.transform((key) => key as DeviceKey),
)
