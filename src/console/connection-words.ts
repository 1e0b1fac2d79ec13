import type { Provisioning } from '../connection/connection.ts'

export const provisioningWords: Readonly<Record<Provisioning, string>> = {
  jit: 'Everybody that the identity provider lets in',
  scim: 'Only people that the directory has sent',
  'jit+scim': 'Everybody, but the directory decides about its own people',
}
