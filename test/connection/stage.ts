/** What an operator might give, and a connection to give it to. */
import type { Connection } from '../../src/connection/connection.ts'
import { noFields, type FieldTexts, type InputFault } from '../../src/connection/fields.ts'
import {
  parseNewConnection,
  type ConnectionInput,
  type ParsedInput,
} from '../../src/connection/input.ts'
import { toInstant } from '../../src/lib/instant.ts'
import type { Result } from '../../src/lib/result.ts'
import p256 from '../vectors/certificates/p-256.pem?raw'
import rsa2048 from '../vectors/certificates/rsa-2048.pem?raw'
import rsa1024 from '../vectors/certificates/rsa-1024.pem?raw'
import rsa512 from '../vectors/certificates/rsa-512.pem?raw'

export const now = toInstant(Date.UTC(2026, 10, 25, 12))
export const pem = { p256, rsa2048, rsa1024, rsa512 }
export const file = (name: keyof typeof pem) => ({ name: `${name}.pem`, text: pem[name] })

export const inputOf = (
  fields: Partial<FieldTexts> = {},
  rest: Partial<Omit<ConnectionInput, 'fields'>> = {},
): ConnectionInput => ({
  fields: { ...noFields, ...fields },
  metadata: null,
  certificates: [],
  replaceCertificates: false,
  removeCertificates: [],
  ...rest,
})

export const idpFields = {
  'entity-id': 'https://idp.example.com/saml',
  'sso-url': 'https://idp.example.com/sso',
}

export async function acme(
  fields: Partial<FieldTexts> = {},
  rest: Partial<Omit<ConnectionInput, 'fields'>> = {},
): Promise<Connection> {
  const input = inputOf({ ...idpFields, ...fields }, { certificates: [file('rsa2048')], ...rest })
  return accepted(await parseNewConnection('acme', input, now)).connection
}

export function accepted(result: Result<ParsedInput, readonly InputFault[]>): ParsedInput {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

export function faultsOf(
  result: Result<ParsedInput, readonly InputFault[]>,
): readonly (readonly [string, string])[] {
  if (result.ok) throw new Error('it was accepted')
  return result.error.map(({ field, problem }) => [field, problem])
}
