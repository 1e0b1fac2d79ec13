/**
 * The demo's identity provider: a person chooses who to be, without a password, and gets a signed
 * answer.
 */
import { Hono, type Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { csrf } from 'hono/csrf'
import { noIcon } from '../page.ts'
import type { people } from '../people.ts'
import { listen } from '../server.ts'
import { createDirectory, type Account, type Directory } from './directory.ts'
import { createDirectoryApp } from './directory-routes.ts'
import { createIdpKey, type IdpKey } from './key.ts'
import { DIRECTORY_PATH } from './layout.ts'
import {
  answerPage,
  appsPage,
  messagePage,
  nameOfSite,
  signInPage,
  type Choice,
  type GuardedSite,
} from './pages.ts'
import { provision } from './provision.ts'
import {
  idpMetadata,
  METADATA_PATH,
  readAuthnRequest,
  signedResponse,
  SSO_PATH,
  type AuthnRequest,
  type Subject,
} from './saml.ts'
import { createScimClient, type ScimTarget } from './scim-client.ts'

export interface Idp {
  readonly url: string
  /** Lets an application send people here to sign in. */
  register(application: { readonly entityId: string; readonly acsUrl: string }): void
  /** Sends these people and their groups to the target, and later every change. */
  provision(target: ScimTarget, seed: typeof people): Promise<void>
  stop(): Promise<void>
}

/** @param revocationSeconds the gate's own setting, which a page mentions. */
export async function startIdp(
  port: number,
  site: GuardedSite,
  revocationSeconds: number,
): Promise<Idp> {
  const key = await createIdpKey()
  const applications = new Map<string, string>()
  const client = createScimClient()
  const directory = createDirectory(client)
  let newcomers = 0
  const newId = () => `nw-${2001 + newcomers++}`
  const server = await listen(port, (url) => {
    const state = { url, site, key, applications, directory, sessions: new Map() }
    const app = createIdpApp(state)
    const pages = { directory, client, site, revocationSeconds, newId }
    app.route(DIRECTORY_PATH, createDirectoryApp(pages))
    return (request) => app.fetch(request)
  })
  return {
    url: server.url,
    register: ({ entityId, acsUrl }) => void applications.set(entityId, acsUrl),
    provision: (target, seed) => {
      client.connect(target)
      return provision(directory, seed)
    },
    stop: () => server.stop(),
  }
}

interface IdpSession {
  readonly personId: string
  /** The SessionIndex in the answers of this session. */
  readonly index: string
}

/** The person that a browser is signed in as at this provider. */
interface Known {
  readonly account: Account
  readonly index: string
}

interface IdpState {
  readonly url: string
  readonly site: GuardedSite
  readonly key: IdpKey
  readonly applications: ReadonlyMap<string, string>
  readonly directory: Directory
  readonly sessions: Map<string, IdpSession>
}

const COOKIE = 'northwind-id'

function createIdpApp(state: IdpState): Hono {
  const { url, site, key, applications, directory, sessions } = state
  const app = new Hono()

  app.get('/favicon.ico', noIcon)
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
    const known = knownIn(c)
    return known && !request.forceAuthn
      ? answer(known, request, asked.relayState)
      : signInPage(directory.people().map(toChoice), asked, nameOfApplication(request), site.url)
  })

  // A browser sends no cookie of ours with a POST from another site, so this redirects to a GET,
  // with which it does.
  app.post(SSO_PATH, async (c) => {
    const form = await readForm(c)
    const asked = new URLSearchParams({
      SAMLRequest: form.get('SAMLRequest') ?? '',
      RelayState: form.get('RelayState') ?? '',
    })
    return c.redirect(`${SSO_PATH}?${asked}`, 303)
  })

  app.get('/', (c) => {
    const known = knownIn(c)
    return known
      ? appsPage(toChoice(known.account), site)
      : signInPage(directory.people().map(toChoice), null, nameOfSite(site), site.url)
  })

  app.post('/sign-in', csrf(), async (c) => {
    const form = await readForm(c)
    const account = directory.findPerson(form.get('person') ?? '')
    if (!account) return c.redirect('/', 303)
    const known = openSession(c, account)
    const samlRequest = form.get('SAMLRequest')
    if (samlRequest === null) return c.redirect('/', 303)
    const request = await readAuthnRequest(samlRequest, applications)
    if (!request) return unknownRequest()
    const response = await answer(known, request, form.get('RelayState') ?? '')
    return c.newResponse(response.body, response)
  })

  // A tile of the portal sends an unsolicited response.
  app.post('/launch', csrf(), async (c) => {
    const known = knownIn(c)
    const form = await readForm(c)
    const [application] = applications
    if (!known || !application) return c.redirect('/', 303)
    const [entityId, acsUrl] = application
    const { account, index } = known
    const answered = { entityId, acsUrl, inResponseTo: null, sessionIndex: index }
    const subject = toSubject(account)
    const samlResponse = await signedResponse(url + METADATA_PATH, key, subject, answered)
    const fields = { SAMLResponse: samlResponse, RelayState: form.get('to') ?? '' }
    return answerPage(account, nameOfSite(site), acsUrl, fields)
  })

  app.post('/sign-out', csrf(), (c) => {
    sessions.delete(getCookie(c, COOKIE) ?? '')
    deleteCookie(c, COOKIE)
    return c.redirect('/', 303)
  })

  app.notFound(() => messagePage(404, 'No such page', 'There is nothing at this address.'))
  return app

  function toSubject(account: Account): Subject {
    return { ...account, groups: directory.groupsOf(account).map(({ name }) => name) }
  }

  function nameOfApplication({ acsUrl }: AuthnRequest): string {
    const { origin, host } = new URL(acsUrl)
    return origin === site.url ? nameOfSite(site) : host
  }

  function toChoice(account: Account): Choice {
    return { account, group: toSubject(account).groups.at(-1) ?? 'no group' }
  }

  /** Also null for a person who has been deleted since. */
  function knownIn(c: Context): Known | null {
    const session = sessions.get(getCookie(c, COOKIE) ?? '')
    const account = session && directory.findPerson(session.personId)
    return account ? { account, index: session.index } : null
  }

  function openSession(c: Context, account: Account): Known {
    const token = crypto.randomUUID()
    const index = `_${crypto.randomUUID()}`
    sessions.delete(getCookie(c, COOKIE) ?? '')
    sessions.set(token, { personId: account.id, index })
    setCookie(c, COOKIE, token, { httpOnly: true, sameSite: 'Lax' })
    return { account, index }
  }

  async function answer(
    { account, index }: Known,
    request: AuthnRequest,
    relayState: string,
  ): Promise<Response> {
    const { acsUrl } = request
    const subject = toSubject(account)
    const samlResponse = await signedResponse(url + METADATA_PATH, key, subject, {
      entityId: request.issuer,
      acsUrl,
      inResponseTo: request.id,
      sessionIndex: index,
    })
    const fields = { SAMLResponse: samlResponse, RelayState: relayState }
    return answerPage(account, nameOfApplication(request), acsUrl, fields)
  }
}

const readForm = async (c: Context): Promise<URLSearchParams> =>
  new URLSearchParams(await c.req.text())

const unknownRequest = (): Promise<Response> =>
  messagePage(400, 'Who is asking?', 'No application that this provider knows sent you here.')
