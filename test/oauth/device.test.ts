/** The device flow, by openid-client. */
import { env } from 'cloudflare:workers'
import * as client from 'openid-client'
import { beforeEach, describe, expect, it } from 'vitest'
import { keepSecret } from '../../tools/stage/evidence.ts'
import { A, at, B, LOGIN, rows } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import { addClient, configOf, createStage, emptyAll, personOf, postTo, press } from './stage.ts'

beforeEach(emptyAll)

const PAGE = `${LOGIN}/.gatehouse/oauth/device`
const on = { device: 'on' as const }

const discovered = async (stage: Stage) => {
  const config = await client.discovery(new URL(LOGIN), 'acme', undefined, client.None(), {
    algorithm: 'oauth2',
    [client.customFetch]: (url, { method, headers, body }) =>
      stage.send(new Request(url, { method, headers, body: body ?? null })),
  })
  return config
}

const ready = async (sites: Parameters<typeof configOf>[1] = {}) => {
  const stage = await createStage(configOf(on, sites))
  await addClient({ id: 'acme', name: 'Acme command line', redirects: [], device: true })
  const config = await discovered(stage)
  const asked = await client.initiateDeviceAuthorization(config, { resource: `${A}/` })
  const poll = (device_code = asked.device_code) =>
    postTo(stage, 'token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: 'acme',
      device_code,
    })
  const zoe = personOf(stage)
  const enter = async (code: string) => (await zoe.post(PAGE, { user_code: code })).text()
  return { stage, config, asked, poll, zoe, enter }
}

describe('a device', () => {
  it('gets tokens when the person has entered its code and allowed it', async () => {
    const { config, asked, zoe, stage } = await ready()
    expect(asked).toMatchObject({ verification_uri: PAGE, expires_in: 600, interval: 5 })
    expect(asked.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    expect(asked.verification_uri_complete).toBeUndefined()
    const entry = await (await zoe.open(PAGE)).text()
    expect(entry).toContain('If somebody sent you the code or this link')
    const spoken = ` ${asked.user_code.toLowerCase().replace('-', ' ')} `
    const page = await (await zoe.post(PAGE, { user_code: spoken })).text()
    for (const text of [
      'Enter a code only if you see it on your own device',
      `<strong>${asked.user_code}</strong>`,
      '24 Nov 2026, 12:00 UTC',
      'an unknown place',
      'Acme command line',
      'a.example.com',
    ]) {
      expect(page).toContain(text)
    }
    expect(await (await press(zoe, page, 'allow')).text()).toContain('The device is connected')
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...asked, interval: 0.01 })
    keepSecret(tokens.access_token, tokens.refresh_token)
    const answer = await stage.send(
      new Request(`${A}/`, { headers: { Authorization: `Bearer ${tokens.access_token}` } }),
    )
    expect(answer.status).toBe(200)
  })

  it('waits, is told to slow down, and hears of a refusal', async () => {
    const { asked, poll, zoe, enter } = await ready()
    expect((await poll()).body['error']).toBe('authorization_pending')
    at(4)
    expect((await poll()).body['error']).toBe('slow_down')
    at(13)
    expect((await poll()).body['error']).toBe('slow_down')
    at(40)
    expect((await poll()).body['error']).toBe('authorization_pending')
    await zoe.open(PAGE)
    await press(zoe, await enter(asked.user_code), 'refuse')
    at(80)
    expect((await poll()).body['error']).toBe('access_denied')
    expect(await enter(asked.user_code)).toContain('No device waits for this code')
  })

  it('gets nothing after ten minutes, by an unknown code, or for another client', async () => {
    const { stage, asked, poll, zoe, enter } = await ready()
    await addClient({ id: 'thief', redirects: [], device: true })
    const stolen = await postTo(stage, 'token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: 'thief',
      device_code: asked.device_code,
    })
    expect(stolen.body['error']).toBe('invalid_grant')
    expect((await poll('gh_dc_x')).body['error']).toBe('invalid_grant')
    at(601)
    expect((await poll()).body['error']).toBe('expired_token')
    await zoe.open(PAGE)
    expect(await enter(asked.user_code)).toContain('No device waits for this code')
  })

  it('gets its tokens once: of eight at the same moment one', async () => {
    const { asked, poll, zoe, enter } = await ready()
    await zoe.open(PAGE)
    await press(zoe, await enter(asked.user_code), 'allow')
    const all = await Promise.all(Array.from({ length: 8 }, () => poll()))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await rows('oauth_grants')).toEqual([])
  })

  it('is for a person whom the site lets in', async () => {
    const routes = [{ path: '/', access: { group: 'staff', connection: 'okta' } }]
    const { asked, zoe } = await ready({ [A]: { routes } })
    await zoe.open(PAGE)
    expect((await zoe.post(PAGE, { user_code: asked.user_code })).status).toBe(403)
  })

  it('is not found by guessing: ten codes of a person within a minute', async () => {
    const { asked, zoe, enter } = await ready()
    await zoe.open(PAGE)
    for (let time = 0; time < 10; time++) {
      expect(await enter('BBBB-BBBB')).toContain('No device waits for this code')
    }
    expect(await enter(asked.user_code)).toContain('Too many codes were wrong')
    at(61)
    expect(await enter(asked.user_code)).toContain('Acme command line')
  })

  it('is not connected by a form of another site', async () => {
    const { stage, asked, zoe } = await ready()
    await zoe.open(PAGE)
    const cookie = [...zoe.at(LOGIN).cookies].map(([name, { value }]) => `${name}=${value}`)
    const [user] = await rows('users')
    const fields = { user_code: asked.user_code, choice: 'allow', user: String(user?.['id']) }
    const headers = { Cookie: cookie.join('; '), Origin: 'https://evil.example.org' }
    const body = new URLSearchParams(fields)
    const answer = await stage.send(new Request(PAGE, { method: 'POST', headers, body }))
    expect([answer.status, await rows('oauth_grants')]).toEqual([400, []])
  })
})

