/** Sign-out that a person begins, at the identity provider too (Profiles §4.4.3.1). */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { failsAt, failsToAnswer } from '../support/binding.ts'
import { idOf } from '../../tools/signing/logout.ts'
import { createTestIdp, type TestIdp } from '../../tools/signing/saml-signer.ts'
import { A, at, B, C, LOGIN, Person, rows, three } from '../login/person.ts'
import { createStage, onwardOf, start, stepsOf, type Stage } from '../login/stage.ts'
import {
  byPost,
  byRedirect,
  emptyAll,
  fieldsOn,
  formOf,
  isIn,
  Leaver,
  messageIn,
  OURS,
  redirectOf,
  refused,
  request,
  response,
  SLO,
  stageWith,
} from './stage.ts'

beforeEach(emptyAll)

const sites = [A, B, C]
const LOGOUT = '/.gatehouse/logout'
const DONE = `${LOGIN}${LOGOUT}/done`
const labels = async (answer: Response) =>
  stepsOf(await answer.text()).map(({ label }) => label.trim())

async function signedIn(stage: Stage) {
  const person = new Leaver(stage)
  for (const url of sites) await person.open(`${url}/`)
  return person
}

/** Signs out at the identity provider, and returns the request that it was sent. */
async function leave(person: Leaver, from = A, fields: Readonly<Record<string, string>> = {}) {
  await person.post(from + LOGOUT, { scope: 'idp', ...fields })
  const url = person.carried.at(-1)
  if (!url) throw new Error(`led to ${person.seen.at(-1) ?? 'nothing'}`)
  const xml = await messageIn(url)
  return { url, xml, id: idOf(xml) }
}

const answer = async (
  stage: Stage,
  person: Person,
  id: string,
  codes = ['Success'],
  by?: TestIdp,
) => {
  const xml = response(stage, { inResponseTo: id, codes })
  return person.at(LOGIN).go(await redirectOf(by ?? stage.idp, xml))
}
const doneOf = async (person: Person) => (await person.at(LOGIN).go(DONE)).text()

describe('the page that asks', () => {
  it('offers the identity provider where it takes part, and only to whom is signed in', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    expect(await labels(await zoe.at(A).go(A + LOGOUT))).toEqual([
      'Sign out of all sites',
      'Sign out of a.example.com only',
      'Sign out of all sites and at Okta',
    ])
    expect(await labels(await zoe.at(LOGIN).go(LOGIN + LOGOUT))).toEqual([
      'Sign out',
      'Sign out here and at Okta',
    ])
    expect(await labels(await stage.browser().go(A + LOGOUT))).not.toContain(
      'Sign out of all sites and at Okta',
    )
  })

  it('does not offer it where the connection names no address for it', async () => {
    for (const slo of [null, { redirect: null, post: null, soap: null }]) {
      await emptyAll()
      const zoe = await signedIn(await stageWith({ slo }))
      expect(await labels(await zoe.at(A).go(A + LOGOUT))).toHaveLength(2)
    }
  })
})

