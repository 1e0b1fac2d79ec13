/** All sign-ins end while people use three sites, at two isolates, and while one signs in. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { admin } from '../../src/admin-entry.ts'
import { createGatehouse } from '../../src/app.ts'
import { slowly } from '../support/binding.ts'
import { fetchSettled } from '../support/worker.ts'
import { A, at, B, C, LOGIN, page, reasons, type Person } from '../login/person.ts'
import { stepsOf, type Stage } from '../login/stage.ts'
import { createConsole, owner, press, see, visitor, withConsole } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createConsole()
})

const sites = [A, B, C]

/** What the two isolates answer to the cookies that the person has at each site. */
async function statusesOf(person: Person, other: ReturnType<typeof createGatehouse>) {
  const ORIGIN = { fetch: () => Promise.resolve(new Response('the page behind')) }
  const statuses = []
  for (const url of sites) {
    const { cookies } = person.at(url)
    const Cookie = [...cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')
    const ask = () => new Request(`${url}/`, { headers: { Cookie }, redirect: 'manual' })
    const { status: here } = await stage.send(ask())
    const { status: there } = await fetchSettled(other, ask(), { ...env, ORIGIN })
    statuses.push(here, there)
  }
  return statuses
}
const all = (status: number) => sites.flatMap(() => [status, status])

const timesAtIdp = ({ seen }: Person): number =>
  seen.filter((url) => new URL(url).host === 'idp.example.test').length

/** The answer is used up and the person read with it, but the sign-in is not stored yet. */
const READ = ['all', /INSERT INTO taken/, LOGIN] as const
/** The sign-in is on its way from the login host to the site. */
const ON_ITS_WAY = ['run', /INSERT INTO transfers/, A] as const

describe.each([
  ['of the person', { user: 'zoe@example.test' }, READ],
  ['of the connection', { connection: 'okta' }, READ],
  ['of everybody', { everybody: 'true' }, READ],
  ['of everybody', { everybody: 'true' }, ON_ITS_WAY],
  ['of the site', { site: new URL(A).host }, ON_ITS_WAY],
] as const)('the end of all sign-ins %s', (_, input, [method, statement, refusing]) => {
  it('is in force at three sites and both isolates, and catches one that is being opened', async () => {
    const other = createGatehouse(withConsole(), { admin })
    const olga = owner(stage)
    await see(olga, '')
    const zoe = visitor(stage)
    for (const url of sites) await zoe.open(`${url}/`)
    expect(await statusesOf(zoe, other)).toEqual(all(200))

    const phone = visitor(stage)
    let isEnded = false
    const end = async () => {
      if (isEnded) return
      isEnded = true
      const done = await press(olga, 'sign-in end', { ...input, yes: 'true' })
      expect(done.status).toBe(200)
    }
    const { host } = new URL(LOGIN)
    phone.jars.set(host, stage.browser({ DB: slowly(env.DB, method, end, statement) }))
    const refused = await phone.open(`${A}/`)

    expect([isEnded, refused.status]).toEqual([true, 403])
    expect(reasons(stage)).toEqual(['ended-meanwhile'])
    expect(await phone.at(A).go(`${A}/`)).toMatchObject({ status: 302 })
    // What was being opened does not count: the next try leads to the identity provider once more.
    const [again] = stepsOf(await refused.text())
    const arrived = await phone.post(refusing + (again?.action ?? ''), again?.fields ?? {})
    expect(timesAtIdp(phone)).toBe(2)
    expect(await page(arrived)).toEqual([200, 'the page behind'])
    at(15)
    expect(await statusesOf(zoe, other)).toEqual(all(401))
    expect((await phone.at(A).go(`${A}/`)).status).toBe(200)
  })
})

it('a person of another connection, or at another site only, stays in', async () => {
  const other = createGatehouse(withConsole(), { admin })
  const olga = owner(stage)
  await see(olga, '')
  const zoe = visitor(stage)
  for (const url of sites) await zoe.open(`${url}/`)
  const yan = visitor(stage)
  yan.nameId = 'yan@example.test'
  await yan.open(`${B}/`)
  await press(olga, 'sign-in end', { site: new URL(A).host, yes: 'true' })
  at(15)
  expect(await statusesOf(zoe, other)).toEqual(all(401))
  expect((await yan.at(B).go(`${B}/`)).status).toBe(200)
  await press(olga, 'sign-in end', { user: 'yan@example.test', yes: 'true' })
  at(30)
  expect((await yan.at(B).go(`${B}/`)).status).toBe(302)
  expect((await see(olga, '')).status).toBe(200)
})
