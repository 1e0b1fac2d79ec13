/** Writes the messages of Single Logout (Core §3.7). The schema fixes the order of the children. */
import { SAML, SAMLP, SOAP_ENVELOPE, STATUS } from '../names.ts'
import { envelopedSignature } from './enveloped.ts'
import type { RequestSigner } from './sign.ts'
import { writeXml } from '../xml/writer.ts'

interface LogoutMessage {
  /** An NCName that nobody can guess. */
  readonly id: string
  readonly issueInstant: Date
  /** Our entity ID. */
  readonly issuer: string
  readonly destination: string
}

export interface LogoutRequest extends LogoutMessage {
  /** The request is void from then on. */
  readonly notOnOrAfter: Date
  /** As the assertion of the sign-in had it; null: the attribute is left out. */
  readonly nameId: {
    readonly value: string
    readonly format: string | null
    readonly nameQualifier: string | null
    readonly spNameQualifier: string | null
  }
  /** Empty: all sessions of the person. */
  readonly sessionIndexes: readonly string[]
}

/** `partial`: not every session could be ended. `refused`: the request was not accepted. */
export type LogoutStatus = 'success' | 'partial' | 'refused' | 'failed'

export interface LogoutResponse extends LogoutMessage {
  readonly inResponseTo: string
  readonly status: LogoutStatus
}

/** Unsigned. HTTP-Redirect uses this one: it signs the query instead of the XML. */
export const logoutRequest = (request: LogoutRequest): string => writeRequest(request, null)

/** With an enveloped signature (Core §5.4), for HTTP-POST and SOAP. */
export const signedLogoutRequest = async (
  request: LogoutRequest,
  signer: RequestSigner,
): Promise<string> =>
  writeRequest(request, await envelopedSignature(logoutRequest(request), request.id, signer))

/** Unsigned, for HTTP-Redirect. */
export const logoutResponse = (response: LogoutResponse): string => writeResponse(response, null)

/** With an enveloped signature, for HTTP-POST and SOAP. */
export const signedLogoutResponse = async (
  response: LogoutResponse,
  signer: RequestSigner,
): Promise<string> =>
  writeResponse(response, await envelopedSignature(logoutResponse(response), response.id, signer))

/** Puts a signed message into a SOAP 1.1 envelope (Bindings §3.2.2). */
export const soapEnvelope = (xml: string): string =>
  `<S:Envelope xmlns:S="${SOAP_ENVELOPE}"><S:Body>${xml}</S:Body></S:Envelope>`

/** For what holds no message of SAML (Bindings §3.2.2.3). @param words why. */
export const soapFault = (words: string): string =>
  soapEnvelope(writeXml({ 'S:Fault': { faultcode: 'S:Client', faultstring: words } }))

type Signature = Readonly<Record<string, unknown>> | null

const writeRequest = (request: LogoutRequest, signature: Signature): string => {
  const { value, format, nameQualifier, spNameQualifier } = request.nameId
  return writeXml({
    'samlp:LogoutRequest': {
      ...head(request),
      '@NotOnOrAfter': request.notOnOrAfter.toISOString(),
      ...begin(request, signature),
      'saml:NameID': {
        ...(nameQualifier === null ? {} : { '@NameQualifier': nameQualifier }),
        ...(spNameQualifier === null ? {} : { '@SPNameQualifier': spNameQualifier }),
        ...(format === null ? {} : { '@Format': format }),
        '#text': value,
      },
      ...(request.sessionIndexes.length === 0
        ? {}
        : { 'samlp:SessionIndex': request.sessionIndexes }),
    },
  })
}

const writeResponse = (response: LogoutResponse, signature: Signature): string =>
  writeXml({
    'samlp:LogoutResponse': {
      ...head(response),
      '@InResponseTo': response.inResponseTo,
      ...begin(response, signature),
      'samlp:Status': { 'samlp:StatusCode': statusCodes[response.status] },
    },
  })

const head = (message: LogoutMessage) => ({
  '@xmlns:samlp': SAMLP,
  '@xmlns:saml': SAML,
  '@ID': message.id,
  '@Version': '2.0',
  '@IssueInstant': message.issueInstant.toISOString(),
  '@Destination': message.destination,
})

const begin = ({ issuer }: LogoutMessage, signature: Signature) => ({
  'saml:Issuer': issuer,
  ...(signature === null ? {} : { 'ds:Signature': signature }),
})

const code = (name: string, second: string | null = null) => ({
  '@Value': STATUS + name,
  ...(second === null ? {} : { 'samlp:StatusCode': { '@Value': STATUS + second } }),
})

/** Core §3.2.2.2. */
const statusCodes: Readonly<Record<LogoutStatus, ReturnType<typeof code>>> = {
  success: code('Success'),
  partial: code('Success', 'PartialLogout'),
  refused: code('Requester', 'RequestDenied'),
  failed: code('Responder'),
}
