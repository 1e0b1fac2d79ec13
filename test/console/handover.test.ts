/** Hand-over links: once, in one browser, for a time, until they are ended. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { at, LOGIN, rows, type Person } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import {
  createHandOver,
  DEAD,
  enter,
  findRow,
  give,
  HANDED,
  linkOf,
  metadataOf,
  type HandOverStage,
} from './handed.ts'
import { auditor, codeOf, CONSOLE, press, title, visitor } from './stage.ts'

let stage: Stage
let otto: Person
let makeLink: HandOverStage['makeLink']
let handed: HandOverStage['handed']
beforeEach(async () => {
  ;({ stage, otto, makeLink, handed } = await createHandOver())
})

describe('a hand-over link', () => {
  it('opens the set-up page of its connection once, in one browser, for 24 hours', async () => {
    const link = await makeLink()
    const ada = visitor(stage)
    expect(await title(await ada.open(link))).toEqual([200, 'Set up single sign-on'])
    // A program that looked at it has not used it up.
    expect(await title(await visitor(stage).open(link))).toEqual([200, 'Set up single sign-on'])
    const page = await (await enter(ada, link)).text()
    expect(page).toContain('<h1>Set up Acme &lt;b&gt;</h1>')
    expect(page).toContain('https://login.example.com/.gatehouse/saml/acme/acs')
    expect(await title(await enter(visitor(stage), link))).toEqual(DEAD)
    expect(await title(await visitor(stage).open(link))).toEqual(DEAD)
    expect(ada.timesAtIdp).toBe(0)
    at(24 * 3600 - 1)
    expect((await ada.open(HANDED)).status).toBe(200)
    at(24 * 3600)
    expect(await title(await ada.open(HANDED))).toEqual(DEAD)
    expect(await title(await give(ada, metadataOf()))).toEqual(DEAD)
  })

  it('works until the time that was said, a week by default', async () => {
    for (const bad of ['0d', '31d', '721h', '7', '1w']) {
      const fields = { connection: 'acme', label: 'x', for: bad }
      const answer = await press(otto, 'connection handover', fields)
      expect([answer.status, linkOf(await answer.text())]).toEqual([422, ''])
    }
    const [week, hour] = [await makeLink(), await makeLink({ for: '1h' })]
    at(3600)
    expect(await title(await enter(visitor(stage), hour))).toEqual(DEAD)
    at(7 * 86_400)
    expect(await title(await enter(visitor(stage), week))).toEqual(DEAD)
  })

  it('is not in the store, the audit or a log; its cookie neither', async () => {
    const link = await makeLink()
    const ada = visitor(stage)
    await enter(ada, link)
    const cookie = ada.at(LOGIN).cookies.get('__Host-gatehouse-handover')?.value ?? ''
    expect(cookie).toMatch(/^[\w-]{43}$/)
    const kept = JSON.stringify([await rows('hand_overs'), await rows('audit'), stage.audit()])
    expect(kept).not.toContain(codeOf(link))
    expect(kept).not.toContain(cookie)
  })

  it('is ended by an operator, before it was opened and after', async () => {
    const link = await makeLink()
    const ada = await handed()
    for (const { id } of (await rows('hand_overs')).map((row) => ({ id: String(row['id']) }))) {
      expect((await press(otto, 'handover revoke', { id })).status).toBe(200)
      expect((await press(otto, 'handover revoke', { id })).status).toBe(404)
    }
    expect(await title(await enter(visitor(stage), link))).toEqual(DEAD)
    expect(await title(await ada.open(HANDED))).toEqual(DEAD)
    expect(await title(await give(ada, metadataOf()))).toEqual(DEAD)
    expect((await findRow('acme'))?.['idp_entity_id']).toBe('')
  })

  it('ends with its connection', async () => {
    const ada = await handed()
    await env.DB.exec("DELETE FROM connections WHERE id = 'acme'")
    expect(await title(await ada.open(HANDED))).toEqual(DEAD)
    expect(await rows('hand_overs')).toEqual([])
  })

  it('is made by nobody who may not change connections', async () => {
    const aude = auditor(stage)
    await aude.open(CONSOLE)
    const fields = { connection: 'acme', label: 'x' }
    expect((await press(aude, 'connection handover', fields)).status).toBe(403)
    expect(await rows('hand_overs')).toEqual([])
  })

  it.each(['', ' ', 'x'.repeat(61), 'a\u202eb', 'a\nb'])(
    'has a label of one line: %j',
    async (label) => {
      const answer = await press(otto, 'connection handover', { connection: 'acme', label })
      expect([answer.status, await rows('hand_overs')]).toEqual([422, []])
    },
  )

  it('is removed by cron a month after its end', async () => {
    await makeLink()
    at(7 * 86_400 + 30 * 86_400)
    await stage.cron()
    expect(await rows('hand_overs')).toEqual([])
  })
})