describe('sign-out at the identity provider', () => {
  it('ends all sites first, then sends a signed LogoutRequest with NameID and SessionIndex', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const { url, xml } = await leave(zoe)
    expect(url.href.startsWith(`${SLO}?SAMLRequest=`)).toBe(true)
    expect([...url.searchParams.keys()]).toEqual(['SAMLRequest', 'SigAlg', 'Signature'])
    expect(xml).toContain('emailAddress">zoe@example.test</saml:NameID>')
    expect(xml).toContain('<samlp:SessionIndex>_session</samlp:SessionIndex>')
    expect(xml).toContain(`Destination="${SLO}"`)
    expect(xml).toContain(`<saml:Issuer>${LOGIN}/.gatehouse/saml/okta/metadata</saml:Issuer>`)
    expect(await rows('sign_ins')).toMatchObject([{ ended_why: 'signed-out' }])
    at(16)
    expect(await isIn(zoe, sites)).toEqual([false, false, false])
  })

  it('names the person with the qualifiers that the assertion had', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    await env.DB.exec("UPDATE sign_ins SET name_qualifier = 'q', sp_name_qualifier = 's&p'")
    const { xml } = await leave(zoe)
    expect(xml).toContain('NameQualifier="q" SPNameQualifier="s&amp;p"')
  })

  it('says on the way what has ended, and where to look if no answer comes', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const page = await (await zoe.at(A).submit(A + LOGOUT, { scope: 'idp' })).text()
    const onIts = await (await zoe.at(LOGIN).go(onwardOf(page))).text()
    expect(onIts).toContain('You are signed out of all sites in this browser.')
    expect(onIts).toContain('We are taking you to Okta')
    expect(onIts).toContain(`href="${LOGOUT}/done"`)
    expect(await doneOf(zoe)).toContain('Okta has not answered.')
  })

  it('is by a form where the connection has HTTP-POST only', async () => {
    const stage = await stageWith({ slo: byPost })
    const zoe = await signedIn(stage)
    const page = await (await zoe.at(A).submit(A + LOGOUT, { scope: 'idp' })).text()
    const form = await zoe.at(LOGIN).go(onwardOf(page))
    const text = await form.text()
    expect(form.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
    expect(text).toContain(`action="${SLO}"`)
    expect(fieldsOn(text, 'SAMLRequest')).toMatch(/<samlp:LogoutRequest .*<ds:Signature/s)
    const id = idOf(fieldsOn(text, 'SAMLRequest'))
    const fields = await formOf(stage.idp, response(stage, { inResponseTo: id }))
    const done = await zoe.at(LOGIN).submitFromElsewhere(OURS, fields)
    expect([done.status, done.headers.get('Location')]).toEqual([303, `${LOGOUT}/done`])
    expect(await doneOf(zoe)).toContain('You are signed out at Okta too.')
  })

  it.each([
    ['all', ['Success'], 'You are signed out at Okta too.'],
    ['partial', ['Success', 'PartialLogout'], 'but not of every application'],
    ['partial', ['Responder', 'PartialLogout'], 'but not of every application'],
    ['failed', ['Responder'], 'Okta did not sign you out.'],
    ['failed', ['Requester', 'RequestDenied'], 'Okta did not sign you out.'],
  ] as const)('ends as %s, with the status %j', async (status, codes, words) => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const { id } = await leave(zoe)
    const led = await answer(stage, zoe, id, [...codes])
    expect([led.status, led.headers.get('Location')]).toEqual([303, `${LOGOUT}/done`])
    const page = await doneOf(zoe)
    expect(page).toContain(words)
    expect(page).toContain(`href="${A}/"`)
    expect(stage.audit().at(-1)).toMatchObject({ audit: 'idp-logout-answered', status })
  })

  it.each<[string, string, (stage: Stage, id: string) => Promise<string>]>([
    [
      'signed by nobody that the connection knows',
      'signature-mismatch',
      async (stage, id) => redirectOf(await createTestIdp(), response(stage, { inResponseTo: id })),
    ],
    [
      'without a signature',
      'logout-unsigned',
      async (stage, id) =>
        (await redirectOf(stage.idp, response(stage, { inResponseTo: id }))).replace(
          /&SigAlg.*/,
          '',
        ),
    ],
    [
      'to another request',
      'in-response-to',
      async (stage) => redirectOf(stage.idp, response(stage, { inResponseTo: '_another' })),
    ],
    ['to no request', 'in-response-to', async (stage) => redirectOf(stage.idp, response(stage))],
  ])('takes no answer %s, and then the true one', async (_, reason, make) => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const { id } = await leave(zoe)
    const page = await zoe.at(LOGIN).go(await make(stage, id))
    expect(page.status).toBe(403)
    expect(await page.text()).toContain('The answer of Okta could not be verified.')
    expect(refused(stage)).toEqual([reason])
    expect(await doneOf(zoe)).toContain('Okta has not answered.')
    await answer(stage, zoe, id)
    expect(await doneOf(zoe)).toContain('You are signed out at Okta too.')
  })

  it('takes no answer in another browser, or of another connection', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const { id } = await leave(zoe)
    const other = await answer(stage, new Person(stage), id)
    expect([other.status, await other.text()]).toEqual([
      400,
      expect.stringContaining('another browser'),
    ])
    expect(refused(stage)).toEqual(['logout-unknown'])
    expect((await new Person(stage).at(LOGIN).go(DONE)).headers.get('Location')).toBe(LOGOUT)
  })

  it('is over after a quarter of an hour', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const { id } = await leave(zoe)
    at(901)
    expect((await answer(stage, zoe, id)).status).toBe(400)
  })

  it('goes to the login host with a ticket that ends nothing, for a minute, and only there', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const page = await (await zoe.at(A).submit(A + LOGOUT, { scope: 'idp' })).text()
    const ticket = onwardOf(page)
    const again = new Leaver(stage)
    for (const url of sites) await again.open(`${url}/`)
    // A thief has the ticket: the sign-in that it names is over, and no other one ends.
    const thief = new Leaver(stage)
    await thief.open(ticket)
    at(20)
    expect(await isIn(again, sites)).toEqual([true, true, true])
    expect((await stage.send(new Request(ticket.replace(LOGIN, A)))).status).toBe(404)
    const spoilt = await thief.at(LOGIN).go(`${ticket.slice(0, -3)}AAA`)
    expect(spoilt.headers.get('Location')).toBe(`${LOGOUT}/done`)
    at(61)
    const late = await new Leaver(stage).at(LOGIN).go(ticket)
    expect(late.headers.get('Location')).toBe(`${LOGOUT}/done`)
  })

  it('leads nobody to the identity provider by the ticket of somebody else, nor says that they are signed out', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const other = new Leaver(stage, 'other@example.test')
    for (const url of sites) await other.open(`${url}/`)
    const page = await (await other.at(A).submit(A + LOGOUT, { scope: 'idp' })).text()
    const led = await zoe.at(LOGIN).go(onwardOf(page))
    expect([led.status, led.headers.get('Location')]).toEqual([303, LOGOUT])
    expect((await zoe.at(LOGIN).go(DONE)).headers.get('Location')).toBe(LOGOUT)
    expect(await isIn(zoe, sites)).toEqual([true, true, true])
  })

  it('is no longer said to have happened after the person has signed in again', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    await leave(zoe)
    expect(await doneOf(zoe)).toContain('You are signed out here')
    at(30)
    await zoe.open(`${A}/`)
    expect((await zoe.at(LOGIN).go(DONE)).headers.get('Location')).toBe(LOGOUT)
  })

  it('posts nothing to our own host, where the form would sign out whoever is there', async () => {
    const own = { location: LOGIN + LOGOUT, responseLocation: LOGIN + LOGOUT }
    const stage = await stageWith({ slo: { redirect: null, post: own, soap: null } })
    const zoe = await signedIn(stage)
    const asked = request(stage, { nameId: 'somebody@example.test' })
    const fields = await formOf(stage.idp, asked)
    const answered = await zoe.at(LOGIN).submitFromElsewhere(OURS, fields)
    expect(answered.status).toBe(302)
    expect(answered.headers.get('Location')).toMatch(`${LOGIN + LOGOUT}?SAMLResponse=`)
    const led = await zoe.at(LOGIN).submit(LOGIN + LOGOUT, { scope: 'idp' })
    const page = await (await zoe.at(LOGIN).go(led.headers.get('Location') ?? '')).text()
    expect(page).not.toContain('<form')
    expect(onwardOf(page)).toMatch(`${LOGIN + LOGOUT}?SAMLRequest=`)
  })

  it('is said not to happen where the identity provider does not take part', async () => {
    const stage = await stageWith({ slo: null })
    const zoe = await signedIn(stage)
    const page = await (await zoe.post(A + LOGOUT, { scope: 'idp' })).text()
    expect(zoe.carried).toEqual([])
    expect(page).toContain('You may still be signed in with your identity provider.')
    at(16)
    expect(await isIn(zoe, sites)).toEqual([false, false, false])
  })

  it('begins at the login host too', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const { url } = await leave(zoe, LOGIN)
    expect(url.href.startsWith(`${SLO}?SAMLRequest=`)).toBe(true)
    at(16)
    expect(await isIn(zoe, sites)).toEqual([false, false, false])
  })

  it.each([
    ['the login host', LOGIN],
    ['a site', A],
  ])(
    'from %s ends all sites also while D1 cannot say whom to name; a reload asks',
    async (_, from) => {
      const stage = await stageWith()
      const zoe = await signedIn(stage)
      const fails = failsAt(env.DB, /FROM sign_ins WHERE id = \?1 AND ended_at IS NOT NULL/)
      const working = zoe.at(LOGIN)
      const failing = stage.browser({ DB: fails })
      for (const [name, cookie] of working.cookies) failing.cookies.set(name, cookie)
      zoe.jars.set(new URL(LOGIN).host, failing)
      const stopped = await zoe.post(from + LOGOUT, { scope: 'idp' })
      expect([stopped.status, zoe.carried]).toEqual([503, []])
      expect(zoe.at(from).cookies.has('__Host-gatehouse')).toBe(false)
      at(16)
      expect(await isIn(zoe, sites)).toEqual([false, false, false])
      const address = zoe.seen.at(-1) ?? ''
      zoe.jars.set(new URL(LOGIN).host, working)
      working.cookies.delete('__Host-gatehouse')
      await zoe.open(address)
      expect(await messageIn(zoe.carried.at(-1) ?? new URL(SLO))).toContain('zoe@example.test')
    },
  )

  it('is not said to have happened by a second try, where the answer of D1 to the first was lost', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const lost = stage.browser({ DB: failsToAnswer(env.DB, 'batch') })
    for (const [name, cookie] of zoe.at(LOGIN).cookies) lost.cookies.set(name, cookie)
    expect((await lost.submit(LOGIN + LOGOUT, { scope: 'idp' })).status).toBe(503)
    expect(await rows('sign_ins')).toMatchObject([{ ended_why: 'signed-out' }])
    const page = await (await zoe.post(LOGIN + LOGOUT, { scope: 'idp' })).text()
    expect(page).toContain('You may still be signed in with your identity provider.')
    expect(zoe.carried).toEqual([])
  })

  it('is not begun by another site', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    await zoe.at(A).submitFromElsewhere(A + LOGOUT, { scope: 'idp' })
    expect(await isIn(zoe, sites)).toEqual([true, true, true])
  })
})

