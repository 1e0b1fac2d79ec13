/** What a stranger can send to each route: nothing, garbage, and what looks almost right. */
import { challengeIn } from '../support/device.ts'
import { encodeBase64, encodeBase64Url, utf8 } from '../../src/lib/bytes.ts'
import { toAdminToken } from '../../src/admin/admin-token.ts'
import { toSecretText } from '../../src/lib/secret.ts'
import { toProgramToken } from '../../src/program/token.ts'
import { parseCertificate } from '../../src/saml/certificate.ts'
import { toScimToken } from '../../src/scim/token.ts'
import { encrypt, encryptedKey } from '../../tools/signing/encryptor.ts'
import { inSoap, postedForm, signedInside, signedQuery } from '../../tools/signing/logout.ts'
import {
  assertionXml,
  createTestIdp,
  responseXml,
  signedResponse,
  toPosted,
  type TestIdp,
} from '../../tools/signing/saml-signer.ts'
import { A, LOGIN } from '../login/person.ts'
import { readRequest } from '../login/stage.ts'
import { request as logoutRequest } from '../logout/stage.ts'
import type { Isolate } from './stage.ts'

const OWN = `${LOGIN}/.gatehouse`
const ACS = `${OWN}/saml/okta/acs`
const METADATA = `${OWN}/saml/okta/metadata`

type Init = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> }
const ask = (url: string, init: Init = {}): Request =>
  new Request(url, { redirect: 'manual', ...init })
const browser = {
  Accept: 'text/html',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
}
const visit = (url: string, headers: Readonly<Record<string, string>> = {}): Request =>
  ask(url, { headers: { ...browser, ...headers } })
/** A form, as if from a page of the same host: a program can say what it likes. */
const post = (
  url: string,
  body: string | URLSearchParams,
  headers: Readonly<Record<string, string>> = {},
): Request =>
  ask(url, {
    method: 'POST',
    body: String(body),
    headers: {
      ...browser,
      Origin: new URL(url).origin,
      'Sec-Fetch-Site': 'same-origin',
      'Content-Type': 'application/x-www-form-urlencoded',
      ...headers,
    },
  })
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

const WELL_KNOWN = `${LOGIN}/.well-known/oauth-authorization-server`
const asking = (): string =>
  new URLSearchParams({
    response_type: 'code',
    client_id: 'none',
    redirect_uri: 'http://127.0.0.1/cb',
    code_challenge: code(),
    code_challenge_method: 'S256',
    resource: A,
  }).toString()

const random = (bytes = 32) => crypto.getRandomValues(new Uint8Array(bytes))
const code = (): string => encodeBase64Url(random())
const wrongCookie = () => ({ Cookie: `__Host-gatehouse=${code()}` })
const jwt = (header: object, claims: object): string =>
  [header, claims]
    .map((part) => encodeBase64Url(utf8(JSON.stringify(part))))
    .concat(encodeBase64Url(random(256)))
    .join('.')

/** A login that a stranger has begun, as anybody may. */
export interface Begun {
  readonly id: string
  readonly relayState: string
  readonly cookie: string
}

export async function beginAt({ send }: Pick<Isolate, 'send'>): Promise<Begun> {
  const answer = await send(visit(`${OWN}/login?go=1&to=%2F`))
  const asked = await readRequest(answer.headers.get('Location') ?? '')
  const [cookie = ''] = answer.headers.getSetCookie().map((header) => header.split(';')[0] ?? '')
  return { ...asked, cookie }
}

export interface Knowing {
  readonly begun: Begun
  readonly idp: TestIdp
  /** The public key for which our metadata asks to encrypt. */
  readonly spki: Uint8Array<ArrayBuffer>
  /** An answer that was used. */
  readonly used: string
  readonly stranger: TestIdp
  /** What a device that we do not know was asked to sign. */
  readonly device: { readonly id: string; readonly challenge: string }
}

/** What a stranger finds out first. */
export async function learn(isolate: Isolate, idp: TestIdp): Promise<Knowing> {
  const metadata = await (await isolate.send(ask(METADATA))).text()
  const [, certificate = ''] =
    /use="encryption">.*?<ds:X509Certificate>([^<]*)/s.exec(metadata) ?? []
  const parsed = parseCertificate(certificate)
  if (!parsed.ok) throw new Error(parsed.error)
  const begun = await beginAt(isolate)
  const used = await signedResponse(idp, answerTo(begun))
  const response = await isolate.send(answerWith(begun, used))
  if (response.status >= 400) throw new Error(`the answer was not used: ${response.status}`)
  const stranger = await createTestIdp({ entityId: idp.entityId })
  const id = crypto.randomUUID()
  const { headers } = await isolate.send(device(id))
  const challenge = challengeIn(headers.get('Secure-Session-Challenge'))
  return { begun, idp, spki: parsed.value.spki, used, stranger, device: { id, challenge } }
}

