/** The pages that ask before sign-ins end. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { seedConnection as addConnection } from '../admin/stage.ts'
import { A, at, LOGIN, type Person } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import {
  auditor,
  createConsole,
  hostile,
  operator,
  owner,
  press,
  see,
  textOf,
  title,
  visitor,
} from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createConsole()
})

const events = async () => {
  const { results } = await env.DB.prepare(
    `SELECT connection, json_extract(facts, '$.command') AS command,
       json_extract(facts, '$.of') AS of FROM audit WHERE kind = 'operator'`,
  ).all()
  return results
}

const isIn = async (person: Person) => (await person.at(A).go(`${A}/`)).status === 200

/** The hidden fields of the form that ends sign-ins. */
function fieldsOf(page: string): Record<string, string> {
  const [form = ''] = /do\/sign-in-end.*?<\/form>/s.exec(page) ?? []
  return Object.fromEntries(
    [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )
}

const zoe = 'zoe%40example.test'
const links = [
  ['a person', `/people/${zoe}`, 'user'],
  ['a connection', '/connections/okta', 'connection'],
  ['a site', '/sites', 'site'],
  ['everybody', '', 'everybody'],
] as const

describe.each(links)('the button of %s', (_, page, of) => {
  it('leads to a page that says how many sign-ins end, and ends them', async () => {
    const zoes = visitor(stage)
    await zoes.open(`${A}/`)
    const otto = operator(stage)
    const before = await see(otto, page)
    const href = new RegExp(`href="(/\\.gatehouse/admin/end-sign-ins\\?${of}=[^"]*)"`).exec(
      before.page,
    )?.[1]
    const asks = await see(otto, (href ?? '').slice('/.gatehouse/admin'.length))
    // Otto is at the login host only, and signed in by the same connection.
    const number =
      of === 'user' || of === 'site' ? '1 sign-in of 1 person' : '2 sign-ins of 2 people'
    expect(asks.says).toContain(`${number} would end at every site`)
    expect(await isIn(zoes)).toBe(true)
    const done = await press(otto, 'sign-in end', fieldsOf(asks.page))
    expect(done.status).toBe(200)
    expect(textOf(await done.text())).toContain(`${number} ended`)
    at(20)
    expect(await isIn(zoes)).toBe(false)
    expect(await events()).toEqual([
      { command: 'sign-in end', of, connection: /user|connection/.test(of) ? 'okta' : null },
    ])
  })

  it('is not there for an auditor, and the page behind it is closed', async () => {
    await visitor(stage).open(`${A}/`)
    const aude = auditor(stage)
    expect((await see(aude, page)).page).not.toContain('/end-sign-ins')
    expect((await see(aude, '/end-sign-ins?everybody=true')).status).toBe(403)
    expect((await press(aude, 'sign-in end', { everybody: 'true', yes: 'true' })).status).toBe(403)
    expect(await events()).toEqual([])
  })
})

it('the form needs a sign-in of the last 15 minutes, and leads back to its page', async () => {
  const olga = owner(stage)
  await see(olga, '')
  at(16 * 60)
  const refused = await press(olga, 'sign-in end', {
    everybody: 'true',
    yes: 'true',
    back: '/end-sign-ins?everybody=true',
  })
  expect(await title(refused.clone())).toEqual([403, 'Sign in again first'])
  expect(await refused.text()).toContain('/.gatehouse/admin/end-sign-ins?everybody=true')
  expect(await events()).toEqual([])
})

it('a form without its confirmation shows the number, and ends nothing', async () => {
  const olga = owner(stage)
  await see(olga, '')
  const asked = await press(olga, 'sign-in end', {
    everybody: 'true',
    back: '/end-sign-ins?everybody=true',
  })
  expect(asked.status).toBe(409)
  expect(textOf(await asked.text())).toContain('1 sign-in of 1 person would end')
  expect(await events()).toEqual([])
})

it('whoever ends their own sign-in is told so before, and is out afterwards', async () => {
  const olga = owner(stage)
  const asks = await see(olga, '/end-sign-ins?everybody=true')
  expect(asks.says).toContain('Your own sign-in may be among them')
  await press(olga, 'sign-in end', fieldsOf(asks.page))
  at(20)
  expect((await olga.at(LOGIN).go(`${LOGIN}/.gatehouse/admin`)).status).toBe(302)
})

it.each([
  ['', 'Whose sign-ins? Give a user, a connection, a site, or everybody.'],
  ['?user=nobody', 'Nobody is called "nobody".'],
  ['?connection=none', 'There is no connection "none".'],
  ['?site=none.example.com', 'There is no site "none.example.com".'],
  ['?everybody=true&site=a.example.com', 'one of them'],
  [`?user=${encodeURIComponent(hostile)}`, 'Nobody is called'],
])('%s is 404, and says why', async (query, says) => {
  const found = await see(owner(stage), `/end-sign-ins${query}`)
  expect(found.status).toBe(404)
  expect(found.says).toContain(says)
  expect(found.page).not.toContain('<script>alert')
})

it('a draft of a connection has no button: nobody can have signed in', async () => {
  await addConnection('draft', { ssoUrl: '', idpEntityId: '' })
  const { page } = await see(owner(stage), '/connections/draft')
  expect(page).not.toContain('/end-sign-ins')
})
