/**
 * Why a login was refused. The operator gets every fact in the audit; the visitor gets words that
 * help.
 */
import type { Seen } from '../attempt/attempt.ts'
import type { PersonError } from '../connection/attributes.ts'
import type { JoinError, JoinRule } from '../directory/join.ts'
import type { FormBodyFault } from '../lib/form-fields.ts'
import { english, type Speech } from '../lib/words/speech.ts'
import type { Texts } from '../lib/words/texts.ts'
import type { FormFault } from '../saml/incoming/form.ts'
import type { SamlError } from '../saml/error.ts'
import { explainSamlError } from '../saml/explain.ts'
import type { SessionEnd } from '../session/session.ts'
import type { PendingError } from './pending.ts'
import type { TransferFault } from './transfer.ts'

export type LoginError =
  | { readonly reason: PendingError | FormFault | 'user-disabled' | 'ended-meanwhile' }
  | { readonly reason: FormBodyFault | TransferFault | 'unknown-connection' | 'not-login-host' }
  | { readonly reason: 'replayed' | 'session-over' | 'relay-state-lost' | 'anew-in-vain' }
  /** The browser was given three sessions within a minute, but it sends none that counts. */
  | { readonly reason: 'session-not-kept'; readonly found: SessionEnd | 'none' | 'live' }
  /** The connection's join rule finds no provisioned person for the subject, or more than one. */
  | { readonly reason: JoinError; readonly join: JoinRule; readonly subject: string }
  | { readonly reason: 'foreign-domain'; readonly domain: string }
  | { readonly reason: 'response'; readonly error: SamlError }
  | PersonError

/** The person that a verified assertion names. */
export interface Named {
  /** null: neither a NameID nor the subject attribute identifies the person. */
  readonly subject: string | null
  /** The email address, or else the user name; null: the assertion identifies nobody. */
  readonly person: string | null
  /** The user's id here; null: there is no such user, or none was looked up. */
  readonly user: string | null
}

export interface Refusal {
  readonly error: LoginError
  /** null: no assertion was verified. */
  readonly named: Named | null
  /** null: no response was read. */
  readonly seen: Seen | null
}

/** For the operator: what was wrong, and advice. */
export function explain(error: LoginError): string {
  switch (error.reason) {
    case 'response':
      return explainSamlError(error.error)
    case 'not-provisioned':
    case 'several-provisioned':
    case 'alike-provisioned':
      return explainJoin(error)
    case 'session-not-kept':
      return notKept[error.found]
    case 'subject-attribute':
      return `The assertion has ${error.values} values of the attribute ${error.attribute}. It needs exactly one, which must not be empty.`
    default:
      return explained[error.reason]
  }
}

const notAForm = 'The browser did not post the form of a SAML response.'
type Explained = Exclude<
  LoginError['reason'],
  'response' | 'subject-attribute' | 'session-not-kept' | JoinError
>
const explained: Readonly<Record<Explained, string>> = {
  'user-disabled': 'This user is disabled, by an operator or by the directory.',
  'not-login-host':
    'The answer arrived at a site that leaves sign-in to the login host. Change the ACS URL at the identity provider to that of the login host.',
  'transfer-unknown':
    'The sign-in that the login host passed on was taken before, or there is none with this code.',
  'transfer-other-host': 'The login host passed this sign-in on to another host.',
  'transfer-other-browser':
    'The login host passed this sign-in on to another browser, or to another login of this browser. Perhaps the address was copied.',
  'transfer-expired': 'The browser took longer than a minute from the login host to here.',
  'unknown-connection': 'No enabled connection of this site has the id in the address.',
  'unknown-login':
    'This browser has no such sign-in under way: the sign-in began over an hour ago, or in another browser, or the browser does not keep cookies.',
  'other-connection':
    'The answer arrived at the ACS URL of one connection, but the sign-in began with another connection.',
  'no-response': notAForm,
  'field-twice': notAForm,
  'not-a-response': notAForm,
  'too-large': notAForm,
  'not-utf8': notAForm,
  'cut-off': 'The browser went away before it had posted the whole form.',
  'not-a-form': notAForm,
  'too-many-fields': notAForm,
  replayed:
    'This answer was used before: the person reloaded the page, or an attacker sent a copy.',
  'anew-in-vain':
    'A policy asked this browser three times within a minute to sign in again, and no sign-in was enough. Look at how the rule depends on the sign-in.',
  'session-over': 'The IdP says that its own session has ended (SessionNotOnOrAfter).',
  'ended-meanwhile':
    'Something ended this sign-in before its session began: the person, an operator, the directory or the IdP. The person may try again.',
  'relay-state-lost':
    'The IdP does not return the RelayState that it was sent. If this happens to one person only, their browser does not keep cookies, or they took over an hour.',
  'foreign-domain': 'The IdP names an address whose domain belongs to another connection.',
  'no-name-id':
    'The assertion has no NameID. Choose one at the IdP, or let an attribute identify the people of the connection.',
  'transient-subject':
    'The NameID is another one at each sign-in. Choose another Name ID format at the IdP, or let an attribute identify the people of the connection.',
}