const device = (id: string, proof: Readonly<Record<string, string>> = {}): Request =>
  ask(`${A}/.gatehouse/device/refresh`, {
    method: 'POST',
    headers: { 'Sec-Secure-Session-Id': id, ...proof },
  })
const proofOf = (jti: string) => ({
  'Secure-Session-Response': jwt(
    { typ: 'dbsc+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x: code(), y: code() } },
    { jti },
  ),
})

const answerTo = ({ id }: Begun) => ({
  spEntityId: METADATA,
  acsUrl: ACS,
  inResponseTo: id,
  now: new Date(),
  responseId: `_${crypto.randomUUID()}`,
  assertionId: `_${crypto.randomUUID()}`,
})
const answerWith = (begun: Begun, SAMLResponse: string): Request =>
  post(ACS, new URLSearchParams({ SAMLResponse, RelayState: begun.relayState }), {
    Cookie: begun.cookie,
    Origin: 'https://elsewhere.example',
    'Sec-Fetch-Site': 'cross-site',
  })

async function encrypted({ begun, idp, spki }: Knowing, more: number): Promise<Request> {
  const options = { ...answerTo(begun), issuer: idp.entityId }
  const plain = assertionXml(options)
  const keys = await Promise.all(
    Array.from({ length: more }, () => encryptedKey(random(), { spki }, {})),
  )
  const sealed = await encrypt(plain, { spki }, { keysBefore: keys.join('') })
  return answerWith(begun, toPosted(responseXml(options).replace(plain, sealed)))
}

/** Each of them makes a new request each time, such as with another token. */
export const floods: Readonly<Record<string, (known: Knowing) => Request | Promise<Request>>> = {
  'a page of a site, without a session': () => visit(`${A}/page`),
  'a page, with a wrong cookie': () => visit(`${A}/page`, wrongCookie()),
  'a page, with four wrong cookies': () =>
    visit(`${A}/page`, {
      Cookie: Array.from({ length: 4 }, () => wrongCookie().Cookie).join('; '),
    }),
  'a page, with two hundred wrong cookies': () =>
    visit(`${A}/page`, {
      Cookie: Array.from({ length: 200 }, () => wrongCookie().Cookie).join('; '),
    }),
  'a public page, with a wrong cookie': () => visit(`${A}/public`, wrongCookie()),
  'a form to a site, without a session': () => post(`${A}/page`, 'text=hello'),
  'a page, with a wrong service token': () =>
    ask(`${A}/page`, { headers: bearer(toProgramToken('service', random())) }),
  'a page, with a wrong access token': () =>
    ask(`${A}/page`, { headers: bearer(toProgramToken('access', random())) }),
  'the home page': () => visit(`${OWN}/`),
  'the home page, with a wrong cookie': () => visit(`${OWN}/`, wrongCookie()),
  'the login host alone': () => visit(LOGIN),
  'who is signed in': () => ask(`${OWN}/me`),
  'who is signed in, with a wrong cookie': () => ask(`${OWN}/me`, { headers: wrongCookie() }),
  'the client for scripts': () => ask(`${OWN}/client.js`),
  'our signing keys': () => ask(`${OWN}/jwks.json`),
  health: () => ask(`${OWN}/health`),
  'health, ready': () => ask(`${OWN}/health/ready`),
  'a path that is not there': () => visit(`${OWN}/nothing-here`),

  'sign-in at a site': () => visit(`${A}/.gatehouse/login?go=1&to=%2F`),
  'sign-in, the first page': () => visit(`${OWN}/login?to=%2F`),
  'sign-in, on to the identity provider': () => visit(`${OWN}/login?go=1&to=%2F`),
  'sign-in, with an address': () => post(`${OWN}/login`, 'email=zoe%40example.test&to=%2F'),
  'sign-in, for a site': () =>
    visit(`${OWN}/login?go=1&site=${encodeURIComponent(A)}&login=${code()}`),
  'the way back': () => visit(`${OWN}/back`),
  'the way back from a lost login': () => visit(`${OWN}/back?lost=okta`),
  'the page after sign-in in a window': () => visit(`${OWN}/signed-in`),
  'an answer to "sign in as another user?"': () => post(`${OWN}/switch`, 'as=other'),
  'arrival with a wrong code': () => visit(`${A}/.gatehouse/arrive?code=${code()}&login=${code()}`),
  'arrival with a wrong code, posted': () =>
    post(`${A}/.gatehouse/arrive`, `code=${code()}&login=${code()}`),
  'a device, without a proof': () => device(crypto.randomUUID()),
  'a device, with a proof for no session': ({ device: { id, challenge } }) =>
    device(id, proofOf(challenge)),
  'a device that registers with a wrong challenge': () =>
    ask(`${A}/.gatehouse/device/register`, { method: 'POST', headers: proofOf(code()) }),
  'a test of a connection, the page': () => visit(`${OWN}/test-sign-in?code=${code()}`),
  'a test of a connection, with a wrong code': () => post(`${OWN}/test-sign-in`, `code=${code()}`),

  'an answer of an IdP that is garbage': () => post(ACS, 'SAMLResponse=garbage'),
  'an answer to no connection': () => post(`${OWN}/saml/none/acs`, 'SAMLResponse=garbage'),
  'an answer to a login, garbage': ({ begun }) => answerWith(begun, toPosted('<Response>')),
  'an answer to a login, unsigned': ({ begun, idp }) =>
    answerWith(begun, toPosted(responseXml({ ...answerTo(begun), issuer: idp.entityId }))),
  'an answer to a login, signed by another key': async ({ begun, stranger }) =>
    answerWith(begun, await signedResponse(stranger, answerTo(begun))),
  'an answer to a login, used before': ({ begun, used }) => answerWith(begun, used),
  'an answer to a login, encrypted': (known) => encrypted(known, 0),
  'an answer to a login, encrypted, with four wrapped keys': (known) => encrypted(known, 3),
  'an answer, reloaded': () => visit(ACS),
  'our metadata': () => ask(METADATA),

  'sign-out, the page': () => visit(`${OWN}/logout`),
  'sign-out, with a wrong cookie': () => post(`${OWN}/logout`, 'scope=all', wrongCookie()),
  'sign-out, with two hundred wrong cookies': () =>
    post(`${OWN}/logout`, 'scope=all', {
      Cookie: Array.from({ length: 200 }, () => wrongCookie().Cookie).join('; '),
    }),
  'sign-out at the identity provider': () => visit(`${OWN}/logout/idp?ticket=${code()}`),
  'sign-out, what came of it': () => visit(`${OWN}/logout/done`),
  'single logout, garbage': () => visit(`${OWN}/saml/okta/slo?SAMLRequest=garbage`),
  'single logout by Redirect, signed by another key': async ({ stranger }) =>
    visit(`${OWN}/saml/okta/slo?${await signedQuery(stranger, logoutXml(stranger))}`),
  'single logout by POST, signed by another key': async ({ stranger }) =>
    post(`${OWN}/saml/okta/slo`, postedForm(await signedInside(stranger, logoutXml(stranger)))),
  'single logout by SOAP, signed by another key': async ({ stranger }) =>
    ask(`${OWN}/saml/okta/slo/soap`, {
      method: 'POST',
      body: inSoap(await signedInside(stranger, logoutXml(stranger, `${OWN}/saml/okta/slo/soap`))),
    }),

  'SCIM, without a token': () => ask(`${OWN}/scim/okta/v2/Users`),
  'SCIM, with a wrong token': () =>
    ask(`${OWN}/scim/okta/v2/Users`, { headers: bearer(toScimToken(random())) }),
  'SCIM, a large body with a wrong token': () =>
    ask(`${OWN}/scim/okta/v2/Bulk`, {
      method: 'POST',
      body: 'x'.repeat(1_000_000),
      headers: bearer(toScimToken(random())),
    }),
  'SCIM, its descriptions': () => ask(`${OWN}/scim/okta/v2/Schemas`),
  'SCIM, no directory': () => ask(`${OWN}/scim`),
  'the API, without a token': () => ask(`${OWN}/api/v1/users`),
  'the API, with a wrong token': () =>
    ask(`${OWN}/api/v1/users`, { headers: bearer(toAdminToken(random())) }),
  'the API, its document': () => ask(`${OWN}/api/v1/openapi.json`),
  'a revocation, without a token': () => ask(`${OWN}/revocation/okta`, { method: 'POST' }),
  'a revocation, with a token that nobody signed': ({ idp }) =>
    ask(`${OWN}/revocation/okta`, {
      method: 'POST',
      body: '{}',
      headers: bearer(
        jwt({ alg: 'RS256', typ: 'global-token-revocation+jwt' }, { iss: idp.entityId }),
      ),
    }),
  'a signal to no stream': () =>
    ask(`${OWN}/signals/none`, {
      method: 'POST',
      body: jwt({ alg: 'RS256', typ: 'secevent+jwt' }, { iss: 'https://nobody.example' }),
      headers: { 'Content-Type': 'application/secevent+jwt' },
    }),

  'OAuth, what the login host can do': () => ask(WELL_KNOWN),
  'OAuth, what the login host can do, asked by a page': () =>
    ask(WELL_KNOWN, { method: 'OPTIONS' }),
  'OAuth, who gives access to a site': () => ask(`${A}/.well-known/oauth-protected-resource`),
  'OAuth, who gives access to a path': () => ask(`${A}/.well-known/oauth-protected-resource/mcp`),
  'OAuth, who gives access, asked by a page': () =>
    ask(`${A}/.well-known/oauth-protected-resource`, { method: 'OPTIONS' }),
  'OAuth, who gives access to a path, asked by a page': () =>
    ask(`${A}/.well-known/oauth-protected-resource/mcp`, { method: 'OPTIONS' }),
  'OAuth, a person is asked': () => visit(`${OWN}/oauth/authorize?${asking()}`),
  'OAuth, what a person says': () => post(`${OWN}/oauth/authorize`, asking()),
  'OAuth, the page for the code of a device': () =>
    visit(`${OWN}/oauth/device?user_code=WDJB-MJHT`),
  'OAuth, the code of a device, posted': () => post(`${OWN}/oauth/device`, 'user_code=WDJB-MJHT'),
  'OAuth, a token for a wrong code': () =>
    post(
      `${OWN}/oauth/token`,
      `grant_type=authorization_code&code=${code()}&code_verifier=${code()}&client_id=none&redirect_uri=http://127.0.0.1/`,
    ),
  'OAuth, a token for a wrong refresh token': () =>
    post(
      `${OWN}/oauth/token`,
      `grant_type=refresh_token&refresh_token=${toSecretText('gh_rt_', random())}&client_id=none`,
    ),
  'OAuth, a wrong token taken back': () =>
    post(`${OWN}/oauth/revoke`, `token=${toSecretText('gh_rt_', random())}&client_id=none`),
  'OAuth, a device asks': () => post(`${OWN}/oauth/device-authorization`, 'client_id=none'),
  'OAuth, a program registers': () =>
    ask(`${OWN}/oauth/register`, {
      method: 'POST',
      body: JSON.stringify({ client_name: 'x', redirect_uris: ['http://127.0.0.1/cb'] }),
      headers: { 'Content-Type': 'application/json' },
    }),
  'OAuth, asked by a page': () => ask(`${OWN}/oauth/token`, { method: 'OPTIONS' }),
  'OAuth, a revocation asked by a page': () => ask(`${OWN}/oauth/revoke`, { method: 'OPTIONS' }),
  'OAuth, a registration asked by a page': () =>
    ask(`${OWN}/oauth/register`, { method: 'OPTIONS' }),
  'OAuth, a grant taken back with a wrong cookie': () =>
    post(`${OWN}/oauth/grants`, 'grant=x', wrongCookie()),

  'a kept form that is garbage': () =>
    post(`${A}/.gatehouse/form`, `gatehouse-form=${encodeBase64(random(3000))}`),
  'the console': () => visit(`${OWN}/admin`),
  'the console, with a wrong cookie': () => visit(`${OWN}/admin/people`, wrongCookie()),
  'the console, a wrong link': () => visit(`${OWN}/admin/enter?code=${code()}`),
  'the console, a wrong link used': () => post(`${OWN}/admin/enter`, `code=${code()}`),
  'the console, left with a wrong cookie': () =>
    post(`${OWN}/admin/leave`, '', { Cookie: `__Host-gatehouse-admin=${code()}` }),
  'the console, a change': () => post(`${OWN}/admin/do/user-disable`, 'user=x', wrongCookie()),
  'the console, an export': () => visit(`${OWN}/admin/audit/export`, wrongCookie()),
  'the console, an export of a person': () => visit(`${OWN}/admin/people/x/export`, wrongCookie()),
  'the console, its files': () => ask(`${OWN}/assets/console.css`),
  'the console, no file': () => ask(`${OWN}/assets`),
  'a hand-over, a wrong link': () => visit(`${OWN}/hand-over/enter?code=${code()}`),
  'a hand-over, a wrong link used': () => post(`${OWN}/hand-over/enter`, `code=${code()}`),
  'a hand-over, with a wrong cookie': () =>
    visit(`${OWN}/hand-over`, { Cookie: `__Host-gatehouse-handover=${code()}` }),
  'a hand-over, a change': () =>
    post(`${OWN}/hand-over/metadata`, 'x=y', { Cookie: `__Host-gatehouse-handover=${code()}` }),
}

const logoutXml = (idp: TestIdp, destination = `${OWN}/saml/okta/slo`): string =>
  logoutRequest({ idp } as never, { destination })
