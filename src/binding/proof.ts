/** The JWTs by which a browser registers its key, and proves that it has it (DBSC). */
import { compactVerify } from 'jose/jws/compact/verify'
import * as v from 'valibot'
import { decodeObject } from '../lib/jws.ts'
import { deviceKey, type DeviceKey } from './key.ts'

/** What a proof says of itself. Nothing of it counts before `isSignedBy` holds. */
export interface Proof {
  readonly jwt: string
  /** The challenge that was signed. */
  readonly challenge: string
  /** In the header of a registration; null: there is none. */
  readonly key: DeviceKey | null
}

/** A proof of Chrome has some 500 characters. */
const MOST_CHARACTERS = 4096

/** null: it is no compact JWS of the type `dbsc+jwt` with a `jti`. */
export function readProof(jwt: string): Proof | null {
  const [header = '', payload = '', ...rest] = jwt.split('.')
  if (jwt.length > MOST_CHARACTERS || rest.length !== 1) return null
  const said = decodeObject(header)
  const challenge = decodeObject(payload)?.['jti']
  if (said?.['typ'] !== 'dbsc+jwt' || typeof challenge !== 'string') return null
  const key = v.safeParse(deviceKey, said['jwk'])
  return { jwt, challenge, key: key.success ? key.output : null }
}

/** jose throws where the signature, the key or the algorithm is another one. */
export const isSignedBy = (key: DeviceKey, { jwt }: Proof): Promise<boolean> =>
  compactVerify(jwt, key, { algorithms: ['ES256'] }).then(
    () => true,
    () => false,
  )
