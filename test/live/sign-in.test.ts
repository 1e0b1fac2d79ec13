import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BEHIND, openGate, type Gate } from './gate.ts'
import { bob, people, zoe } from './people.ts'
import {
  answersIn,
  connect,
  expectNoLeaks,
  formatDemanders,
  lastTold,
  products,
  readAnswer,
  seen,
  signings,
  wasSentTo,
  type Connected,
} from './stage.ts'
import { everyPlace, xmlsecVerdict } from './xmlsec.ts'

let gate: Gate
beforeAll(async () => {
  gate = await openGate()
})
afterAll(() => gate.close())

/** A line of the log may come a little after the answer. */
const soon = <T>(read: () => T) => expect.poll(read)
const lastLine = () => soon(() => gate.audit().at(-1))

/** As docs/origin.md says. */
const groupsHeader = {
  zoe: 'admins,dev & ops,<script>,S%C3%B8n %E6%9D%8E,a%2C b,100 %25,]]>',
  bob: 'users',
}

describe.each(products)('%s', (product) => {
  describe.each(signings)('signing: %s', (signs) => {
    let connected: Connected
    beforeAll(async () => {
      connected = await connect(gate, product, { signs })
    })
    afterAll(() => connected.disconnect())

    it.each(people)(
      'takes $uid to the page asked for and tells the site who that is',
      async (person) => {
        const browser = gate.browser()
        const path = `/wiki/page?of=${person.uid}&a=%26+%C3%B8&a=2`
        const trip = await browser.visit(gate.url + path, person)
        expect(seen(trip.page)).toEqual({ url: gate.url + path, status: 200, title: BEHIND })
        expect(wasSentTo(trip, connected.idp.ssoUrl)).toBe(true)
        const [answer, ...more] = answersIn(trip).map(readAnswer)
        expect([answer?.signs, more]).toEqual([signs, []])
        for (const place of signs === 'both' ? everyPlace : [signs]) {
          const { certificateFile } = connected.idp
          expect(await xmlsecVerdict(answer?.xml ?? '', place, certificateFile)).toBe('holds')
        }

        const told = await lastTold(gate)
        const { uid, mail, cn, groups } = person
        expect(told).toEqual({
          url: path,
          userId: told.claims.sub,
          userName: uid,
          email: mail,
          groups: person === zoe ? groupsHeader.zoe : groupsHeader.bob,
          claims: expect.objectContaining({
            email: mail,
            name: cn,
            preferred_username: uid,
            groups,
            connection: connected.id,
          }),
        })
        expect(told.groups.split(',').map(decodeURIComponent)).toEqual(groups)

        // Signed in: the next page is there at once.
        expect(seen(await browser.go(`${gate.url}/other`)).title).toBe(BEHIND)
        await lastLine().toMatchObject({ audit: 'login', user: told.userId })
      },
    )

    // What follows does not depend on what is signed.
    if (signs !== 'both') return

    it('is asked by HTTP-POST where the connection says so', async () => {
      const page = `${gate.url}/wiki?by=a+form`
      const shown = await gate.command([
        'connection',
        'update',
        connected.id,
        '--sso-binding',
        'post',
      ])
      expect(shown).toMatchObject({ connection: { ssoBinding: 'post' } })

      const trip = await gate.browser().visit(page, bob)
      expect(seen(trip.page)).toEqual({ url: page, status: 200, title: BEHIND })
      const [asked] = trip.forms
      expect(asked?.url).toBe(connected.idp.ssoUrl)
      expect(Object.keys(asked?.fields ?? {})).toEqual(['SAMLRequest', 'RelayState'])
      expect(wasSentTo(trip, connected.idp.ssoUrl)).toBe(false)
      await gate.command(['connection', 'update', connected.id, '--sso-binding', 'redirect'])
    })

    if (formatDemanders.includes(product)) {
      it('gives a transient NameID to a request that names no format, which is refused', async () => {
        const { id } = connected
        await gate.command(['connection', 'update', id, '--name-id-format', 'none'])
        const trip = await gate.browser().visit(`${gate.url}/wiki`, bob)
        expect(trip.page.status).toBe(403)
        expect(answersIn(trip).map((each) => readAnswer(each).xml)).toEqual([
          expect.stringContaining('nameid-format:transient'),
        ])
        await soon(() => gate.audit().at(-1)).toMatchObject({ reason: 'transient-subject' })
        await gate.command(['connection', 'update', id, '--name-id-format', 'persistent'])
      })
    }

    it('starts at its own dashboard: that answer signs nobody in, the one to a fresh request does', async () => {
      const page = `${gate.url}/wiki/tile?x=1&y=2`
      const before = gate.audit().length
      const trip = await gate.browser().visit(connected.idp.tile(page), zoe)
      expect(seen(trip.page)).toEqual({ url: page, status: 200, title: BEHIND })
      const [unasked, asked, ...more] = answersIn(trip)
      if (!unasked || !asked) throw new Error(`not two answers:\n${trip.steps.join('\n')}`)
      expect(more).toEqual([])
      expect(unasked.fields['RelayState']).toBe(page)
      expect(readAnswer(unasked).inResponseTo).toBe(null)
      expect(readAnswer(asked).inResponseTo).toMatch(/^_/)
      expect(await lastTold(gate)).toMatchObject({ url: '/wiki/tile?x=1&y=2', email: zoe.mail })
      await soon(() => gate.audit().slice(before)).toMatchObject([{ audit: 'login' }])
    })

    it('leads back in after signing out, but the old cookies do not', async () => {
      const browser = gate.browser()
      const page = `${gate.url}/wiki`
      await browser.visit(page, zoe)
      const stolen = browser.copy()
      expect(seen(await stolen.go(page)).title).toBe(BEHIND)

      const logout = `${gate.url}/.gatehouse/logout`
      expect((await browser.go(logout)).text).toContain('<form method="post"')
      const out = await browser.submit(logout, logout, {})
      expect(out.text).toContain('You are signed out')
      await lastLine().toMatchObject({ audit: 'logout' })

      for (const each of [browser, stolen]) {
        const refused = await each.go(page)
        expect(refused.status).toBe(302)
        expect(refused.headers.location).toMatch(/^\/\.gatehouse\/login\?/)
      }
      expect(seen((await browser.visit(page, zoe)).page).title).toBe(BEHIND)
    })
  })
})

it('has said nothing that is secret', expectNoLeaks)
