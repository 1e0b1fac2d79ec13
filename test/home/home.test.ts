/** The home page of a person, at the login host and at each site. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { GatehouseConfig } from '../../src/config.ts'
import { addGroup, addProvisioned } from '../support/directory.ts'
import { missing } from '../support/binding.ts'
import { emptyStores } from '../support/session.ts'
import { A, at, B, C, LOGIN, Person, rows, siteAt, three } from '../login/person.ts'
import { createStage, stepsOf } from '../login/stage.ts'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken; DELETE FROM transfers; DELETE FROM audit')
})

const HOME = '/.gatehouse/'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'

/** Name and address of each site on the page. */
const sitesOn = (page: string) =>
  [...page.matchAll(/<a href="(https:[^"]*)">([^<]*)<\/a>/g)].map(([, url, name]) => [name, url])
const textOf = (page: string) =>
  page
    .replace(/<style.*?<\/style>|<[^>]*>/gs, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll(' ,', ',')
const homeOf = async (zoe: Person, url = LOGIN + HOME) => (await zoe.open(url)).text()

describe('the home page', () => {
  it('is at / of a login host without a site, and at /.gatehouse/ of each host', async () => {
    const zoe = new Person(await createStage(three()))
    for (const url of [`${LOGIN}/`, LOGIN + HOME, A + HOME, C + HOME]) {
      const page = await homeOf(zoe, url)
      expect(zoe.seen.at(-1)).toBe(url)
      expect(page).toContain('<h1>Your sites</h1>')
      expect(textOf(page)).toContain('You are signed in as zoe@example.test')
      expect(sitesOn(page)).toEqual([A, B, C].map((each) => [new URL(each).host, `${each}/`]))
    }
    expect(zoe.timesAtIdp).toBe(1)
    expect((await zoe.at(A).go(`${A}/.gatehouse`)).headers.get('Location')).toBe(HOME)
  })

  it('is for people who are signed in, and leads back after sign-in', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    const answer = await zoe.at(B).go(B + HOME)
    expect([answer.status, answer.headers.get('Location')]).toEqual([
      302,
      '/.gatehouse/login?to=%2F.gatehouse%2F',
    ])
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    await zoe.open(`${A}/`)
    await env.DB.exec(`UPDATE sign_ins SET ended_at = 1, ended_why = 'revoked'`)
    at(15)
    expect((await zoe.at(A).go(A + HOME)).status).toBe(302)
  })

  it('leaves / of a site to the site, and other paths of the login host are not found', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    expect(await (await zoe.open(`${A}/`)).text()).toBe('the page behind')
    await zoe.open(`${LOGIN}/`)
    expect((await zoe.at(LOGIN).go(`${LOGIN}/wiki`)).status).toBe(404)
  })

  it('loads nothing, is not kept, and runs no script', async () => {
    const image = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg"/>')}`
    const zoe = new Person(await createStage(three({ [A]: { icon: image }, [B]: { icon: '📗' } })))
    const answer = await zoe.open(`${LOGIN}/`)
    const policy = answer.headers.get('Content-Security-Policy') ?? ''
    expect(policy).toMatch(
      /^default-src 'none'; img-src data:; style-src 'nonce-[\w-]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    )
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    const page = await answer.text()
    expect(page).toContain(`<img class="icon" src="${image}" alt="" />`)
    expect(page).toContain('<span class="icon" aria-hidden="true">📗</span>')
    expect(page).toContain('<span class="icon" aria-hidden="true">C</span>')
  })

  it('writes names and descriptions of the config as text', async () => {
    const shown = { name: 'R&D <b>wiki</b>', description: 'Plans "and" <i>notes</i>' }
    const page = await homeOf(new Person(await createStage(three({ [A]: shown }))))
    expect(page).toContain('R&amp;D &lt;b&gt;wiki&lt;/b&gt;')
    expect(page).toContain('Plans &quot;and&quot; &lt;i&gt;notes&lt;/i&gt;')
  })
})

