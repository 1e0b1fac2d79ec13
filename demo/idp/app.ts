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
import { createIdpKey } from './key.ts'
import { DIRECTORY_PATH } from './layout.ts'
import { logOut, type IdpSession, type LogoutState, type LogoutStep } from './logout.ts'
import {
  answerPage,
  appsPage,
  messagePage,
  nameOfSite,
  onwardPage,
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
  SLO_PATH,
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
    const state = { url, site, key, applications, directory, sessions: new Map(), logouts: {} }
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

/** The person that a browser is signed in as at this provider. */
interface Known {
  readonly account: Account
  readonly session: IdpSession
}

interface IdpState extends LogoutState {
  readonly site: GuardedSite
  readonly directory: Directory
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
    const { account, session } = known
    session.applications.add(entityId)
    const answered = { entityId, acsUrl, inResponseTo: null, sessionIndex: session.index }
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

  app.post('/sign-out-everywhere', csrf(), async (c) => {
    const known = knownIn(c)
    return known ? toPage(await logOut({}, known.session, state)) : c.redirect('/', 303)
  })

  // A browser sends the cookie along, but the message alone says which session it means.
  app.get(SLO_PATH, async (c) => {
    const query = c.req.query()
    if (query['SAMLRequest'] === undefined && query['SAMLResponse'] === undefined) {
      return unknownRequest()
    }
    const step = await logOut(query, null, state)
    return step.kind === 'onward' ? c.redirect(step.url, 303) : toPage(step)
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
    return account ? { account, session } : null
  }

  function openSession(c: Context, account: Account): Known {
    const token = crypto.randomUUID()
    const index = `_${crypto.randomUUID()}`
    const session = { personId: account.id, index, applications: new Set<string>() }
    sessions.delete(getCookie(c, COOKIE) ?? '')
    sessions.set(token, session)
    setCookie(c, COOKIE, token, { httpOnly: true, sameSite: 'Lax' })
    return { account, session }
  }

  async function answer(
    { account, session }: Known,
    request: AuthnRequest,
    relayState: string,
  ): Promise<Response> {
    const { acsUrl } = request
    session.applications.add(request.issuer)
    const subject = toSubject(account)
    const samlResponse = await signedResponse(url + METADATA_PATH, key, subject, {
      entityId: request.issuer,
      acsUrl,
      inResponseTo: request.id,
      sessionIndex: session.index,
    })
    const fields = { SAMLResponse: samlResponse, RelayState: relayState }
    return answerPage(account, nameOfApplication(request), acsUrl, fields)
  }
}

/** A page, because the policy of the page with the form forbids it to lead to other sites. */
function toPage(step: LogoutStep): Promise<Response> {
  if (step.kind === 'onward') return onwardPage(step.url)
  return step.kind === 'ended'
    ? messagePage(200, 'You are signed out', 'Here, and at the applications that you had opened.')
    : messagePage(
        400,
        'Nobody was signed out',
        'No application that this provider knows signed this message.',
      )
}

const readForm = async (c: Context): Promise<URLSearchParams> =>
  new URLSearchParams(await c.req.text())

const unknownRequest = (): Promise<Response> =>
  messagePage(400, 'Who is asking?', 'No application that this provider knows sent you here.')
