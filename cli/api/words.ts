/** The words for everything that keeps an operation from being done through the API. */
import type { Operation } from '../../src/admin/operation.ts'
import type { Err } from '../../src/lib/result.ts'
import { err } from '../../src/lib/result.ts'
import { refused, type Failure } from '../command.ts'
import { quote, typedName } from '../hint.ts'
import { plain } from '../text.ts'
import { certificateFault } from '../unreachable.ts'
import { TOKEN_VARIABLE } from './choice.ts'
import type { Problem } from './reply.ts'
import { readRetryAfter, type Reply, type SendFault } from './send.ts'

export interface Place {
  readonly loginHost: string
  readonly operation: Operation
}

const OTHER_WAY = `Without ${TOKEN_VARIABLE}, --remote goes to the database at Cloudflare instead.`

const certificateWords = {
  unknown:
    'has a certificate that no authority known to this machine has signed. If you know the authority, name it: NODE_EXTRA_CA_CERTS=ca.pem',
  expired: 'has a certificate that has expired. Renew it there.',
  'other-host': 'has the certificate of another host. Is the address right?',
}

export function explainSendFault(fault: SendFault, place: Place): Err<Failure> {
  const { loginHost, operation } = place
  switch (fault.reason) {
    case 'unreachable':
      return refused(`${whyUnreached(loginHost, fault.code)} Nothing was sent. ${OTHER_WAY}`, {
        reason: 'unreachable',
      })
    case 'no-answer':
      return refused(
        `${loginHost} did not answer in time. ${operation.changes ? MAYBE_DONE : 'Try again.'}`,
        { reason: 'no-answer' },
      )
    case 'too-large':
      return refused(`${loginHost} answered with more than 16 MB. Ask for less: --limit.`, {
        reason: 'answer-too-large',
      })
  }
}

function whyUnreached(loginHost: string, code: string): string {
  const fault = certificateFault(code)
  if (fault !== null) return `${loginHost} ${certificateWords[fault]}`
  if (/^(ERR_SSL_|EPROTO)/.test(code)) {
    return `${loginHost} answers, but not in TLS (${code}). Is the address right?`
  }
  return `${loginHost} cannot be reached${code === '' ? '' : ` (${plain(code)})`}. Is the address of the login host right, and is there a network? --login-host names another.`
}

/** The request arrived, and the answer did not. */
const MAYBE_DONE =
  'Nobody knows whether the change was made: look, and ask for it again if it was not.'

/** @param problem null: the answer is no problem document. */
export function explainReply(reply: Reply, problem: Problem | null, place: Place): Err<Failure> {
  const { status, headers } = reply
  if (status >= 300 && status < 400) return explainRedirect(headers, place)
  if (!problem) return explainStranger(reply, place)
  const { reason, detail, facts } = problem
  const words = wordsFor(problem, reply, place)
  if (words !== null) return refused(words, { reason })
  if (reason === 'invalid-input') return explainInput(problem, place)
  return refused(`${plain(detail)}${later(headers)}`, { reason, ...facts })
}

/** null: the problem document says it. */
function wordsFor(
  { reason, detail, scope, instance }: Problem,
  { status, headers }: Reply,
  { loginHost, operation }: Place,
): string | null {
  switch (reason) {
    case 'no-valid-token':
      return `${loginHost} does not take the token in ${TOKEN_VARIABLE}: it does not know the token, or the token has expired or was revoked. Make another, in the console or by \`npx gatehouse admin token create --label <text> --scopes <scopes>\` without ${TOKEN_VARIABLE}.`
    case 'scope-missing':
      return `The token in ${TOKEN_VARIABLE} may not do this: it lacks the scope "${plain(scope)}".`
    case 'no-such-path':
    case 'method-not-allowed':
      return `The Gatehouse at ${loginHost} does not know "${operation.name}": it has another version than this command line. Deploy this version there, or use the command line of that one. ${OTHER_WAY}`
    case 'not-found':
    case 'unknown-host':
      return noApi(loginHost)
    case 'idempotency-key-under-way':
      return `${loginHost} has not answered in time: the change is still under way. ${MAYBE_DONE}`
    default:
      return status >= 500
        ? `${loginHost} says: ${plain(detail)}${later(headers)} The log there has more, by the number ${plain(instance.replace('urn:uuid:', ''))}.${operation.changes ? ` ${MAYBE_DONE}` : ''}`
        : null
  }
}

const noApi = (loginHost: string): string =>
  `${loginHost} has no API: either it is not the login host, or its Worker was made without the console and the API (createGatehouse(config, { admin })). --login-host names another. ${OTHER_WAY}`

function explainRedirect(headers: Headers, { loginHost }: Place): Err<Failure> {
  const to = headers.get('Location') ?? ''
  const target = URL.canParse(to, loginHost) ? new URL(to, loginHost).origin : null
  const where = target === null || target === loginHost ? 'elsewhere' : `to ${plain(target)}`
  const name = target === null || target === loginHost ? '<url>' : quote(plain(target))
  return refused(
    `${loginHost} sends requests on ${where}. The token did not go there. If the login host has another address, name it: --login-host ${name}. If something in front of it asks for a sign-in, let requests below /.gatehouse/api through.`,
    { reason: 'redirect' },
  )
}

function explainStranger({ status, headers, text }: Reply, { loginHost, operation }: Place) {
  const type = plain(headers.get('Content-Type')?.split(';')[0] ?? 'no content type').slice(0, 80)
  if (status === 404 || status === 200) {
    return refused(`${noApi(loginHost)} It answered ${status}, ${type}.`, { reason: 'no-api' })
  }
  // An error page of Cloudflare, when the Worker could not answer.
  const isDown = status >= 500
  const said = /error code: \d{4}/.exec(text)?.[0]
  return refused(
    `${loginHost} answered ${status}${said === undefined ? '' : ` (${said})`} without saying why, so the answer is not from Gatehouse. ${
      isDown
        ? `Is the Worker running?${later(headers)}${operation.changes ? ` ${MAYBE_DONE}` : ''}`
        : 'Does something in front of it refuse programs? Let requests below /.gatehouse/api through.'
    }`,
    { reason: 'not-gatehouse' },
  )
}

/** This command line takes the input, so the API there has other fields. */
function explainInput({ detail, errors }: Problem, { loginHost, operation }: Place): Err<Failure> {
  const lines = errors.map(({ field, detail: says }) =>
    plain(field === null ? says : `${typedName(field, operation.subject)} ${says}.`),
  )
  const message = [
    ...(lines.length > 0 ? lines : [plain(detail)]),
    `The Gatehouse at ${loginHost} may have another version than this command line.`,
  ]
  return err({ kind: 'usage', message: message.join('\n'), facts: { reason: 'invalid-input' } })
}

function later(headers: Headers): string {
  const seconds = readRetryAfter(headers)
  return seconds === null ? '' : ` Try again in ${seconds} second${seconds === 1 ? '' : 's'}.`
}

/** The status says that it was done, but the answer is not one that this command line can read. */
export const explainUnread = ({ loginHost, operation }: Place): Err<Failure> =>
  refused(
    `${loginHost} answered in a form that this command line does not know: it may have a newer version. ${operation.changes ? 'The change was made. ' : ''}Update the command line: npm update @gatehouse/worker`,
    { reason: 'unknown-form' },
  )
