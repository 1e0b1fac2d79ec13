/** The demo's identity provider: who are you, without a password, and a signed answer. */
import { Hono, type Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { csrf } from 'hono/csrf'
import { people, type Person } from '../people.ts'
import { listen } from '../server.ts'
import { createIdpKey, type IdpKey } from './key.ts'
import { answerPage, appsPage, messagePage, signInPage } from './pages.ts'
import {
  idpMetadata,
  METADATA_PATH,
  readAuthnRequest,
  signedResponse,
  SSO_PATH,
  type AuthnRequest,
} from './saml.ts'

export interface Idp {
  readonly url: string
  /** Lets an application ask who somebody is. */
  register(application: { readonly entityId: string; readonly acsUrl: string }): void
  stop(): Promise<void>
}

/** @param siteUrl of the applications; they stay on it. */
export async function startIdp(port: number, siteUrl: string): Promise<Idp> {
  const key = await createIdpKey()
  const applications = new Map<string, string>()
  const server = await listen(port, (url) => {
    const app = createIdpApp({ url, siteUrl, key, applications, sessions: new Map() })
    return (request) => app.fetch(request)
  })
  return {
    url: server.url,
    register: ({ entityId, acsUrl }) => void applications.set(entityId, acsUrl),
    stop: () => server.stop(),
  }
}

interface IdpSession {
  readonly person: Person
  /** What the answers of this session are known by to applications. */
  readonly index: string
}

interface IdpState {
  readonly url: string
  readonly siteUrl: string
  readonly key: IdpKey
  readonly applications: ReadonlyMap<string, string>
  readonly sessions: Map<string, IdpSession>
}

const COOKIE = 'northwind-id'

function createIdpApp(state: IdpState): Hono {
  const { url, siteUrl, key, applications, sessions } = state
  const app = new Hono()

  app.get(METADATA_PATH, (c) =>
    c.body(idpMetadata(url, key), 200, { 'Content-Type': 'application/samlmetadata+xml' }),
  )

  app.get(SSO_PATH, async (c) => {
    const asked = {
      samlRequest: c.req.query('SAMLRequest') ?? '',
      relayState: c.req.query('RelayState') ?? '',
    }
    const request = await readAuthnRequest(asked.samlRequest, applications)
    if (!request) return unknownRequest()
    const session = sessionOf(c)
    return session && !request.forceAuthn
      ? answer(session, request, asked.relayState)
      : signInPage(people, asked, siteUrl)
  })

  // Asked from another site by POST, a browser keeps our cookie back; a GET brings it.
  app.post(SSO_PATH, async (c) => {
    const form = await readForm(c)
    const asked = new URLSearchParams({
      SAMLRequest: form.get('SAMLRequest') ?? '',
      RelayState: form.get('RelayState') ?? '',
    })
    return c.redirect(`${SSO_PATH}?${asked}`, 303)
  })

  app.get('/', (c) => {
    const session = sessionOf(c)
    return session ? appsPage(session.person, siteUrl) : signInPage(people, null, siteUrl)
  })

  app.post('/sign-in', csrf(), async (c) => {
    const form = await readForm(c)
    const person = people.find(({ id }) => id === form.get('person'))
    if (!person) return c.redirect('/', 303)
    const session = openSession(c, person)
    const samlRequest = form.get('SAMLRequest')
    if (samlRequest === null) return c.redirect('/', 303)
    const request = await readAuthnRequest(samlRequest, applications)
    if (!request) return unknownRequest()
    const response = await answer(session, request, form.get('RelayState') ?? '')
    return c.newResponse(response.body, response)
  })

  // A tile: the answer that nobody asked for.
  app.post('/launch', csrf(), async (c) => {
    const session = sessionOf(c)
    const form = await readForm(c)
    const [application] = applications
    if (!session || !application) return c.redirect('/', 303)
    const [entityId, acsUrl] = application
    const answered = { entityId, acsUrl, inResponseTo: null, sessionIndex: session.index }
    const samlResponse = await signedResponse(url + METADATA_PATH, key, session.person, answered)
    const fields = { SAMLResponse: samlResponse, RelayState: form.get('to') ?? '' }
    return answerPage(session.person, acsUrl, fields)
  })

  app.post('/sign-out', csrf(), (c) => {
    sessions.delete(getCookie(c, COOKIE) ?? '')
    deleteCookie(c, COOKIE)
    return c.redirect('/', 303)
  })

  app.notFound(() => messagePage(404, 'No such page', 'There is nothing at this address.'))
  return app

  function sessionOf(c: Context): IdpSession | null {
    return sessions.get(getCookie(c, COOKIE) ?? '') ?? null
  }

  function openSession(c: Context, person: Person): IdpSession {
    const token = crypto.randomUUID()
    const session = { person, index: `_${crypto.randomUUID()}` }
    sessions.delete(getCookie(c, COOKIE) ?? '')
    sessions.set(token, session)
    setCookie(c, COOKIE, token, { httpOnly: true, sameSite: 'Lax' })
    return session
  }

  async function answer(
    { person, index }: IdpSession,
    request: AuthnRequest,
    relayState: string,
  ): Promise<Response> {
    const acsUrl = applications.get(request.issuer) ?? '' // unreachable: readAuthnRequest looked
    const samlResponse = await signedResponse(url + METADATA_PATH, key, person, {
      entityId: request.issuer,
      acsUrl,
      inResponseTo: request.id,
      sessionIndex: index,
    })
    return answerPage(person, acsUrl, { SAMLResponse: samlResponse, RelayState: relayState })
  }
}

const readForm = async (c: Context): Promise<URLSearchParams> =>
  new URLSearchParams(await c.req.text())

const unknownRequest = (): Promise<Response> =>
  messagePage(400, 'Who is asking?', 'No application that this provider knows sent you here.')
