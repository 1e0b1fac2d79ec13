/**
 * `/directory/…`: each form makes one change, and a change is sent by SCIM before it counts here.
 */
import { Hono, type Context } from 'hono'
import { csrf } from 'hono/csrf'
import type { Profile } from '../people.ts'
import { connectPage } from './connect-page.ts'
import type { Account, Directory, Group } from './directory.ts'
import { directoryPage, groupPage, groupPath, personPage, personPath } from './directory-pages.ts'
import { DIRECTORY_PATH } from './layout.ts'
import { messagePage, type GuardedSite } from './pages.ts'
import { isDone, type Exchange, type ScimClient } from './scim-client.ts'

export interface DirectoryState {
  readonly directory: Directory
  readonly client: ScimClient
  readonly site: GuardedSite
  readonly revocationSeconds: number
  /** Makes the id of a new person or group. */
  readonly newId: () => string
}

const MAX_LENGTH = 100

export function createDirectoryApp(state: DirectoryState): Hono {
  const { directory, client, site, revocationSeconds, newId } = state
  const app = new Hono()
  // A page of another site cannot change anything here.
  app.use(csrf())

  app.get('/', (c) => listPage(askedFor(c)))

  app.get('/application', () =>
    connectPage({ baseUrl: client.baseUrl(), typed: '', problem: null }),
  )
  app.post('/application', async (c) => {
    const form = await readForm(c)
    // People who were sent have an id at that service, so another one would not know them.
    const baseUrl = client.baseUrl() ?? form.get('baseUrl') ?? ''
    const problem = await client.connectTried({ baseUrl, token: form.get('token') ?? '' })
    return problem === null
      ? c.redirect(DIRECTORY_PATH, 303)
      : connectPage({ baseUrl: client.baseUrl(), typed: baseUrl, problem })
  })

  app.get('/people/new', () => newPersonPage(null, null))
  app.post('/people/new', async (c) => {
    const typed = readProfile(await readForm(c))
    const exchange = await directory.addPerson({ ...typed, id: newId() })
    return isDone(exchange) ? after(c, exchange) : newPersonPage(exchange, typed)
  })

  app.get('/people/:id', (c) => {
    const account = personIn(c)
    return account ? onePersonPage(account, askedFor(c)) : gone()
  })
  app.post('/people/:id', async (c) => {
    const account = personIn(c)
    if (!account) return gone()
    const typed = readProfile(await readForm(c))
    const exchange = await directory.changePerson(account, typed)
    if (!exchange) return c.redirect(personPath(account), 303)
    return isDone(exchange)
      ? after(c, exchange, personPath(account))
      : onePersonPage(account, exchange, typed)
  })
  app.post('/people/:id/active', async (c) => {
    const account = personIn(c)
    if (!account) return gone()
    const form = await readForm(c)
    const exchange = await directory.setActive(account, form.get('active') === 'yes')
    return after(c, exchange, form.get('from') === 'person' ? personPath(account) : DIRECTORY_PATH)
  })
  app.post('/people/:id/remove', async (c) => {
    const account = personIn(c)
    if (!account) return gone()
    const exchange = await directory.removePerson(account)
    return after(c, exchange, isDone(exchange) ? DIRECTORY_PATH : personPath(account))
  })

  app.get('/groups', (c) => c.redirect(DIRECTORY_PATH, 303))
  app.post('/groups', async (c) => {
    const name = readText(await readForm(c), 'name')
    const exchange = await directory.addGroup(name)
    return isDone(exchange) ? after(c, exchange) : listPage(exchange, name)
  })
  app.get('/groups/:id', (c) => {
    const group = groupIn(c)
    return group ? oneGroupPage(group, askedFor(c)) : gone()
  })
  app.post('/groups/:id', async (c) => {
    const group = groupIn(c)
    if (!group) return gone()
    const name = readText(await readForm(c), 'name')
    if (name === group.name) return c.redirect(groupPath(group), 303)
    const exchange = await directory.renameGroup(group, name)
    return isDone(exchange)
      ? after(c, exchange, groupPath(group))
      : oneGroupPage(group, exchange, name)
  })
  app.post('/groups/:id/members', async (c) => {
    const group = groupIn(c)
    const form = await readForm(c)
    const account = directory.findPerson(form.get('person') ?? '')
    if (!group || !account) return gone()
    const exchange =
      form.get('in') === 'yes'
        ? await directory.putIn(group, [account])
        : await directory.takeOut(group, account)
    return after(
      c,
      exchange,
      form.get('from') === 'person' ? personPath(account) : groupPath(group),
    )
  })
  app.post('/groups/:id/remove', async (c) => {
    const group = groupIn(c)
    if (!group) return gone()
    const exchange = await directory.removeGroup(group)
    return after(c, exchange, isDone(exchange) ? DIRECTORY_PATH : groupPath(group))
  })
  return app

  function personIn(c: Context): Account | null {
    return directory.findPerson(c.req.param('id') ?? '')
  }
  function groupIn(c: Context): Group | null {
    return directory.findGroup(c.req.param('id') ?? '')
  }

  /** The change that led to this page, by its number in the address. */
  function askedFor(c: Context): Exchange | null {
    const number = c.req.query('sent')
    return client.latest().find((exchange) => String(exchange.number) === number) ?? null
  }

  /** @param typed the fields of a form that was refused; null: the page was simply opened. */
  function viewOf(latest: Exchange | null, typed: unknown) {
    const status = latest && typed !== null ? statusFor(latest) : 200
    return { status, latest, basePath: client.basePath(), revocationSeconds }
  }

  function listPage(latest: Exchange | null, typed: string | null = null): Promise<Response> {
    return directoryPage({
      ...viewOf(latest, typed),
      site,
      people: directory
        .people()
        .map((account) => ({ account, groups: directory.groupsOf(account) })),
      groups: directory.groups(),
      exchanges: client.latest(),
      typedName: typed ?? '',
    })
  }

  function newPersonPage(latest: Exchange | null, typed: Profile | null): Promise<Response> {
    const view = viewOf(latest, typed)
    return personPage({ ...view, account: null, typed: typed ?? nobody, groups: [] })
  }

  function onePersonPage(
    account: Account,
    latest: Exchange | null,
    typed: Profile | null = null,
  ): Promise<Response> {
    const view = viewOf(latest, typed)
    return personPage({ ...view, account, typed: typed ?? account, groups: directory.groups() })
  }

  function oneGroupPage(
    group: Group,
    latest: Exchange | null,
    typed: string | null = null,
  ): Promise<Response> {
    const view = viewOf(latest, typed)
    return groupPage({ ...view, group, typedName: typed ?? group.name, people: directory.people() })
  }
}

/** Redirects to a page that can be reloaded without making the change again. */
const after = (c: Context, { number }: Exchange, path = DIRECTORY_PATH): Response =>
  c.redirect(`${path}?sent=${number}`, 303)

/** The status of our page if the SCIM service did not do what was asked. */
function statusFor({ status }: Exchange): number {
  if (status === 409) return 409
  return status === 400 ? 422 : 502
}

const gone = (): Promise<Response> =>
  messagePage(404, 'Not here any more', 'There is no such person or group at this provider.')

const nobody: Profile = { userName: '', givenName: '', familyName: '', email: '', job: '' }

const readProfile = (form: URLSearchParams): Profile => ({
  userName: readText(form, 'userName'),
  givenName: readText(form, 'givenName'),
  familyName: readText(form, 'familyName'),
  email: readText(form, 'email'),
  job: readText(form, 'job'),
})

/** One line of text, of characters that XML allows. */
const readText = (form: URLSearchParams, name: string): string =>
  (form.get(name) ?? '')
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '')
    .trim()
    .slice(0, MAX_LENGTH)
    .toWellFormed()

const readForm = async (c: Context): Promise<URLSearchParams> =>
  new URLSearchParams(await c.req.text())