const endedAtOnce = (why: string): string =>
  `This browser signed in three times within a minute, and each session was over at once: ${why}.`
const notKept: Readonly<Record<SessionEnd | 'none' | 'live', string>> = {
  none: 'This browser signed in three times within a minute, but sends no session: it does not keep our cookie, or it sends two cookies with live sessions.',
  live: 'This browser signed in three times within a minute, with a connection that this site does not accept.',
  unknown: endedAtOnce('KV or D1 does not have it'),
  expired: endedAtOnce(
    'the IdP or the site ends sessions too early (SessionNotOnOrAfter, absoluteSeconds)',
  ),
  idle: endedAtOnce('the idle limit of the site is too short (idleSeconds)'),
  revoked: endedAtOnce('it was revoked'),
  'user-disabled': endedAtOnce('the user is disabled'),
  'connection-disabled': endedAtOnce('the connection is disabled'),
  'other-site': endedAtOnce('it belongs to another site'),
  'no-device': endedAtOnce(
    'it is bound to a device, and the browser sent no cookie of this device (deviceBinding)',
  ),
}

const explainJoin = ({ reason, join }: Extract<LoginError, { reason: JoinError }>): string => {
  const field = { 'user-name': 'userName', 'external-id': 'externalId', email: 'address' }[join]
  return `${whoHas[reason]} this subject as ${field}.`
}

const whoHas: Readonly<Record<JoinError, string>> = {
  'not-provisioned': 'Nobody in the directory has',
  'several-provisioned': 'Several people have',
  'alike-provisioned': 'A person has, but with letters beyond A to Z in another case,',
}

export interface PublicError {
  readonly status: number
  readonly title: string
  readonly sentence: string
}

/**
 * What the visitor may know. Why a response was not accepted is in the audit, under the request id.
 */
export function toPublic(error: LoginError, speech: Speech = english): PublicError {
  const [status, key] = shownOf(error)
  const [title, sentence] = speech.texts.refusals[key]
  const isOfIdp = error.reason === 'response' && error.error.reason === 'status'
  const said = isOfIdp ? `${idpWords(error.error.codes, speech)} ` : ''
  return { status, title, sentence: said + sentence }
}

type Shown = readonly [status: number, text: keyof Texts['refusals']]

function shownOf(error: LoginError): Shown {
  switch (error.reason) {
    case 'user-disabled':
    case 'not-provisioned':
    case 'several-provisioned':
    case 'session-over':
      return [403, error.reason]
    case 'alike-provisioned':
      return [403, 'not-provisioned']
    case 'unknown-login':
    case 'transfer-unknown':
    case 'transfer-other-host':
    case 'transfer-other-browser':
    case 'transfer-expired':
      return [400, 'unknown-login']
    case 'replayed':
      return [400, error.reason]
    case 'session-not-kept':
    case 'anew-in-vain':
      return [429, error.reason]
    case 'response':
      return [403, shownOfResponse(error.error)]
    default:
      return [403, 'not-accepted']
  }
}

function shownOfResponse({ reason }: SamlError): keyof Texts['refusals'] {
  switch (reason) {
    case 'status':
    case 'authn-too-old':
    case 'authn-context':
      return reason
    default:
      return 'not-accepted'
  }
}

/**
 * These sentences are ours. The IdP's own message is not shown: nobody needs to sign it, so anybody
 * could have written it. Status codes (Core §3.2.2.2) that mean something to a visitor have one.
 */
function idpWords(codes: readonly string[], { texts }: Speech): string {
  const words = new Map<string, string>(Object.entries(texts.idpWords))
  const said = codes.map((code) => words.get(code.split(':').at(-1) ?? ''))
  return said.findLast(Boolean) ?? texts.idpWords.none
}
