/**
 * Every page of the console, as `src/console/pages.ts` lists them, on a phone, light and dark: with
 * much to show, and with hostile names in it.
 */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { pages } from '../../src/console/pages.ts'
import { CONSOLE_PATH, HANDOVER_PATH, scimPath } from '../../src/lib/paths.ts'
import { accessibilityFaults } from './accessibility.ts'
import { bringAxe, violationsOf } from './axe.ts'
import { explore, type Explored } from './explore.ts'
import { choosePerson, useStage, type VisitOptions } from './stage.ts'

const MOST_BYTES = 50 * 1024
const PHONE = { width: 375, height: 667 }
/** More than any list shows at a time. */
const MANY = 60
/** Labels that operators choose have one line of visible characters, and 50 of them. */
const label = `<script>alert(1)</script> "O'Neil" & ${'W'.repeat(12)}`
const hostile = `${label} שלום \u202E${'Donaudampfschiff'.repeat(6)}`

const stage = useStage()
let explored: Explored = { found: new Map(), dead: [] }

async function enter(options: VisitOptions = {}): Promise<Page> {
  const { page } = await stage.visit(options)
  await page.setViewportSize(PHONE)
  await page.goto(stage.demo.siteUrl + CONSOLE_PATH)
  await choosePerson(page, 'Grace Hopper')
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  return page
}

/** As the forms of the console do; the page that comes next, as text. */
async function change(
  page: Page,
  operation: string,
  fields: Readonly<Record<string, string>>,
): Promise<string> {
  const url = JSON.stringify(`${CONSOLE_PATH}/do/${operation.replaceAll(' ', '-')}`)
  const [ok, text] = await page.evaluate<[boolean, string]>(
    `fetch(${url}, { method: 'POST', body: new URLSearchParams(${JSON.stringify(fields)}) })
      .then(async (answer) => [answer.ok, await answer.text()])`,
  )
  const [problem] = /<div class="message problem".*?<\/div>/s.exec(text) ?? []
  expect({ operation, ok, problem }).toEqual({ operation, ok: true })
  return text
}

async function provision(token: string): Promise<void> {
  const send = async (path: string, body: unknown): Promise<string> => {
    const answer = await fetch(`${stage.demo.siteUrl}${scimPath('northwind')}${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
      body: JSON.stringify(body),
    })
    expect(answer.status).toBe(201)
    return JSON.parse(await answer.text()).id
  }
  const members: { value: string }[] = []
  for (let i = 0; i < MANY; i++) {
    const value = await send('/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: `${hostile} ${i}`,
      displayName: `${hostile} ${i}`,
      emails: [{ value: `${'person'.repeat(9)}.${i}@northwind.example`, primary: true }],
    })
    members.push({ value })
  }
  for (let i = 0; i < MANY; i++) {
    await send('/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: `${hostile} ${i}`,
      members,
    })
  }
}

/** As the gate writes them when the identity provider names another audience. */
async function refuseMany(): Promise<void> {
  const { db } = stage.demo
  const facts = JSON.stringify({ explained: `The assertion is for another audience: ${hostile}` })
  const refusals = Array.from({ length: MANY }, (_, nth) =>
    db
      .prepare(
        `INSERT INTO attempts (pool, nth, id, at, kind, host, connection, reason, person, facts, findings)
         VALUES ('anybody', ?1, ?2, ?3, 'sign-in', 'localhost', 'northwind', 'audience', ?4, ?5, '[]')`,
      )
      .bind(nth + 1_000_000, crypto.randomUUID(), Date.now(), `${hostile} ${nth}`, facts),
  )
  await db.batch(refusals)
}

/** As owners make the tokens, and as people give the access. */
async function addPrograms(): Promise<void> {
  const { db } = stage.demo
  const now = Date.now()
  const owner = await db
    .prepare(`SELECT id FROM users WHERE user_name LIKE '<script>%'`)
    .first<string>('id')
  const paths = JSON.stringify(Array.from({ length: 50 }, (_, i) => `/${'path'.repeat(60)}/${i}`))
  await db.batch(
    Array.from({ length: MANY }, (_, nth) => [
      db
        .prepare(
          `INSERT INTO service_tokens (id, name, description, user_id, sites, paths, made_by, created_at)
           VALUES (?1, ?1, ?2, ?3, ?4, ?5, 'Grace', ?6)`,
        )
        .bind(
          `${'token'.repeat(10)}-${nth}`,
          label,
          owner,
          JSON.stringify(['wiki.example.com', `*.${'site'.repeat(12)}.example`]),
          paths,
          now,
        ),
      db
        .prepare(
          'INSERT INTO service_secrets (hash, token, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)',
        )
        .bind(`hash-${nth}`, `${'token'.repeat(10)}-${nth}`, now, now + 86_400_000),
      db
        .prepare(
          `INSERT INTO oauth_grants (id, user_id, client, client_name, client_kind, site, session,
             since, granted_at, last_used_at, expires_at, code_hash, code_expires_at, redeemed_at)
           VALUES (?1, ?2, ?3, ?4, 'document', 'wiki.example.com', '{}', ?5, ?5, ?5, ?6, ?1, ?5, ?5)`,
        )
        .bind(
          `grant-${nth}`,
          owner,
          `https://agent.example/${'client'.repeat(30)}.json`,
          label,
          now,
          now + 86_400_000,
        ),
    ]).flat(),
  )
}

