/** Three sites under one sign-in, and an identity provider that takes part in single logout. */
import { env } from 'cloudflare:workers'
import { decodeBase64, decodeUtf8 } from '../../src/lib/bytes.ts'
import type { Connection, Slo } from '../../src/connection/connection.ts'
import {
  inSoap,
  logoutRequestXml,
  logoutResponseXml,
  parameterOf,
  postedForm,
  signedInside,
  signedQuery,
  type RequestOptions,
  type ResponseOptions,
} from '../../tools/signing/logout.ts'
import type { TestIdp } from '../../tools/signing/saml-signer.ts'
import { LOGIN, Person, three } from '../login/person.ts'
import { createStage, type Stage } from '../login/stage.ts'
import { emptyStores } from '../support/session.ts'

export const SLO = 'https://idp.example.test/slo'
export const ANSWERS = 'https://idp.example.test/slo/answers?a=1'
export const OURS = `${LOGIN}/.gatehouse/saml/okta/slo`
const endpoint = { location: SLO, responseLocation: ANSWERS }
export const byRedirect: Slo = { redirect: endpoint, post: null, soap: null }
export const byPost: Slo = { redirect: null, post: endpoint, soap: null }

export async function emptyAll(): Promise<void> {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken; DELETE FROM audit; DELETE FROM logout_requests')
}

export const stageWith = (
  connection: Partial<Connection> = { slo: byRedirect },
  config = three(),
) => createStage(config, connection)

/** A person whose browser stops at the identity provider's logout address. */
export class Leaver extends Person {
  /** What the browser carried to the identity provider, oldest first. */
  readonly carried: URL[] = []
  override answer(url: string): Promise<Response> {
    if (!url.startsWith(SLO)) return super.answer(url)
    this.seen.push(url)
    this.carried.push(new URL(url))
    return Promise.resolve(new Response('the identity provider'))
  }
}

export const request = ({ idp }: Stage, options: Partial<RequestOptions> = {}): string =>
  logoutRequestXml({
    issuer: idp.entityId,
    destination: OURS,
    now: new Date(),
    id: `_${crypto.randomUUID()}`,
    ...options,
  })
export const response = ({ idp }: Stage, options: Partial<ResponseOptions> = {}): string =>
  logoutResponseXml({
    issuer: idp.entityId,
    destination: OURS,
    now: new Date(),
    id: `_${crypto.randomUUID()}`,
    inResponseTo: null,
    ...options,
  })

/** The address by which the identity provider sends the message (HTTP-Redirect). */
export const redirectOf = async (
  idp: TestIdp,
  xml: string,
  relayState: string | null = null,
): Promise<string> =>
  `${OURS}?${await signedQuery(idp, xml, { parameter: parameterOf(xml), relayState })}`

/** The fields of the form by which it sends the message (HTTP-POST). */
export const formOf = async (idp: TestIdp, xml: string, relayState: string | null = null) =>
  Object.fromEntries(
    new URLSearchParams(postedForm(await signedInside(idp, xml), parameterOf(xml), relayState)),
  )

export const soapOf = async (idp: TestIdp, xml: string): Promise<Request> =>
  new Request(`${OURS}/soap`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/xml' },
    body: inSoap(await signedInside(idp, xml)),
  })

/** The message in a URL that we sent the browser to. */
export async function messageIn({ searchParams }: URL): Promise<string> {
  const text = searchParams.get('SAMLRequest') ?? searchParams.get('SAMLResponse') ?? ''
  const bytes = decodeBase64(text)
  if (!bytes.ok) throw new Error('the message is not base64')
  const stream = new Blob([bytes.value])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'))
  return new Response(stream).text()
}

export function fieldsOn(page: string, name: string): string {
  const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? ''
  const bytes = decodeBase64(value)
  const text = bytes.ok ? decodeUtf8(bytes.value) : bytes
  return text.ok ? text.value : ''
}

/** Whether each site lets the browser in. */
export const isIn = (person: Person, urls: readonly string[]): Promise<readonly boolean[]> =>
  Promise.all(urls.map(async (url) => (await person.at(url).go(`${url}/`)).status === 200))

export const refused = (stage: Stage): readonly unknown[] =>
  stage
    .audit()
    .filter(({ audit }) => audit === 'logout-refused')
    .map(({ reason }) => reason)