describe('the sites that are open to a person', () => {
  const listed = async (fields: Parameters<typeof three>[0], groups: readonly string[] = []) => {
    await emptyStores()
    const stage = await createStage({ ...three(fields), revocationSeconds: 1 })
    const zoe = new Person(stage, 'zoe@example.test', groups)
    return { zoe, stage, sites: sitesOn(await homeOf(zoe)).map(([, url]) => url) }
  }
  const group = (name: string) => ({ group: name, connection: 'okta' })

  it('are those whose rules the gate would find met', async () => {
    const fields = {
      [A]: { routes: [{ path: '/', access: group('staff') }] },
      [B]: { routes: [{ path: '/', access: group('engineering') }] },
    }
    expect((await listed(fields, ['staff'])).sites).toEqual([`${A}/`, `${C}/`])
    expect((await listed(fields)).sites).toEqual([`${C}/`])
  })

  it('lead to the first page that the person may read', async () => {
    const routes = [
      { path: '/', access: group('admins') },
      { path: '/*/board', access: 'signed-in' as const },
      { path: '/team', access: group('staff') },
    ]
    const { sites } = await listed({ [A]: { routes } }, ['staff'])
    expect(sites[0]).toBe(`${A}/team`)
    expect((await listed({ [A]: { routes } }, ['admins', 'staff'])).sites[0]).toBe(`${A}/`)
    // The person may read a page, but nobody knows its name.
    expect((await listed({ [A]: { routes } })).sites[0]).toBe(`${A}/`)
  })

  it('go by what the site protects, not by its public pages', async () => {
    const isPublic = { path: '/', access: 'public' as const }
    const fields = {
      [A]: { routes: [isPublic, { path: '/admin', access: group('admins') }] },
      [B]: { routes: [isPublic] },
    }
    expect((await listed(fields)).sites).toEqual([`${B}/`, `${C}/`])
    expect((await listed(fields, ['admins'])).sites).toEqual([`${A}/`, `${B}/`, `${C}/`])
  })

  it('leave out those that do not take the connection', async () => {
    const { sites } = await listed({
      [A]: { connections: ['entra'] },
      [B]: { connections: ['okta'] },
    })
    expect(sites).toEqual([`${B}/`, `${C}/`])
  })

  it('count one that another sign-in would open', async () => {
    const access = { signedInWithin: '5m' }
    const { sites, zoe } = await listed({ [A]: { routes: [{ path: '/', access }] } })
    expect(sites).toEqual([`${A}/`, `${B}/`, `${C}/`])
    at(3600)
    expect(sitesOn(await homeOf(zoe))).toHaveLength(3)
  })

  it('go by what the request shows: its address and country', async () => {
    const fields = {
      [A]: { routes: [{ path: '/', access: { ip: '192.0.2.0/24' } }] },
      [B]: { routes: [{ path: '/', access: { country: 'DE' } }] },
    }
    const { zoe, stage, sites } = await listed(fields)
    // Not known is not met.
    expect(sites).toEqual([`${C}/`])
    const Cookie = `__Host-gatehouse=${zoe.at(LOGIN).cookies.get('__Host-gatehouse')?.value}`
    const headers = { Cookie, 'CF-Connecting-IP': '192.0.2.7' }
    const request = new Request(LOGIN + HOME, { headers, cf: { country: 'DE' } })
    expect(sitesOn(await (await stage.send(request)).text()).map(([, url]) => url)).toEqual(
      [A, B, C].map((url) => `${url}/`),
    )
  })

  it('go by the groups that the directory has now', async () => {
    const routes = [{ path: '/', access: group('staff') }]
    const zoe = new Person(await createStage(three({ [A]: { routes } })))
    const user = await addProvisioned({ userName: 'zoe@example.test' })
    expect(sitesOn(await homeOf(zoe))).toHaveLength(2)
    await addGroup('staff', [user])
    at(15)
    expect(sitesOn(await homeOf(zoe))).toHaveLength(3)
  })
})

