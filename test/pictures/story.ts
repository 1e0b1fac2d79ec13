/** What happens in the demo before its pictures are taken: people sign in, and two cannot. */
import { selfSigned, toPem } from '../../tools/signing/certificate.ts'
import type { Page } from 'playwright-core'
import type { Demo } from '../../demo/demo.ts'
import { DIRECTORY_PATH } from '../../demo/idp/layout.ts'
import { CONSOLE_PATH } from '../../src/lib/paths.ts'

export interface Cast {
  readonly demo: Demo
  readonly page: Page
}

export interface Story {
  /** The id of a person to look at. */
  readonly person: string
  /** The number on the page of a visitor that was refused. */
  readonly refused: string
  /** That page. */
  readonly visitor: Cast
}

/** Nobody is called so, as far as we know. */
const staff = [
  ['Mira', 'Castell', 'finance'],
  ['Jonas', 'Feldt', 'engineering'],
  ['Aiko', 'Tanabe', 'engineering'],
  ['Luca', 'Ferrandi', 'support'],
  ['Noor', 'Haddadin', 'support'],
  ['Piotr', 'Zielny', 'engineering'],
  ['Sofia', 'Almeira', 'finance'],
  ['Tomas', 'Vrbicky', 'support'],
] as const
const partners = [
  ['Oona', 'Brandvik', 'harbour'],
  ['Femi', 'Adekola', 'meridian'],
] as const

/** Each newcomer of the demo's identity provider gets the next of these ids. */
const FIRST_ID = 2001

const nameOf = ([given, family]: readonly string[]): string => `${given} ${family}`

export async function playStory({
  demo,
  page,
  newPage,
}: Cast & { readonly newPage: () => Promise<Page> }): Promise<Story> {
  await page.goto(demo.siteUrl + CONSOLE_PATH)
  await page.getByRole('button', { name: 'Grace Hopper' }).click()
  await page.waitForURL(demo.siteUrl + CONSOLE_PATH)
  await hire({ demo, page })
  for (const name of ['Ada Lovelace', ...staff.map(nameOf)]) {
    const visitor = await newPage()
    await visitor.goto(demo.siteUrl)
    await visitor.getByRole('button', { name }).click()
    await visitor.waitForURL(`${demo.siteUrl}/`)
    await visitor.context().close()
  }
  await demo.connect('harbour', { 'display-name': 'Harbour Partners', domain: ['harbour.example'] })
  await demo.connect('meridian', { 'display-name': 'Meridian Group' })
  const signIn = async (connection: string, name: string): Promise<Page> => {
    const visitor = await newPage()
    await visitor.goto(demo.siteUrl)
    await visitor.getByRole('button', { name: connection }).click()
    await visitor.getByRole('button', { name }).click()
    await visitor.waitForURL((url) => url.href.startsWith(demo.siteUrl))
    return visitor
  }
  await (await signIn('Harbour Partners', 'Oona Brandvik')).context().close()
  await (await signIn('Meridian Group', 'Femi Adekola')).context().close()
  const change = changeWith({ demo, page })
  await change('connection update', { id: 'harbour', 'require-encryption': 'on' })
  await change('connection update', {
    id: 'meridian',
    'add-certificate': toPem('CERTIFICATE', await certificateUntil(20)),
    'replace-certificates': 'on',
  })
  await (await signIn('Harbour Partners', 'Oona Brandvik')).context().close()
  const visitor = await signIn('Meridian Group', 'Femi Adekola')
  const refused = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/.exec(await visitor.content())?.[0]
  if (refused === undefined) throw new Error('The page of the visitor has no request number.')
  for (const [i] of partners.entries()) {
    await post(demo.idpUrl, page, `/people/nw-${FIRST_ID + staff.length + i}/remove`, {})
  }
  await change('user disable', { user: 'tomas', connection: 'northwind' })
  await change('connection handover', {
    connection: 'harbour',
    label: 'Oona at Harbour',
    for: '7d',
  })
  await change('admin token create', { label: 'Offboarding', scopes: 'people' })
  await fillTwoWeeks(demo)
  await change('webhook add', { url: 'https://siem.example.com/gatehouse', kinds: 'refusals' })
  return { person: await idOf(demo, 'ada'), refused, visitor: { demo, page: visitor } }
}

/** Connections as they are before anything was entered anywhere, one for each guide. */
export async function beginDrafts(cast: Cast): Promise<void> {
  const names = {
    okta: 'Okta',
    onelogin: 'OneLogin',
    entra: 'Microsoft',
    google: 'Google',
    keycloak: 'Keycloak',
    acme: 'Acme',
  }
  for (const [id, name] of Object.entries(names)) {
    await changeWith(cast)('connection begin', { id, 'display-name': name })
  }
}

