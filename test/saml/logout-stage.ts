/** What the tests of Single Logout share: a genuine message in each binding, and what is expected. */
import {
  inSoap,
  logoutRequestXml,
  logoutResponseXml,
  parameterOf,
  postedForm,
  signedInside,
  signedQuery,
  type QueryOptions,
  type RequestOptions,
  type ResponseOptions,
} from '../../tools/signing/logout.ts'
import type { SignOptions } from '../../tools/signing/saml-signer.ts'
import {
  openLogoutRequest,
  openLogoutResponse,
  type LogoutExpect,
  type Received,
} from '../../src/saml/index.ts'
import { idp, now, sp } from './attacks/stage.ts'

export const SLO = 'https://sp.test/slo'
export const REQUEST_ID = '_asked'

export const expected: LogoutExpect = {
  idp: { entityId: idp.entityId, certificates: [idp.certificate] },
  sp: { entityId: sp.entityId, sloUrl: SLO },
  now,
}

export const requestOptions: RequestOptions = { issuer: idp.entityId, destination: SLO, now }
export const responseOptions: ResponseOptions = { ...requestOptions, inResponseTo: REQUEST_ID }

export const requestXml = (options: Partial<RequestOptions> = {}): string =>
  logoutRequestXml({ ...requestOptions, ...options })
export const responseXml = (options: Partial<ResponseOptions> = {}): string =>
  logoutResponseXml({ ...responseOptions, ...options })

export const bindings = ['redirect', 'post', 'soap'] as const
export type Binding = (typeof bindings)[number]

/** The message signed by the identity provider, as its binding has it. */
export async function received(
  binding: Binding,
  xml: string,
  options: QueryOptions & { readonly inside?: SignOptions } = {},
): Promise<Received> {
  const parameter = parameterOf(xml)
  if (binding === 'redirect') {
    return { binding, query: await signedQuery(idp, xml, { parameter, ...options }) }
  }
  const signed = await signedInside(idp, xml, options.inside)
  return binding === 'post'
    ? { binding, body: postedForm(signed, parameter, options.relayState) }
    : { binding, xml: inSoap(signed) }
}

export const ask = (from: Received, expect: Partial<LogoutExpect> = {}) =>
  openLogoutRequest(from, { ...expected, ...expect })
export const answer = (from: Received, expect: Partial<LogoutExpect> = {}) =>
  openLogoutResponse(from, { ...expected, inResponseTo: REQUEST_ID, ...expect })

/** The reason of the refusal, or `accepted`. */
export async function outcome(from: Received, expect: Partial<LogoutExpect> = {}): Promise<string> {
  const opened = await ask(from, expect)
  return opened.ok ? 'accepted' : opened.error.reason
}