describe('the search', () => {
  const many = (count: number): GatehouseConfig => ({
    loginHost: { url: LOGIN },
    sites: Array.from({ length: count }, (_, i) =>
      siteAt(`https://s${i}.example.com`, {
        name: `Site ${i}`,
        description: i === 3 ? 'Reisekosten für Zürich' : 'Plans',
      }),
    ),
  })
  const found = async (zoe: Person, q: string) =>
    homeOf(zoe, `${LOGIN}/?${new URLSearchParams({ q }).toString()}`)

  it('is there from ten sites on', async () => {
    const nine = await homeOf(new Person(await createStage(many(9))))
    expect(nine).not.toContain('role="search"')
    await emptyStores()
    const ten = await homeOf(new Person(await createStage(many(10))))
    expect(ten).toContain('role="search" action="/.gatehouse/"')
    expect(sitesOn(ten)).toHaveLength(10)
  })

  it('finds by name, description and address, all words, without case and accents', async () => {
    const zoe = new Person(await createStage(many(12)))
    await homeOf(zoe)
    const names = async (q: string) => sitesOn(await found(zoe, q)).map(([name]) => name)
    expect(await names('site 11')).toEqual(['Site 11'])
    expect(await names('ZURICH reise')).toEqual(['Site 3'])
    expect(await names('s7.example.com')).toEqual(['Site 7'])
    expect(await names('   ')).toHaveLength(12)
    const none = await found(zoe, '"><script>')
    expect(sitesOn(none)).toEqual([])
    expect(none).not.toContain('<script')
    expect(textOf(none)).toContain('None of your 12 sites match')
    expect(textOf(await found(zoe, 'zürich'))).toContain('1 of your 12 sites matches “zürich”')
    expect(textOf(await found(zoe, 'x'.repeat(5000)))).not.toContain('x'.repeat(101))
  })
})