/** Through the directory of the demo, which sends each of them by SCIM. */
async function hire({ demo: { idpUrl }, page }: Cast): Promise<void> {
  for (const [givenName, familyName, company] of [...staff, ...partners]) {
    const userName = givenName.toLowerCase()
    const domain = partners.some(([name]) => name === givenName) ? company : 'northwind'
    const email = `${userName}@${domain}.example`
    await post(idpUrl, page, '/people/new', { userName, givenName, familyName, email, job: '' })
  }
  for (const name of ['finance', 'support']) await post(idpUrl, page, '/groups', { name })
  const list = await (await page.request.get(idpUrl + DIRECTORY_PATH)).text()
  for (const [i, [, , group]] of staff.entries()) {
    for (const name of ['everyone', group]) {
      const [, path = ''] = new RegExp(`href="${DIRECTORY_PATH}([^"]+)">${name}<`).exec(list) ?? []
      await post(idpUrl, page, `${path}/members`, { person: `nw-${FIRST_ID + i}`, in: 'yes' })
    }
  }
}

async function post(
  idpUrl: string,
  { request }: Page,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<void> {
  const headers = { Origin: idpUrl }
  const answer = await request.post(idpUrl + DIRECTORY_PATH + path, { form, headers })
  if (!answer.ok()) throw new Error(`${path} answers ${answer.status()}.`)
}

/** As a form of the console asks for it. */
const changeWith =
  ({ demo: { siteUrl }, page }: Cast) =>
  async (operation: string, form: Readonly<Record<string, string>>): Promise<void> => {
    const path = `${CONSOLE_PATH}/do/${operation.replaceAll(' ', '-')}`
    const headers = { Origin: siteUrl }
    const answer = await page.request.post(siteUrl + path, { form, headers, maxRedirects: 0 })
    if (answer.status() !== 303) throw new Error(`${operation} answers ${answer.status()}.`)
    // The message of a change is on the next page: it belongs to no picture.
    await page.goto(siteUrl + CONSOLE_PATH)
  }

async function certificateUntil(days: number): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new Error('no key pair') // unreachable: EC keys come in pairs
  return selfSigned(keys, { notAfter: new Date(Date.now() + days * 86_400_000) })
}

const idOf = async ({ db }: Demo, userName: string): Promise<string> =>
  (await db
    .prepare('SELECT id FROM users WHERE user_name = ?1')
    .bind(userName)
    .first<string>('id')) ?? ''

/**
 * The demo has no past, so its few minutes become a morning, and the two weeks before are made of
 * it, with fewer sign-ins at weekends.
 */
async function fillTwoWeeks({ db }: Demo): Promise<void> {
  await db
    .prepare(
      `UPDATE attempts SET at = at - 660000 * before
       FROM (SELECT id, row_number() OVER (ORDER BY at DESC) - 1 AS before FROM attempts) AS ranked
       WHERE ranked.id = attempts.id AND connection <> ?1`,
    )
    // Its page compares the times of its responses with ours.
    .bind('harbour')
    .run()
  await db
    .prepare(
      `UPDATE users SET last_login_at = latest.at
       FROM (SELECT user_id, max(at) AS at FROM attempts GROUP BY user_id) AS latest
       WHERE latest.user_id = users.id`,
    )
    .run()
  const MONTH = 30 * 86_400_000
  for (const table of ['users', 'scim_users']) {
    await db
      .prepare(`UPDATE ${table} SET created_at = created_at - ?1, updated_at = updated_at - ?1`)
      .bind(MONTH)
      .run()
  }
  await db
    .prepare(
      `WITH days (day) AS (SELECT 1 UNION ALL SELECT day + 1 FROM days WHERE day < 13)
       INSERT INTO audit (share, nth, at, kind, connection, user_id, request_id, dropped, facts)
       SELECT share, -(day * 1000 + row_number() OVER ()),
         at - day * 86400000 - (nth * 37 + day * 53) % 200 * 60000,
         kind, connection, user_id, request_id, dropped, facts
       FROM audit JOIN days
       WHERE kind IN ('login', 'login-refused')
         AND (nth * 7 + day * 5) % 11 > CASE strftime('%w', (at / 1000 - day * 86400), 'unixepoch')
           WHEN '0' THEN 9 WHEN '6' THEN 8 ELSE 2 END`,
    )
    .run()
}
