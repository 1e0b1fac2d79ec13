/** Why a host was not reached, as Node says it. */

/** Node's code for the error; empty: it has none. */
export function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null
  return typeof cause === 'object' && cause && 'code' in cause ? String(cause.code) : ''
}

/** The certificate of the host, as a TLS client judges it. null: the code is about something else. */
export function certificateFault(code: string): 'unknown' | 'expired' | 'other-host' | null {
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'unknown'
    case 'CERT_HAS_EXPIRED':
      return 'expired'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'other-host'
    default:
      return null
  }
}
