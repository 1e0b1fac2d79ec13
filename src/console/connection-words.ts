import type { Provisioning } from '../connection/connection.ts'

export const provisioningWords: Readonly<Record<Provisioning, string>> = {
  jit: 'Everybody whom the identity provider lets in',
  scim: 'Only people whom the directory has sent',
  'jit+scim': 'Both: the directory counts for those whom it has sent',
}
