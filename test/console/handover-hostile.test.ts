/** The session of a hand-over at every other route, and requests of other pages in its name. */
import { beforeEach, describe, expect, it } from 'vitest'
import { operations } from '../../src/admin/operations.ts'
import { pages } from '../../src/console/pages.ts'
import { A, LOGIN, rows, three } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import { createHandOver, DEAD, findRow, HANDED, metadataOf, type HandOverStage } from './handed.ts'
import {
  codeOf,
  CONSOLE,
  createConsole,
  forge,
  makeAdminLink,
  notFromOurPages,
  title,
  visitor,
} from './stage.ts'

let stage: Stage
let makeLink: HandOverStage['makeLink']
let handed: HandOverStage['handed']
beforeEach(async () => {
  ;({ stage, makeLink, handed } = await createHandOver())
})

describe('the session elsewhere', () => {
  it('is nobody at every page of the console', async () => {
    const ada = await handed()
    for (const path of [...pages.map((page) => page.path.replaceAll(/:\w+/g, 'acme')), '/enter']) {
      const answer = await ada.at(LOGIN).go(CONSOLE + path)
      expect([path, [302, 403].includes(answer.status)]).toEqual([path, true])
    }
  })

  it('runs no operation, of the console or of the API', async () => {
    const ada = await handed()
    const before = JSON.stringify([await rows('connections'), await rows('hand_overs')])
    for (const { name, changes } of operations) {
      const slug = name.replaceAll(' ', '-')
      const fields = { id: 'acme', connection: 'acme', label: 'x', user: 'zoe@example.test' }
      const answer = await ada.at(LOGIN).submit(`${CONSOLE}/do/${slug}`, fields)
      expect([name, answer.status]).toEqual([name, changes ? 302 : 404])
      const own = await ada.at(LOGIN).submit(`${HANDED}/${slug}`, fields)
      expect([name, own.status]).toEqual([name, 404])
    }
    for (const path of ['connections', 'connections/acme', 'users', 'audit']) {
      const answer = await ada.at(LOGIN).go(`${LOGIN}/.gatehouse/api/v1/${path}`)
      expect([401, 404]).toContain(answer.status)
    }
    expect(JSON.stringify([await rows('connections'), await rows('hand_overs')])).toBe(before)
  })

  it('is no session of a site, and its cookie is no cookie of the console', async () => {
    const ada = await handed()
    const me = await (await ada.at(LOGIN).go(`${LOGIN}/.gatehouse/me`)).json()
    expect(me).toMatchObject({ signedIn: false })
    const cookie = ada.at(LOGIN).cookies.get('__Host-gatehouse-handover')
    const thief = stage.browser()
    if (cookie) thief.cookies.set('__Host-gatehouse-admin', cookie)
    expect((await thief.go(CONSOLE)).status).toBe(302)
  })

  it('is not begun by a link into the console, nor the other way round', async () => {
    const code = codeOf(await makeAdminLink(stage))
    expect(await title(await visitor(stage).post(`${HANDED}/enter`, { code }))).toEqual(DEAD)
    const own = codeOf(await makeLink())
    const tried = await visitor(stage).post(`${CONSOLE}/enter`, { code: own })
    expect(tried.status).toBe(403)
  })

  it('is at no other host', async () => {
    const link = codeOf(await makeLink())
    for (const path of ['', `/enter?code=${link}`]) {
      expect((await stage.browser().go(`${A}/.gatehouse/hand-over${path}`)).status).toBe(404)
    }
  })

  it('is not there beside a site, whose scripts could use it', async () => {
    const beside = await createConsole({ ...three(), loginHost: A })
    expect((await beside.browser().go(`${A}/.gatehouse/hand-over`)).status).toBe(404)
  })
})

describe('a request of another page', () => {
  it.each(notFromOurPages)('opens no link and changes nothing: %j', async (headers) => {
    const ada = await handed({ scim: '1' })
    const link = await makeLink()
    const fields = { code: codeOf(link), metadata: metadataOf() }
    for (const path of ['enter', 'metadata', 'token', 'done']) {
      const answer = await forge(ada, `${HANDED}/${path}`, { headers, fields })
      expect(await title(answer)).toEqual([403, 'This did not come from the set-up page'])
    }
    expect((await findRow('acme'))?.['idp_entity_id']).toBe('')
    expect(await rows('scim_tokens')).toEqual([])
    expect((await ada.open(HANDED)).status).toBe(200)
    expect((await ada.open(link)).status).toBe(200)
  })

  it('cannot add a second cookie that counts', async () => {
    const ada = await handed()
    const cookie = ada.at(LOGIN).cookies.get('__Host-gatehouse-handover')?.value ?? ''
    const twice = `__Host-gatehouse-handover=${cookie}; __Host-gatehouse-handover=${'A'.repeat(43)}`
    const answer = await stage.send(new Request(HANDED, { headers: { Cookie: twice } }))
    expect(await title(answer)).toEqual(DEAD)
  })

  it('GET changes nothing', async () => {
    const ada = await handed({ scim: '1' })
    for (const path of ['metadata', 'token', 'done']) {
      expect((await ada.at(LOGIN).go(`${HANDED}/${path}`)).status).toBe(404)
    }
    expect((await ada.open(HANDED)).status).toBe(200)
  })
})
