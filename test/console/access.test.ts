/** Who may use the console, and by which requests. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import { admin } from '../../src/admin-entry.ts'
import { parseConfig } from '../../src/config.ts'
import { A, at, LOGIN, rows, three } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import { background } from '../support/background.ts'
import {
  auditor,
  codeOf,
  CONSOLE,
  createConsole,
  enterConsole,
  forge,
  makeAdminLink,
  notFromOurPages,
  operator,
  owner,
  press,
  title,
  visitor,
  withConsole,
} from './stage.ts'

const ORIGIN = { fetch: () => new Response('the page behind') }
let stage: Stage
beforeEach(async () => {
  stage = await createConsole()
})

const faults = (admins: unknown, more: object = {}) => {
  const parsed = parseConfig({ ...three(), admins, ...more })
  return parsed.ok ? [] : parsed.error.map(({ at: where, problem }) => `${where} ${problem}`)
}

describe('admins in the config', () => {
  const team = { group: 'it', connection: 'okta' }

  it('are rules by role, and must say whose word counts', () => {
    expect(faults({ owner: team, operator: { anyOf: [team] }, auditor: team })).toEqual([])
    expect(faults({ owner: { group: 'it' } })).toEqual([
      expect.stringMatching(/^admins\.owner asks for group it, but does not name a connection/),
    ])
    expect(faults({ operator: team })).toEqual([expect.stringMatching(/^admins\.owner/)])
    expect(faults({ owner: 'signed-in' })).toEqual([
      expect.stringContaining('everybody who signs in would have this role'),
    ])
    expect(faults({ owner: { rule: 'none' } })).toEqual([
      expect.stringContaining("admins.owner.rule names no rule of the config's rules"),
    ])
  })

  it('need a host without a site, whose scripts could use the console in their name', () => {
    const beside = { loginHost: A }
    expect(faults({ owner: team }, beside)).toEqual([
      expect.stringMatching(/^admins needs a login host without a site: at https:\/\/a\.example/),
    ])
    expect(faults({ owner: team, besideSite: true }, beside)).toEqual([])
  })

  it('are refused by a Worker that has no console', () => {
    expect(() => createGatehouse(withConsole())).toThrow("from '@gatehouse/worker/admin'")
    expect(() => createGatehouse(withConsole(), { admin })).not.toThrow()
  })
})

describe('the console', () => {
  it('is for people whom a rule of admins admits, each with their role', async () => {
    for (const [person, role] of [
      [owner(stage), 'owner'],
      [operator(stage), 'operator'],
      [auditor(stage), 'auditor'],
    ] as const) {
      const page = await (await person.open(CONSOLE)).text()
      expect(page).toContain('<h1>Overview</h1>')
      expect(page).toContain(`<span class="badge">${role}</span>`)
    }
  })

  it('sends a visitor to sign in, and then to the page that was asked for', async () => {
    const olga = owner(stage)
    await olga.open(`${CONSOLE}?from=mail`)
    expect(olga.timesAtIdp).toBe(1)
    expect(olga.seen.at(-1)).toBe(`${CONSOLE}?from=mail`)
  })

  it('tells a person who is no administrator so, with a next step', async () => {
    const response = await visitor(stage).open(CONSOLE)
    const page = await response.clone().text()
    expect(await title(response)).toEqual([403, 'The console is not open to you'])
    expect(page).toContain('npx gatehouse admin link')
    expect(page).toContain('href="/.gatehouse/"')
  })

  it('is at no other host, and not where the project leaves it out', async () => {
    const zoe = visitor(stage)
    await zoe.open(`${A}/`)
    for (const path of ['', '/enter?code=x', '/do/user-disable']) {
      expect((await zoe.at(A).go(`${A}/.gatehouse/admin${path}`)).status).toBe(404)
    }
    expect((await zoe.at(A).go(`${A}/.gatehouse/assets/console.css`)).status).toBe(404)
    const without = createGatehouse(three())
    expect((await without.fetch(new Request(CONSOLE), { ...env, ORIGIN }, background)).status).toBe(
      404,
    )
  })

  it('loads its own two files and nothing else, is not framed and not kept', async () => {
    const response = await owner(stage).open(CONSOLE)
    const policy = response.headers.get('Content-Security-Policy')
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      'img-src data:',
      `style-src ${LOGIN}/.gatehouse/assets/console.css`,
      `script-src ${LOGIN}/.gatehouse/assets/console.js`,
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ])
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(await response.text()).not.toMatch(/<style|style=|<script(?! src=)|onclick/)
    for (const [file, type] of [
      ['console.css', 'text/css; charset=utf-8'],
      ['console.js', 'text/javascript; charset=utf-8'],
    ]) {
      const found = await stage.browser().go(`${LOGIN}/.gatehouse/assets/${file}`)
      expect([found.status, found.headers.get('Content-Type')]).toEqual([200, type])
    }
    for (const file of ['nothing.css', '..%2Fwrangler.toml', '']) {
      expect((await stage.browser().go(`${LOGIN}/.gatehouse/assets/${file}`)).status).toBe(404)
    }
  })
})

describe('a change', () => {
  const isBarred = async () =>
    (await rows('users')).find((row) => row['user_name'] === 'zoe@example.test')?.['barred'] === 1
  const zoe = { user: 'zoe@example.test' }
  beforeEach(() => visitor(stage).open(`${A}/`))

  it('is made by an operator, told on the next page once, and can be undone there', async () => {
    const otto = operator(stage)
    await otto.open(CONSOLE)
    const done = await (await press(otto, 'user disable', zoe)).text()
    expect(done).toContain('zoe@example.test is disabled: refused everywhere within 15 seconds')
    expect(await isBarred()).toBe(true)
    expect(done).toContain('action="/.gatehouse/admin/do/user-enable"')
    expect(await (await otto.open(CONSOLE)).text()).not.toContain('is disabled')
    const changes = await rows('audit')
    const facts = changes.filter((row) => row['kind'] === 'operator').map((row) => row['facts'])
    expect(facts.map((text) => JSON.parse(String(text)))).toEqual([
      expect.objectContaining({
        actor: 'console',
        operator: 'otto@example.test',
        command: 'user disable',
      }),
    ])
    const undo = /action="\/\.gatehouse\/admin\/do\/user-enable".*?name="user" value="([^"]+)"/s
    await press(otto, 'user enable', { user: undo.exec(done)?.[1] ?? '' })
    expect(await isBarred()).toBe(false)
  })

  it('is refused to an auditor, a stranger and a visitor', async () => {
    const aude = auditor(stage)
    await aude.open(CONSOLE)
    expect(await title(await press(aude, 'user disable', zoe))).toEqual([
      403,
      'Your role does not cover this',
    ])
    const stranger = visitor(stage)
    await stranger.open(CONSOLE)
    expect((await press(stranger, 'user disable', zoe)).status).toBe(403)
    const nobody = stage.browser()
    expect((await nobody.submit(`${CONSOLE}/do/user-disable`, zoe)).status).toBe(302)
    expect(await isBarred()).toBe(false)
  })

  it('is refused to an administrator who has just lost the role or the session', async () => {
    const otto = operator(stage)
    await otto.open(CONSOLE)
    await env.DB.exec(`UPDATE sessions SET revoked_at = 1`)
    const answer = await otto.at(LOGIN).submit(`${CONSOLE}/do/user-disable`, zoe)
    expect(answer.status).toBe(302)
    expect(await isBarred()).toBe(false)
  })

  it.each(notFromOurPages)(
    'is refused where another page may have sent it: %j',
    async (headers) => {
      const otto = operator(stage)
      await otto.open(CONSOLE)
      const answer = await forge(otto, `${CONSOLE}/do/user-disable`, { headers, fields: zoe })
      expect(await title(answer)).toEqual([403, 'This did not come from the console'])
      expect(await isBarred()).toBe(false)
    },
  )

  it('is no page: GET changes nothing, and an operation that only reads is none', async () => {
    const otto = operator(stage)
    await otto.open(CONSOLE)
    expect((await otto.open(`${CONSOLE}/do/user-disable?user=zoe@example.test`)).status).toBe(404)
    expect((await press(otto, 'user list', {})).status).toBe(404)
    expect((await press(otto, 'nothing', {})).status).toBe(404)
    expect(await isBarred()).toBe(false)
  })

  it('shows the form again with what is wrong, and loses nothing', async () => {
    const otto = operator(stage)
    await otto.open(CONSOLE)
    const wrong = await press(otto, 'user disable', { user: 'nobody@example.test' })
    expect(wrong.status).toBe(404)
    expect((await press(otto, 'user disable', {})).status).toBe(422)
  })

  it('by a button alone says why it was not made, on the page with the button', async () => {
    const otto = operator(stage)
    await otto.open(CONSOLE)
    const fields = { connection: 'okta', user: 'nobody@example.test', back: '/people' }
    const answer = await press(otto, 'user disable', fields)
    expect(answer.status).toBe(404)
    const [alert] = /<div class="message problem" role="alert">.*?<\/div>/s.exec(
      await answer.text(),
    ) ?? ['']
    expect(alert).toContain('This was not done.')
    expect(alert).toContain('nobody@example.test')
  })

  it('leads to no other host, whatever the form says', async () => {
    const otto = operator(stage)
    await otto.open(CONSOLE)
    for (const to of [
      '//elsewhere.example',
      '/..//elsewhere.example',
      'https://elsewhere.example',
      '/\\elsewhere',
      '\n/x',
      '@elsewhere.example',
      '.elsewhere.example',
    ]) {
      const fields = { ...zoe, back: to, next: to }
      const answer = await otto.at(LOGIN).submit(`${CONSOLE}/do/user-disable`, fields)
      expect([answer.status, answer.headers.get('Location')], to).toEqual([
        303,
        '/.gatehouse/admin',
      ])
    }
  })

  it('that is dangerous needs a sign-in of the last 15 minutes', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    at(14 * 60)
    expect((await press(olga, 'admin link', {})).status).toBe(200)
    at(16 * 60)
    const late = await press(olga, 'admin link', {})
    expect(await title(late.clone())).toEqual([403, 'Sign in again first'])
    expect(await rows('admin_links')).toHaveLength(1)
    const before = olga.timesAtIdp
    await olga.post(`${LOGIN}/.gatehouse/login`, { to: '/.gatehouse/admin', anew: '' })
    expect(olga.timesAtIdp).toBe(before + 1)
    expect((await press(olga, 'admin link', {})).status).toBe(200)
  })
})

describe('a one-time link', () => {
  const makeLink = () => makeAdminLink(stage)

  it('opens the console once, in the browser that pressed its button, for an hour', async () => {
    const link = await makeLink()
    const first = visitor(stage)
    expect(await title(await first.open(link))).toEqual([200, 'Enter the console'])
    expect(await title(await visitor(stage).open(link))).toEqual([200, 'Enter the console'])
    const inside = await (await enterConsole(first, link)).text()
    expect(inside).toContain('olga@example.test (by link)')
    expect(await title(await enterConsole(visitor(stage), link))).toEqual([
      403,
      'This link no longer works',
    ])
    expect(first.timesAtIdp).toBe(0)
    at(3599)
    expect((await first.open(CONSOLE)).status).toBe(200)
    at(3601)
    expect((await first.at(LOGIN).go(CONSOLE)).status).toBe(302)
  })

  it('works for 15 minutes', async () => {
    const link = await makeLink()
    at(15 * 60 + 1)
    expect(await title(await visitor(stage).open(link))).toEqual([403, 'This link no longer works'])
    expect((await enterConsole(visitor(stage), link)).status).toBe(403)
  })

  it('makes no other link, so nobody who lost the role stays by one after another', async () => {
    const browser = visitor(stage)
    await enterConsole(browser, await makeLink())
    const before = (await rows('admin_links')).length
    const answer = await press(browser, 'admin link', {})
    expect(await title(answer)).toEqual([403, 'A link makes no other link'])
    expect(await rows('admin_links')).toHaveLength(before)
    const settings = await (await browser.open(`${CONSOLE}/settings`)).text()
    expect(settings).not.toContain('/do/admin-link')
  })

  it('makes no token of the API, which would make links for good', async () => {
    const browser = visitor(stage)
    await enterConsole(browser, await makeLink())
    const wanted = { label: 'mine', scopes: 'all' }
    const answer = await press(browser, 'admin token create', wanted)
    expect(await title(answer)).toEqual([403, 'A link makes no token'])
    expect(await rows('admin_tokens')).toEqual([])
    const page = await (await browser.open(`${CONSOLE}/settings/tokens`)).text()
    expect(page).not.toContain('/do/admin-token-create')
  })

  it('is used up by one of two requests at the same time', async () => {
    const code = { code: codeOf(await makeLink()) }
    const both = await Promise.all(
      [visitor(stage), visitor(stage)].map((one) => one.at(LOGIN).submit(`${CONSOLE}/enter`, code)),
    )
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 403])
  })

  it('is not in the store, the audit or a log', async () => {
    const link = await makeLink()
    const kept = JSON.stringify([await rows('admin_links'), await rows('audit'), stage.audit()])
    expect(kept).not.toContain(codeOf(link))
  })

  it('is followed by no other page, and its session ends when it is left', async () => {
    const link = await makeLink()
    const browser = visitor(stage)
    const code = { code: codeOf(link) }
    const forged = await browser.at(LOGIN).submitFromElsewhere(`${CONSOLE}/enter`, code)
    expect(forged.status).toBe(403)
    await enterConsole(browser, link)
    const cookie = browser.at(LOGIN).cookies.get('__Host-gatehouse-admin')
    const left = await browser.post(`${CONSOLE}/leave`, {})
    expect(await title(left)).toEqual([200, 'You have left the console'])
    const thief = stage.browser()
    if (cookie) thief.cookies.set('__Host-gatehouse-admin', cookie)
    expect((await thief.go(CONSOLE)).status).toBe(302)
  })

  it('is removed by cron once it is over', async () => {
    await makeLink()
    at(3600)
    await stage.cron()
    expect(await rows('admin_links')).toEqual([])
  })
})

describe('without its files', () => {
  it('says what wrangler.toml needs', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    const blind = createGatehouse(withConsole(), { admin })
    const cookie = [...olga.at(LOGIN).cookies].map(([name, { value }]) => `${name}=${value}`)
    const request = new Request(CONSOLE, { headers: { Cookie: cookie.join('; ') } })
    const answer = await blind.fetch(request, { ...env, ORIGIN, ASSETS: undefined }, background)
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('run_worker_first = true')
  })
})
