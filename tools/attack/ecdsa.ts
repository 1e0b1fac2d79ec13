import { createTestIdp, type TestIdp } from '../signing/saml-signer.ts'

const made = new Map<string, Promise<TestIdp>>()

/** One EC key pair per identity provider, kept because making one takes longer than signing. */
export function ecdsaIdp(entityId: string): Promise<TestIdp> {
  const idp =
    made.get(entityId) ?? createTestIdp({ entityId, key: { name: 'ECDSA', namedCurve: 'P-256' } })
  made.set(entityId, idp)
  return idp
}