describe('where a person is signed in', () => {
  const twice = async () => {
    const stage = await createStage(three({ [A]: { name: 'Wiki' } }))
    const [zoe, phone] = [new Person(stage), new Person(stage)]
    phone.userAgent = firefox
    await zoe.open(`${A}/`)
    at(60)
    await phone.open(`${B}/`)
    at(3660)
    return { stage, zoe, phone }
  }
  const signOutSteps = (page: string) => stepsOf(page).filter(({ fields }) => 'signIn' in fields)

  it('names device, times and sites of each sign-in, and marks the one of this browser', async () => {
    const { zoe } = await twice()
    const text = textOf(await homeOf(zoe, A + HOME))
    expect(text).toContain(
      'Firefox on Linux Since 24 Nov 2026, 12:01 UTC, last seen 1 hour ago At b.example.com',
    )
    expect(text).toContain(
      'Unknown browser This browser Since 24 Nov 2026, 12:00 UTC, last seen now At Wiki',
    )
  })

  it('names no sign-in that is over, idle everywhere, or of another person', async () => {
    const idle = { session: { absoluteSeconds: 8 * 3600, idleSeconds: 600 } }
    const stage = await createStage({
      ...three({ [A]: idle, [B]: idle, [C]: idle }),
      loginHost: { url: LOGIN, ...idle },
    })
    const [zoe, other, away] = [
      new Person(stage),
      new Person(stage, 'mallory@example.test'),
      new Person(stage),
    ]
    away.userAgent = firefox
    for (const each of [zoe, other, away]) await each.open(`${A}/`)
    expect(signOutSteps(await homeOf(zoe))).toHaveLength(2)
    at(500)
    await zoe.open(`${A}/`)
    at(900)
    expect(signOutSteps(await homeOf(zoe))).toHaveLength(1)
  })

  it('can be ended one by one: everything of that browser ends, and it is audited', async () => {
    const { stage, zoe, phone } = await twice()
    const signIn = (await rows('sign_ins')).find(({ device }) => device === 'Firefox on Linux')
    const step = signOutSteps(await homeOf(zoe, A + HOME)).find(
      ({ fields }) => fields['signIn'] === signIn?.['id'],
    )
    const answer = await zoe.at(A).submit(A + (step?.action ?? ''), step?.fields ?? {})
    expect([answer.status, answer.headers.get('Location')]).toEqual([303, HOME])
    const ended = await rows('sign_ins')
    expect(ended.map((row) => [row['device'], row['ended_why']])).toEqual([
      [null, null],
      ['Firefox on Linux', 'signed-out'],
    ])
    expect(signOutSteps(await homeOf(zoe, A + HOME))).toHaveLength(1)
    at(3680)
    for (const url of [B, LOGIN]) expect((await phone.at(url).go(url + HOME)).status).toBe(302)
    expect((await zoe.at(A).go(`${A}/`)).status).toBe(200)
    expect(stage.audit().filter(({ audit }) => audit === 'sign-ins-ended')).toMatchObject([
      { site: 'a.example.com', user: signIn?.['user_id'], signIns: [signIn?.['id']] },
    ])
  })

  it('can be ended in this browser, which is then signed out', async () => {
    const { stage, zoe } = await twice()
    const signIn = (await rows('sign_ins')).find(({ device }) => device === null)
    const answer = await zoe
      .at(A)
      .submit(`${A}/.gatehouse/logout`, { signIn: String(signIn?.['id']) })
    expect(await answer.text()).toContain('You are signed out')
    expect(zoe.at(A).cookies.has('__Host-gatehouse')).toBe(false)
    expect((await rows('sign_ins')).map((row) => row['ended_why'])).toEqual(['signed-out', null])
    expect(stage.audit().at(-1)).toMatchObject({ audit: 'logout' })
  })

  it('can be ended everywhere at once', async () => {
    const { stage, zoe, phone } = await twice()
    const mallory = new Person(stage, 'mallory@example.test')
    await mallory.open(`${A}/`)
    const everywhere = stepsOf(await homeOf(zoe, A + HOME)).find(
      ({ label }) => label === 'Sign out in all browsers',
    )
    expect(everywhere?.fields).toEqual({ scope: 'person' })
    const answer = await zoe.at(A).submit(A + (everywhere?.action ?? ''), everywhere?.fields ?? {})
    expect(await answer.text()).toContain('You are signed out')
    expect((await rows('sign_ins')).map((row) => row['ended_why'])).toEqual([
      'signed-out',
      'signed-out',
      null,
    ])
    at(3680)
    for (const [person, url] of [
      [zoe, LOGIN],
      [phone, B],
      [phone, LOGIN],
    ] as const) {
      expect((await person.at(url).go(url + HOME)).status).toBe(302)
    }
    expect((await mallory.at(A).go(`${A}/`)).status).toBe(200)
    const kinds = stage.audit().map(({ audit }) => audit)
    expect(kinds.slice(-2)).toEqual(['sign-ins-ended', 'logout'])
  })

  describe.each([
    ['where KV misses the session', true],
    ['after the idle limit', false],
  ])('is ended all the same %s', (_, isMissing) => {
    const idle = { absoluteSeconds: 8 * 3600, idleSeconds: 600 }
    const whole = async () => {
      const stage = await createStage({ ...three(), loginHost: { url: LOGIN, session: idle } })
      const [zoe, phone] = [new Person(stage), new Person(stage)]
      phone.userAgent = firefox
      for (const each of [zoe, phone]) await each.open(`${LOGIN}/`)
      at(isMissing ? 300 : 700)
      if (!isMissing) return { zoe: zoe.at(LOGIN), phone }
      const away = missing(env.SESSIONS)
      away.isMissing = true
      const browser = stage.browser({ SESSIONS: away.binding })
      for (const each of zoe.at(LOGIN).cookies) browser.cookies.set(...each)
      return { zoe: browser, phone }
    }
    const ended = async () => (await rows('sign_ins')).map((row) => row['ended_why'])

    it('in all browsers', async () => {
      const { zoe, phone } = await whole()
      const answer = await zoe.submit(`${LOGIN}/.gatehouse/logout`, { scope: 'person' })
      expect(await answer.text()).toContain('You are signed out')
      expect(await ended()).toEqual(['signed-out', 'signed-out'])
      at(800)
      expect((await phone.at(LOGIN).go(`${LOGIN}/`)).status).toBe(302)
    })

    it('in this one, and in another', async () => {
      const { zoe } = await whole()
      const [own, other] = (await rows('sign_ins')).map(({ id }) => String(id))
      const logout = `${LOGIN}/.gatehouse/logout`
      const answer = await zoe.submit(logout, { signIn: other ?? '' })
      expect([answer.status, await ended()]).toEqual([303, [null, 'signed-out']])
      const page = await (await zoe.submit(logout, { signIn: own ?? '' })).text()
      expect(page).toContain('You are signed out')
      expect(zoe.cookies.has('__Host-gatehouse')).toBe(false)
      expect(await ended()).toEqual(['signed-out', 'signed-out'])
    })
  })

  it('ends nothing by sessions of two people, of another host, or that are over', async () => {
    const { stage, zoe } = await twice()
    const mallory = new Person(stage, 'mallory@example.test')
    for (const url of [A, B]) await mallory.open(`${url}/`)
    const cookieOf = (person: Person, url: string) =>
      `__Host-gatehouse=${person.at(url).cookies.get('__Host-gatehouse')?.value ?? ''}`
    const outOfAll = async (Cookie: string) => {
      const headers = { Cookie, Origin: A, 'Sec-Fetch-Site': 'same-origin' }
      const body = new URLSearchParams({ scope: 'person' })
      const logout = new Request(`${A}/.gatehouse/logout`, { method: 'POST', headers, body })
      const { status } = await stage.send(logout)
      return [status, (await rows('sign_ins')).map((row) => row['ended_at'] !== null)]
    }
    const none = [303, [false, false, false]]
    expect(await outOfAll(`${cookieOf(zoe, A)}; ${cookieOf(mallory, A)}`)).toEqual(none)
    expect(await outOfAll(cookieOf(mallory, B))).toEqual(none)
    await env.DB.exec(`UPDATE sessions SET expires_at = opened_at WHERE site = 'a.example.com'`)
    expect(await outOfAll(cookieOf(mallory, A))).toEqual(none)
    await env.DB.exec(`UPDATE sessions SET expires_at = opened_at + 28800000`)
    expect(await outOfAll(cookieOf(mallory, A))).toEqual([200, [false, false, true]])
  })

  it('ends sessions of before there were sign-ins too, where all are ended', async () => {
    const { zoe, phone } = await twice()
    await env.DB.exec(
      `UPDATE sessions SET sign_in = NULL WHERE sign_in = (SELECT id FROM sign_ins WHERE device IS NOT NULL)`,
    )
    await zoe.at(A).submit(`${A}/.gatehouse/logout`, { scope: 'person' })
    const open = (await rows('sessions')).filter(
      (row) => row['sign_in'] === null && row['revoked_at'] === null,
    )
    expect(open).toEqual([])
    expect(phone.at(B).cookies.has('__Host-gatehouse')).toBe(true)
  })

  it('is ended by nobody else: not by another person, another site, or nobody', async () => {
    const { stage, zoe } = await twice()
    const mallory = new Person(stage, 'mallory@example.test')
    await mallory.open(`${A}/`)
    const logout = `${A}/.gatehouse/logout`
    const goOn = async () => (await rows('sign_ins')).filter((row) => row['ended_at'] === null)
    for (const { id } of await rows('sign_ins')) {
      const fields = { signIn: String(id) }
      if (id !== (await rows('sign_ins'))[2]?.['id']) await mallory.at(A).submit(logout, fields)
      await zoe.at(A).submitFromElsewhere(logout, fields)
      await stage.browser().submit(logout, fields)
    }
    await zoe.at(A).submitFromElsewhere(logout, { scope: 'person' })
    await stage.browser().submit(logout, { scope: 'person' })
    for (const signIn of ['', 'x', '%']) await mallory.at(A).submit(logout, { signIn })
    expect(await goOn()).toHaveLength(3)
    expect(stage.audit().filter(({ audit }) => audit === 'sign-ins-ended')).toEqual([])
  })
})

describe('/.gatehouse/me', () => {
  it('says what the origin would be told, and what is open', async () => {
    const stage = await createStage(three({ [B]: { name: 'Board', description: 'Plans' } }))
    const zoe = new Person(stage, 'zoe@example.test', ['staff', 'ops'])
    await zoe.open(`${A}/`)
    at(60)
    await zoe.open(`${B}/`)
    const me = await (await zoe.at(B).go(`${B}/.gatehouse/me`)).json()
    const [signIn] = await rows('sign_ins')
    expect(me).toEqual({
      signedIn: true,
      id: signIn?.['user_id'],
      userName: 'zoe@example.test',
      email: 'zoe@example.test',
      name: null,
      groups: ['staff', 'ops'],
      signedInSince: '2026-11-24T12:00:00.000Z',
      expires: '2026-11-24T20:00:00.000Z',
      sites: [
        { name: 'a.example.com', description: null, url: `${A}/` },
        { name: 'Board', description: 'Plans', url: `${B}/` },
        { name: 'c.example.net', description: null, url: `${C}/` },
      ],
      home: `${LOGIN}/.gatehouse/`,
    })
  })
})