describe('the device flow', () => {
  const ask = (stage: Stage, fields: Readonly<Record<string, string>>, from?: string) =>
    postTo(stage, 'device-authorization', fields, from ? { 'CF-Connecting-IP': from } : {})

  it('is off, and for listed clients that may use it only', async () => {
    await addClient({ id: 'acme', device: true, redirects: [] })
    await addClient({ id: 'reports' })
    const off = await createStage(configOf())
    expect((await ask(off, { client_id: 'acme' })).status).toBe(404)
    const stage = await createStage(
      configOf({ ...on, documents: 'open', registration: 'loopback' }),
    )
    const errors = await Promise.all(
      ['reports', 'https://app.example.org/client.json', 'nobody'].map(
        async (client_id) => (await ask(stage, { client_id })).body['error'],
      ),
    )
    expect(errors).toEqual(['unauthorized_client', 'unauthorized_client', 'invalid_client'])
    const wrong = { client_id: 'acme', resource: 'https://c.example.net/' }
    expect((await ask(stage, wrong)).body['error']).toBe('invalid_target')
    expect((await ask(stage, { ...wrong, scope: 'x' })).body['error']).toBe('invalid_scope')
  })

  it('lets a network ask for twenty codes, and everybody for a thousand', async () => {
    await addClient({ id: 'acme', device: true, redirects: [] })
    const stage = await createStage(configOf(on))
    const fields = { client_id: 'acme', resource: `${B}/` }
    for (let time = 0; time < 20; time++) {
      expect((await ask(stage, fields, '192.0.2.7')).status).toBe(200)
    }
    expect((await ask(stage, fields, '192.0.2.9')).status).toBe(429)
    expect((await ask(stage, fields, '198.51.100.1')).status).toBe(200)
    await env.DB.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO oauth_devices (code_hash, user_code_hash, client, site, network, asked_at, expires_at, wait_seconds) SELECT i, i, 'acme', 'x', i, 0, 9e15, 5 FROM n`,
    )
    expect((await ask(stage, fields, '203.0.113.1')).status).toBe(429)
  })
})
