/** People, sites with OAuth, and a client that nobody here wrote: oauth4webapi. */
import { env } from 'cloudflare:workers'
import * as oauth from 'oauth4webapi'
import { hashText } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { insertClient } from '../../src/oauth/client-store.ts'
import type { GatehouseConfig } from '../../src/config.ts'
import { keepSecret } from '../../tools/stage/evidence.ts'
import { A, B, LOGIN, Person, three, type SiteOptions } from '../login/person.ts'
import { createStage, start, stepsOf, type Stage } from '../login/stage.ts'
import { emptyStores } from '../support/session.ts'

export const BACK = 'https://client.example.org/cb'
export const LOCAL = 'http://127.0.0.1:7777/cb'
export const issuer = new URL(LOGIN)

export type Terms = NonNullable<GatehouseConfig['oauth']>

export const configOf = (
  terms: Terms = {},
  sites: Readonly<Record<string, SiteOptions>> = {},
): GatehouseConfig => ({
  ...three({ [A]: { oauth: true, ...sites[A] }, [B]: { oauth: true, ...sites[B] } }),
  oauth: terms,
})

export async function emptyAll(): Promise<void> {
  await emptyStores()
  await env.DB.exec(
    'DELETE FROM taken; DELETE FROM transfers; DELETE FROM audit; DELETE FROM oauth_grants; DELETE FROM oauth_clients; DELETE FROM oauth_devices',
  )
}

export interface Listed {
  readonly id?: string
  readonly name?: string
  readonly redirects?: readonly string[]
  readonly device?: boolean
  readonly secret?: string | null
}

export async function addClient({
  id = 'reports',
  name = 'Reports',
  redirects = [BACK],
  device = false,
  secret = null,
}: Listed = {}): Promise<oauth.Client> {
  keepSecret(secret)
  await insertClient(env.DB, {
    id,
    kind: 'listed',
    name,
    redirects,
    device,
    secretHash: secret === null ? null : await hashText(secret),
    createdAt: toInstant(start.getTime()),
  })
  return { client_id: id }
}

/** How oauth4webapi asks the Worker. */
export const through = (stage: Stage) => ({
  [oauth.customFetch]: (url: string, { method, headers, body }: Sent) =>
    stage.send(new Request(url, { method, headers, body: body ?? null })),
})
interface Sent {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: URLSearchParams | string | undefined
}

export const discover = async (stage: Stage): Promise<oauth.AuthorizationServer> =>
  oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...through(stage) }),
  )

export interface Begun {
  readonly server: oauth.AuthorizationServer
  readonly url: URL
  readonly verifier: string
  readonly state: string
}

/** The address to which the client sends the browser. A field of `null` is left out. */
export async function begin(
  stage: Stage,
  client: oauth.Client,
  fields: Readonly<Record<string, string | null>> = {},
): Promise<Begun> {
  const server = await discover(stage)
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const url = new URL(server.authorization_endpoint ?? '')
  const given = {
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: BACK,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    resource: `${A}/`,
    state,
    ...fields,
  }
  for (const [name, value] of Object.entries(given)) {
    if (value !== null) url.searchParams.set(name, value)
  }
  return { server, url, verifier, state }
}

/** A person who stops where the client takes over. */
export function personOf(stage: Stage, name = 'zoe@example.test', groups: readonly string[] = []) {
  const zoe = new Person(stage, name, groups)
  zoe.elsewhere = ['client.example.org', '127.0.0.1:7777', 'evil.example.org', 'app.example.org']
  return zoe
}

/** Presses a button of the page. */
export function press(zoe: Person, page: string, choice: 'allow' | 'refuse'): Promise<Response> {
  const step = stepsOf(page).find(({ fields }) => fields['choice'] === choice)
  if (!step) throw new Error(`no button for ${choice} on the page`)
  return zoe.post(LOGIN + step.action, step.fields)
}

export const lastSeen = (zoe: Person): URL => new URL(zoe.seen.at(-1) ?? '')

/** Goes to the client's address, allows, and comes back to the client. */
export async function allow(zoe: Person, { url }: Begun): Promise<URL> {
  const page = await (await zoe.open(url.href)).text()
  await press(zoe, page, 'allow')
  return lastSeen(zoe)
}

export interface Redeemed {
  readonly access: string
  readonly refresh: string
  readonly answer: oauth.TokenEndpointResponse
}

export function kept(answer: oauth.TokenEndpointResponse): Redeemed {
  const { access_token: access, refresh_token: refresh = '' } = answer
  keepSecret(access, refresh)
  return { access, refresh, answer }
}

export async function redeem(
  stage: Stage,
  client: oauth.Client,
  { server, verifier, state }: Begun,
  back: URL,
  auth: oauth.ClientAuth = oauth.None(),
): Promise<Redeemed> {
  const params = oauth.validateAuthResponse(server, client, back, state)
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    auth,
    params,
    BACK,
    verifier,
    through(stage),
  )
  return kept(await oauth.processAuthorizationCodeResponse(server, client, response))
}

/** The whole way, from the client's address to its tokens. */
export async function connect(
  stage: Stage,
  zoe: Person,
  client: oauth.Client,
  fields: Readonly<Record<string, string | null>> = {},
): Promise<Redeemed & { readonly server: oauth.AuthorizationServer }> {
  const begun = await begin(stage, client, fields)
  const back = await allow(zoe, begun)
  return { ...(await redeem(stage, client, begun, back)), server: begun.server }
}

/** Posts to an endpoint as a form. Returns status and JSON. */
export async function postTo(
  stage: Stage,
  path: string,
  fields: Readonly<Record<string, string>> | URLSearchParams,
  headers: Readonly<Record<string, string>> = {},
) {
  const request = new Request(`${LOGIN}/.gatehouse/oauth/${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
  })
  const response = await stage.send(request)
  return { status: response.status, headers: response.headers, body: await bodyOf(response) }
}

async function bodyOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const value: unknown = await response.json()
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {}
}

export { createStage }
