import type { Provisioning } from '../connection/connection.ts'

export const provisioningWords: Readonly<Record<Provisioning, string>> = {
  jit: 'Everybody whom the identity provider lets in',
  scim: 'Only people whom the directory has sent',
  'jit+scim': 'Everybody, but the directory decides about those whom it has sent',
}
