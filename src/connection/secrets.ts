/** Secrets that an operator pastes in place of metadata, or with them. Pure. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|<[\w.-]{0,40}:?(RSAPrivateKey|PrivateKey|DSAKeyPrivate|PrivateExponent)\b/i,
    'has a private key in it. It was not kept. The key belongs at the identity provider alone: make a new one there, because this one was sent, and give metadata without it',
  ],
  [
    /\bgatehouse_(scim|admin)_[A-Za-z0-9_-]{20}/,
    'has a token of Gatehouse in it. It was not kept. Revoke that token, and give the metadata alone',
  ],
  [
    /"(client_?secret|api_?key|password|private_?key)"\s*:\s*"[^"]/i,
    'has a secret in it. It was not kept. Give the metadata alone: an XML document',
  ],
]

/** @returns the problem, which goes on from "metadata"; null: there is no secret that we know of. */
export function findSecret(document: Uint8Array | string): string | null {
  const text = typeof document === 'string' ? document : new TextDecoder().decode(document)
  return kinds.find(([pattern]) => pattern.test(text))?.[1] ?? null
}
