/** What Gatehouse does with a message. */
import { encodeBase64, utf8 } from '../../src/lib/bytes.ts'
import type { Result } from '../../src/lib/result.ts'
import { readPostedForm } from '../../src/saml/incoming/form.ts'
import {
  openLogoutRequest,
  openLogoutResponse,
  openResponse,
  type Expect,
  type LogoutAnswer,
  type LogoutAsked,
  type SamlError,
  type Subject,
} from '../../src/saml/index.ts'
import type { Message, Seed } from './entry.ts'
import type { LogoutMessage, LogoutStage } from './logout/stage.ts'

export const postedOf = (message: Message): string => {
  if (message.kind === 'field') return message.value
  if (message.kind === 'form') return new URLSearchParams(message.body).get('SAMLResponse') ?? ''
  const { document } = message
  return encodeBase64(typeof document === 'string' ? utf8(document) : document)
}

export const bodyOf = (message: Message): string =>
  message.kind === 'form' ? message.body : `SAMLResponse=${encodeURIComponent(postedOf(message))}`

export function expectationOf(seed: Seed, message: Message): Expect {
  const sp = { entityId: seed.spEntityId, acsUrl: seed.acsUrl, decryptionKeys: seed.decryptionKeys }
  return {
    idp: {
      entityId: seed.idpEntityId,
      certificates: (message.kind === 'response' ? message.certificates : null) ?? [
        seed.certificate,
      ],
    },
    sp,
    inResponseTo: seed.inResponseTo,
    now: seed.now,
  }
}

/** Reads only the body of the form, as the Worker does. */
export async function openAsGatehouse(
  message: Message,
  seed: Seed,
): Promise<Result<Subject, string>> {
  const form = readPostedForm(bodyOf(message))
  // An empty field is refused here already, by the reader of forms.
  if (!form.ok) return { ok: false, error: `form: ${form.error}` }
  const opened = await openResponse(form.value.samlResponse, expectationOf(seed, message))
  return opened.ok ? opened : { ok: false, error: preciseReason(opened.error) }
}

/** The same for a message of Single Logout. */
export async function openLogoutAsGatehouse(
  message: LogoutMessage,
  { expect }: LogoutStage,
): Promise<Result<LogoutAsked | LogoutAnswer | Subject, string>> {
  const opened =
    message.as === 'Response'
      ? await openAtAcs(message.body, expect)
      : message.as === 'LogoutRequest'
        ? await openLogoutRequest(message.received, expect)
        : await openLogoutResponse(message.received, expect)
  return opened.ok ? opened : { ok: false, error: preciseReason(opened.error) }
}

function openAtAcs(body: string, { idp, sp, now }: LogoutStage['expect']) {
  const form = readPostedForm(body)
  if (!form.ok) throw new Error(`the form is refused: ${form.error}`)
  const acs = { entityId: sp.entityId, acsUrl: 'https://sp.test/acs' }
  return openResponse(form.value.samlResponse, { idp, sp: acs, inResponseTo: null, now })
}

/** The reason, with the detail that separates refusals of the same reason. */
export function preciseReason(error: SamlError): string {
  switch (error.reason) {
    case 'malformed-xml':
      return `${error.reason}: ${error.fault}`
    case 'name-id':
    case 'subject-confirmation':
    case 'conditions':
    case 'logout-subject':
    case 'logout-time':
      return `${error.reason}: ${error.detail}`
    case 'issuer':
    case 'version':
      return `${error.reason}: ${error.of}`
    case 'in-response-to':
      return `${error.reason}: ${error.found}`
    default:
      return error.reason
  }
}
