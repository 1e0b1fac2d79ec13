/** As `explainSamlError`, for what only messages of Single Logout are refused for. */
import { quote, type LogoutFault } from './error.ts'
import { SAMLP } from './names.ts'

export function explainLogout(error: LogoutFault): string {
  switch (error.reason) {
    case 'malformed-binding':
      return `The message did not come as its binding has it: ${error.detail}.`
    case 'not-a-logout-message':
      return error.namespace === SAMLP
        ? `The message is a SAML 2.0 ${error.found}, not a ${error.expected}.`
        : `The message is a ${error.found} in the namespace ${quote(error.namespace)}, not a ${error.expected} in ${quote(SAMLP)}.`
    case 'logout-unsigned':
      return error.isQuery
        ? `The ${error.of} is not signed in the query (SigAlg and Signature), and a signature inside the message does not count there: let the IdP sign its messages of logout.`
        : `The ${error.of} is not signed: let the IdP sign its messages of logout.`
    case 'logout-destination':
      return error.found === null
        ? `The ${error.of} has no Destination, but a signed message must have it: ${quote(error.expected)}.`
        : `The Destination of the ${error.of} is ${quote(error.found)} and must be ${quote(error.expected)}: set the logout URL at the IdP.`
    case 'logout-time':
      return {
        'too-old': `The ${error.of} was made at ${error.found}, and it is ${error.now} now: it is a copy of an old message, or the IdP's clock is behind.`,
        'to-come': `The ${error.of} says that it was made at ${error.found}, but it is ${error.now} now: the IdP's clock is ahead.`,
        over: `The ${error.of} was good until ${error.found}, and it is ${error.now} now: it took too long, or a clock is wrong.`,
      }[error.detail]
    case 'logout-subject':
      return {
        missing: 'The LogoutRequest has no NameID, so it does not say who is to be signed out.',
        several: 'The LogoutRequest has more than one identifier.',
        'base-id': 'The LogoutRequest has a BaseID. Gatehouse knows people by a NameID.',
        empty: 'The NameID of the LogoutRequest is empty.',
        'not-text': 'The NameID of the LogoutRequest contains elements; it must be text.',
        'session-index': 'A SessionIndex of the LogoutRequest is empty, or contains elements.',
      }[error.detail]
  }
}