describe('the address to go on to after sign-out', () => {
  const config = { ...three(), signOut: { returnTo: ['https://www.example.com/bye'] } }
  const BYE = 'https://www.example.com/bye/now?a=1#b'

  it('is one that the config allows, kept to the end', async () => {
    const stage = await stageWith({ slo: byRedirect }, config)
    const zoe = await signedIn(stage)
    const asked = await zoe.at(A).go(`${A}${LOGOUT}?returnTo=${encodeURIComponent(BYE)}`)
    const [step] = stepsOf(await asked.text())
    expect(step?.fields['returnTo']).toBe(BYE)
    const { id } = await leave(zoe, A, { returnTo: BYE })
    await answer(stage, zoe, id)
    const page = await doneOf(zoe)
    expect(onwardOf(page)).toBe(BYE)
    expect(page).toContain('location.replace')
  })

  it('is not gone to by itself where something still holds', async () => {
    const stage = await stageWith({ slo: byRedirect }, config)
    const zoe = await signedIn(stage)
    const { id } = await leave(zoe, A, { returnTo: BYE })
    await answer(stage, zoe, id, ['Success', 'PartialLogout'])
    const page = await doneOf(zoe)
    expect(onwardOf(page)).toBe(BYE)
    expect(page).not.toContain('<script')
  })

  it('is gone to after sign-out of all sites, without the identity provider', async () => {
    const stage = await stageWith({ slo: null }, config)
    const zoe = await signedIn(stage)
    const page = await (await zoe.at(A).submit(A + LOGOUT, { returnTo: BYE })).text()
    expect(onwardOf(page)).toBe(BYE)
  })

  it.each([
    'https://www.example.com/',
    'https://www.example.com/byes',
    'https://www.example.com/bye/../x',
    'https://www.example.com/bye%2f../x',
    'https://www.example.com:8443/bye',
    'http://www.example.com/bye',
    'https://a@www.example.com/bye',
    'https://www.example.com.evil.example/bye',
    '//evil.example/bye',
    String.raw`https:\\evil.example/bye`,
    'javascript:alert(1)//https://www.example.com/bye',
    'blob:https://www.example.com/bye',
    `https://www.example.com/bye?${'x'.repeat(1500)}`,
    '/bye',
    '',
  ])('is not %s', async (returnTo) => {
    const stage = await createStage(config)
    const page = await (await stage.browser().submit(A + LOGOUT, { returnTo })).text()
    expect(onwardOf(page)).toBe('')
  })
})

describe('a visitor without a session', () => {
  it('costs no write, whatever they ask of sign-out', async () => {
    const stage = await stageWith()
    const tables = ['sessions', 'sign_ins', 'taken', 'logout_requests', 'sp_keys', 'transfers']
    const count = async () => Promise.all(tables.map(async (name) => (await rows(name)).length))
    const before = await count()
    const browser = stage.browser()
    await browser.go(LOGIN + LOGOUT)
    await browser.go(`${LOGIN}${LOGOUT}/idp?ticket=x`)
    await browser.go(DONE)
    await browser.submit(LOGIN + LOGOUT, { scope: 'idp' })
    await browser.go(`${OURS}?SAMLRequest=x`)
    await browser.go(`${OURS}?SAMLResponse=x`)
    expect(await count()).toEqual(before)
    expect(start.getTime()).toBe(Date.now())
  })
})
