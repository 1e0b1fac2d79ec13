import { hashText, type Bytes } from '../lib/bytes.ts'
import { isSecretText, toSecretText, type SecretPrefix } from '../lib/secret.ts'

declare const token: unique symbol

/** A secret that a program brings to the gate. Only its SHA-256 is stored. */
export type ProgramToken = string & { readonly [token]: true }

/** `service`: an operator made it. `access`: a client got it by OAuth. */
export type TokenKind = 'service' | 'access'

const prefixes: Readonly<Record<TokenKind, SecretPrefix>> = { service: 'gh_st_', access: 'gh_at_' }

/** @param random SECRET_BYTES of them. */
export const toProgramToken = (kind: TokenKind, random: Bytes): ProgramToken =>
  toSecretText(prefixes[kind], random) as ProgramToken

/** null: it is none, or it is misspelt. */
export function parseProgramToken(
  text: string,
): { readonly kind: TokenKind; readonly token: ProgramToken } | null {
  const kind = (['service', 'access'] as const).find((each) => isSecretText(prefixes[each], text))
  return kind === undefined ? null : { kind, token: text as ProgramToken }
}

/** No salt and no key stretching: 256 random bits cannot be guessed. */
export const hashProgramToken = (secret: ProgramToken): Promise<string> => hashText(secret)
