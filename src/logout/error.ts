/** Why a message of single logout was refused, or got no answer. */
import type { Facts } from '../audit/event.ts'
import type { FormBodyFault } from '../lib/form-fields.ts'
import type { SamlError } from '../saml/error.ts'
import { explainSamlError } from '../saml/explain.ts'

export type LogoutError =
  | { readonly reason: FormBodyFault | 'unknown-connection' | 'not-login-host' | 'logout-replayed' }
  /** No sign-out of this browser waits for an answer of this connection. */
  | { readonly reason: 'logout-unknown' }
  /** The identity provider did not answer our LogoutRequest by SOAP. `fault` goes on from "The address". */
  | { readonly reason: 'logout-unanswered'; readonly url: string; readonly fault: string }
  | { readonly reason: 'message'; readonly error: SamlError }

type Explained = Exclude<LogoutError['reason'], 'message' | 'logout-unanswered'>

const notAForm = 'The browser did not post the form of a message of single logout.'
const explained: Readonly<Record<Explained, string>> = {
  'unknown-connection': 'There is no connection with the id in the address.',
  'not-login-host':
    'The message arrived at a site that leaves sign-out to the login host. Change the logout URL at the identity provider to that of the login host.',
  'logout-replayed':
    'This LogoutRequest was used before: the person reloaded the page, or an attacker sent a copy.',
  'logout-unknown':
    'The identity provider answers a sign-out that this browser has not begun, or began over 15 minutes ago, or has finished.',
  'too-large': notAForm,
  'not-utf8': notAForm,
  'cut-off': 'The browser went away before it had posted the whole form.',
  'not-a-form': notAForm,
  'too-many-fields': notAForm,
}

/** For the audit: the reason, the facts, and advice for the operator. */
export function toAudit(error: LogoutError): { readonly reason: string; readonly facts: Facts } {
  if (error.reason === 'logout-unanswered') {
    const { reason, url, fault } = error
    return {
      reason,
      facts: { url, explained: `Our LogoutRequest got no answer: ${url} ${fault}.` },
    }
  }
  if (error.reason !== 'message') {
    return { reason: error.reason, facts: { explained: explained[error.reason] } }
  }
  const { reason, ...facts } = error.error
  return { reason, facts: { ...facts, explained: explainSamlError(error.error) } }
}
