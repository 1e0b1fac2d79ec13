/** Why a login was refused: to the operator with every fact, to the person in words of use to them. */
import type { Facts } from '../audit/event.ts'
import type { PersonError } from '../connection/attributes.ts'
import type { JoinError, JoinRule } from '../directory/join.ts'
import type { FormFault } from '../saml/binding.ts'
import { explainSamlError, explainStatus, isStatusCode, type SamlError } from '../saml/error.ts'
import type { PendingError } from './pending.ts'

export type BodyFault = 'too-large' | 'not-utf8' | 'not-a-form' | 'too-many-fields'

export type LoginError =
  | { readonly reason: PendingError | FormFault | 'user-disabled' }
  | { readonly reason: BodyFault | 'unknown-connection' }
  | { readonly reason: 'replayed' | 'session-over' | 'relay-state-lost' }
  /** The join of the connection found nobody, or more than one. */
  | { readonly reason: JoinError; readonly join: JoinRule; readonly subject: string }
  | { readonly reason: 'foreign-domain'; readonly domain: string }
  | { readonly reason: 'response'; readonly error: SamlError }
  | PersonError

/** For the log: one reason, its facts, and what to do where that is known. */
export function toAudit(error: LoginError): { readonly reason: string; readonly facts: Facts } {
  if (error.reason === 'response') {
    const { reason, ...facts } = error.error
    return { reason, facts: { ...facts, explained: explainSamlError(error.error) } }
  }
  const { reason, ...facts } = error
  if ('join' in error) return { reason, facts: { ...facts, explained: explainJoin(error) } }
  if (reason !== 'relay-state-lost') return { reason, facts }
  return {
    reason,
    facts: { explained: 'The IdP answers without the RelayState that it was sent.' },
  }
}

const explainJoin = ({ reason, join }: Extract<LoginError, { reason: JoinError }>): string => {
  const field = { 'user-name': 'userName', 'external-id': 'externalId', email: 'address' }[join]
  return `${whoHas[reason]} this subject as ${field}. npx gatehouse join test shows who would match, and by what.`
}

const whoHas: Readonly<Record<JoinError, string>> = {
  'not-provisioned': 'Nobody in the directory has',
  'several-provisioned': 'Several people have',
  'alike-provisioned': 'Somebody has, but for the case of letters beyond A to Z,',
}

export interface PublicError {
  readonly status: number
  readonly title: string
  readonly sentence: string
  /** Whether another try could end otherwise. */
  readonly mayRetry: boolean
}

/** What anybody may know. Why a response does not count is for the operator, by the request id. */
export function toPublic(error: LoginError): PublicError {
  switch (error.reason) {
    case 'user-disabled':
      return {
        status: 403,
        title: 'Your account is switched off',
        sentence:
          'You signed in, but your account may not come in here. Ask whoever runs this site.',
        mayRetry: false,
      }
    case 'not-provisioned':
    case 'alike-provisioned':
      return {
        status: 403,
        title: 'You have no account here',
        sentence:
          'You signed in, but nobody has given you access yet. Ask whoever runs this site, or try again later if that was just done.',
        mayRetry: true,
      }
    case 'several-provisioned':
      return {
        status: 403,
        title: 'Your account is not clear',
        sentence:
          'You signed in, but more than one account here goes by your name. Ask whoever runs this site.',
        mayRetry: false,
      }
    case 'unknown-login':
      return {
        status: 400,
        title: 'This sign-in is no longer open',
        sentence:
          'It was begun too long ago, or in another browser, or your browser does not keep the cookies of this site.',
        mayRetry: true,
      }
    case 'replayed':
      return {
        status: 400,
        title: 'This sign-in was used already',
        sentence: 'An answer of your identity provider counts once.',
        mayRetry: true,
      }
    case 'session-over':
      return {
        status: 403,
        title: 'Your sign-in has run out',
        sentence:
          'Your identity provider says that your session there is over. Sign in there again.',
        mayRetry: true,
      }
    case 'response':
      return error.error.reason === 'status' ? toldByIdp(error.error.codes) : notVerified
    default:
      return notVerified
  }
}

const notVerified: PublicError = {
  status: 403,
  title: 'You could not be signed in',
  sentence:
    'The answer of your identity provider does not hold. If it happens again, give the request number below to whoever runs this site.',
  mayRetry: true,
}

/** The words are ours: nobody signed what is shown. */
const toldByIdp = (codes: readonly string[]): PublicError => ({
  status: 403,
  title: 'Your identity provider did not sign you in',
  sentence: codes.some(isStatusCode)
    ? explainStatus(codes.filter(isStatusCode), null)
    : 'It gave no reason that there is a word for.',
  mayRetry: true,
})
