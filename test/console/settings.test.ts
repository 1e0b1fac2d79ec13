/** Settings of the console: roles, webhooks, links. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { rows } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import { auditor, CONSOLE, createConsole, operator, owner, press, textOf } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  await env.DB.exec('DELETE FROM webhooks; DELETE FROM admin_tokens')
  stage = await createConsole()
})

const back = '/settings'
const hook = {
  back,
  url: 'https://siem.example.com/in?key=s3cret',
  kinds: 'refusals',
  format: 'json',
}

describe('settings', () => {
  it('say who has which role', async () => {
    const page = textOf(await (await auditor(stage).open(`${CONSOLE}/settings`)).text())
    expect(page).toContain('owner email olga@example.test of connection okta everything')
    expect(page).toContain('auditor group audit of connection okta see everything')
  })

  it('show no button to people who may not press it', async () => {
    for (const person of [auditor(stage), operator(stage)]) {
      const page = await (await person.open(`${CONSOLE}/settings`)).text()
      expect(page).toContain('No webhook yet')
      expect(page).not.toContain('/do/')
      expect((await press(person, 'webhook add', hook)).status).toBe(403)
    }
    expect(await rows('webhooks')).toEqual([])
  })

  it('make a webhook: its secret is shown once, and the rest of its URL to nobody', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    const made = await (await press(olga, 'webhook add', hook)).text()
    const secret = /whsec_[A-Za-z0-9+/=]+/.exec(made)?.[0] ?? 'none'
    expect(made).toContain('It is shown only now')
    const later = await (await olga.open(`${CONSOLE}/settings`)).text()
    expect(later).toContain('https://siem.example.com/…')
    for (const text of [later, JSON.stringify([await rows('audit'), await rows('webhooks')])]) {
      expect(text).not.toContain(secret)
    }
    expect(later).not.toContain('s3cret')
    expect(textOf(later)).toContain('json Good 0')
  })

  it('refuse a URL that leads into a network of ours, and keep what was typed', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    const url = 'https://192.168.0.1/"><script>alert(1)</script>'
    const refused = await press(olga, 'webhook add', { ...hook, url, format: 'slack' })
    const page = await refused.text()
    expect(refused.status).toBe(422)
    expect(page).toContain('value="https://192.168.0.1/&quot;&gt;&lt;script&gt;')
    expect(page).toContain('<option value="slack" selected="">')
    expect(page).toMatch(/class="fault" id="field-url-fault">URL /)
    expect(page).toContain('aria-describedby="field-url-hint field-url-fault"')
  })

  it('make a token for the API, which works there until it is revoked', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    const at = '/settings/tokens'
    const fields = { back: at, label: '<nightly>', scopes: 'read' }
    expect((await press(olga, 'admin token create', { back: at, label: 'x' })).status).toBe(422)
    const made = await (await press(olga, 'admin token create', fields)).text()
    const token = /gatehouse_admin_\w[\w-]+/.exec(made)?.[0] ?? 'none'
    const ask = async () => {
      const headers = { Authorization: `Bearer ${token}` }
      const url = 'https://login.example.com/.gatehouse/api/v1/overview'
      return (await stage.send(new Request(url, { headers }))).status
    }
    expect(await ask()).toBe(200)
    const page = await (await olga.open(CONSOLE + at)).text()
    expect(page).not.toContain(token)
    expect(page).toContain('&lt;nightly&gt;')
    const id = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? ''
    await press(olga, 'admin token revoke', { back: at, token: id })
    expect(await ask()).toBe(401)
    for (const person of [auditor(stage), operator(stage)]) {
      expect((await person.open(CONSOLE + at)).status).toBe(403)
    }
  })

  it('have a page for each webhook, with what may be done, and none for one that is gone', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    await press(olga, 'webhook add', hook)
    const [row] = await rows('webhooks')
    const id = String(row?.['id'])
    const at = `/settings/webhooks/${id}`
    const page = await (await olga.open(CONSOLE + at)).text()
    for (const label of ['Send a test message', 'Switch off', 'Make a new secret', 'Remove']) {
      expect(page).toContain(`>${label}</button>`)
    }
    const off = await (
      await press(olga, 'webhook update', { back: at, webhook: id, off: '1' })
    ).text()
    expect(off).toContain('>Switch on</button>')
    await press(olga, 'webhook remove', { back: at, next: back, webhook: id })
    expect(olga.seen.at(-1)).toBe(`${CONSOLE}/settings`)
    const gone = await olga.open(CONSOLE + at)
    expect([gone.status, (await gone.text()).includes('There is no such webhook')]).toEqual([
      404,
      true,
    ])
  })
})