async function fill(page: Page): Promise<void> {
  const made = await change(page, 'scim token create', {
    connection: 'northwind',
    label,
  })
  await provision(/gatehouse_scim_[\w-]+/.exec(made)?.[0] ?? 'no token')
  await change(page, 'webhook add', { url: `https://hooks.example/${'path'.repeat(30)}` })
  await change(page, 'admin token create', { label, scopes: 'read' })
  await change(page, 'connection handover', { connection: 'northwind', label })
  await change(page, 'connection begin', { id: 'acme-okta', 'display-name': label })
  await change(page, 'client add', {
    name: label,
    redirect: `https://a.example/${'path'.repeat(60)}`,
  })
  await addPrograms()
  await refuseMany()
}

beforeAll(async () => {
  const page = await enter()
  await fill(page)
  explored = await explore(page, stage.demo.siteUrl, 2)
})

it('links lead from the overview to every page, and to no other', () => {
  expect(explored.dead).toEqual([])
  expect([...new Set(explored.found.values())].toSorted()).toEqual(
    pages.map(({ path }) => path).toSorted(),
  )
})

/** Pages without a menu. */
const stops = new Map([
  [`${CONSOLE_PATH}/enter?code=over`, 403],
  [`${CONSOLE_PATH}/nowhere`, 404],
  [HANDOVER_PATH, 403],
])

async function examine(page: Page, address: string) {
  const answer = await page.goto(stage.demo.siteUrl + address)
  const bytes = (await answer?.body())?.byteLength ?? 0
  // What is folded is a part of the page.
  await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true')
  const [width, isFooterBelow] = await page.evaluate<[number, boolean]>(`[
    document.documentElement.scrollWidth,
    document.querySelector('footer').getBoundingClientRect().top >=
      document.querySelector('main').getBoundingClientRect().bottom,
  ]`)
  const status = answer?.status()
  const [axe, ours] = [await violationsOf(page), await accessibilityFaults(page)]
  return { address, status, width, isFooterBelow, isSmall: bytes <= MOST_BYTES, axe, ours }
}

describe.each(['light', 'dark'] as const)('on a phone (%s)', (colorScheme) => {
  it('every page fits, is under 50 KB, and passes axe and our own examination', async () => {
    const page = await enter({ colorScheme, refusals: [403, 404] })
    await bringAxe(page)
    const good = { width: PHONE.width, isFooterBelow: true, isSmall: true, axe: [], ours: [] }
    const wanted = new Map([
      ...[...explored.found.keys()].map((each) => [each, 200] as const),
      ...stops,
    ])
    const found = []
    for (const address of wanted.keys()) found.push(await examine(page, address))
    expect(found).toEqual(Array.from(wanted, ([address, status]) => ({ address, status, ...good })))
  })
})
