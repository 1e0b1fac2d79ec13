/** Parts of the Worker that an isolate loads when somebody first asks for them. */
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { admin } from '../../src/admin-entry.ts'
import { createGatehouse } from '../../src/app.ts'
import {
  acsPath,
  API_PREFIX,
  ARRIVE_PATH,
  AUTHORIZE_PATH,
  BACK_PATH,
  CONSOLE_PATH,
  DEVICE_REGISTER_PATH,
  FORM_PATH,
  GRANTS_PATH,
  HEALTH_PATH,
  HOME_PATH,
  JWKS_PATH,
  LOGIN_PATH,
  LOGOUT_PATH,
  ME_PATH,
  metadataPath,
  OWN_PREFIX,
  RESOURCE_METADATA_PATH,
  revocationPath,
  scimPath,
  signalsPath,
  sloPath,
  sloSoapPath,
  SWITCH_PATH,
  TEST_PATH,
} from '../../src/lib/paths.ts'
import { learn, speechOf } from '../../src/lib/words/speech.ts'
import { partOf } from '../../src/own.ts'
import { fetchSettled } from '../support/worker.ts'

const site = 'https://wiki.example.test'
const config = {
  sites: [
    {
      url: site,
      origin: 'https://origin.example.test',
      routes: [{ path: '/', access: 'signed-in' as const }],
    },
  ],
  oauth: {},
}
const html = { headers: { Accept: 'text/html' } }

function silenced() {
  const lines: string[] = []
  vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(String(line)))
  return lines
}
afterEach(() => vi.restoreAllMocks())

describe('a path', () => {
  it.each([
    [LOGIN_PATH, 'login'],
    [acsPath('okta'), 'acs'],
    [metadataPath('okta'), 'acs'],
    [TEST_PATH, 'acs'],
    [ARRIVE_PATH, 'arrive'],
    [SWITCH_PATH, 'arrive'],
    [BACK_PATH, 'login'],
    [sloPath('okta'), 'slo'],
    [sloSoapPath('okta'), 'slo'],
    [`${LOGOUT_PATH}/idp`, 'logout'],
    [HOME_PATH, 'home'],
    [OWN_PREFIX, 'home'],
    ['/', 'home'],
    [ME_PATH, 'home'],
    [FORM_PATH, 'form'],
    [DEVICE_REGISTER_PATH, 'binding'],
    [`${scimPath('okta')}/Users`, 'scim'],
    [signalsPath('stream'), 'signals'],
    [revocationPath('okta'), 'signals'],
    [AUTHORIZE_PATH, 'oauth'],
    [GRANTS_PATH, 'oauth'],
    [`${RESOURCE_METADATA_PATH}/api`, 'oauth'],
    [`${CONSOLE_PATH}/people`, 'admin'],
    [`${API_PREFIX}/users`, 'admin'],
    [HEALTH_PATH, 'status'],
    [JWKS_PATH, 'status'],
    [`${OWN_PREFIX}/constructor`, 'status'],
  ])('%s belongs to %s', (path, part) => {
    expect(partOf(path)).toBe(part)
  })

  it('that no part knows is 404, to HEAD as well', async () => {
    const worker = createGatehouse(config)
    for (const method of ['GET', 'HEAD', 'POST']) {
      const request = new Request(`${site}${OWN_PREFIX}/nothing`, { method, ...html })
      expect((await fetchSettled(worker, request, env)).status).toBe(404)
    }
  })
})

describe('a part that does not load', () => {
  const broken = () => Promise.reject(new Error('No such module "secret-name"'))

  it('is 503 in the format of whoever asks, and the log names it without the error', async () => {
    const lines = silenced()
    const worker = createGatehouse(config, { admin: broken })
    const page = await fetchSettled(worker, new Request(site + CONSOLE_PATH, html), env)
    expect([page.status, page.headers.get('Retry-After')]).toEqual([503, '5'])
    expect(await page.text()).toContain('<code>')
    const api = await fetchSettled(worker, new Request(`${site}${API_PREFIX}/users`), env)
    expect([api.status, api.headers.get('Content-Type')]).toEqual([503, 'application/problem+json'])
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { part: 'admin', fault: expect.stringContaining('PartUnavailable') },
      { part: 'admin' },
    ])
    expect(lines.join()).not.toContain('secret-name')
  })

  it('opens no site, and closes none', async () => {
    silenced()
    const worker = createGatehouse(config, { admin: broken })
    await fetchSettled(worker, new Request(site + CONSOLE_PATH, html), env)
    const program = await fetchSettled(worker, new Request(`${site}/`), env)
    expect(program.status).toBe(401)
  })

  it('is tried again by the next request', async () => {
    silenced()
    let tries = 0
    const worker = createGatehouse(config, {
      admin: (deps) => (tries++ === 0 ? broken() : admin(deps)),
    })
    const ask = async () =>
      (await fetchSettled(worker, new Request(`${site}${API_PREFIX}/users`), env)).status
    expect([await ask(), await ask()]).toEqual([503, 401])
    expect([await ask(), tries]).toEqual([401, 2])
  })

  it('leaves the rest of cron to be done', async () => {
    const worker = createGatehouse(config, { admin: broken })
    await env.DB.prepare(
      "INSERT INTO taken (connection, kind, id, expires_at) VALUES ('okta', 'request', 'old', 1)",
    ).run()
    await expect(worker.scheduled({}, env)).rejects.toThrow('part admin')
    const left = await env.DB.prepare("SELECT id FROM taken WHERE id = 'old'").first()
    expect(left).toBeNull()
  })
})

describe('a cold isolate', () => {
  it.each([
    // Nobody has added a connection.
    ['GET', LOGIN_PATH, 503],
    ['POST', acsPath('okta'), 403],
    ['GET', metadataPath('okta'), 404],
    ['POST', SWITCH_PATH, 303],
    ['GET', LOGOUT_PATH, 200],
    ['POST', sloPath('okta'), 403],
    ['POST', sloSoapPath('okta'), 500],
    ['GET', HOME_PATH, 302],
    ['POST', FORM_PATH, 410],
    ['POST', DEVICE_REGISTER_PATH, 404],
    ['GET', `${scimPath('okta')}/Users`, 401],
    ['POST', signalsPath('stream'), 400],
    ['GET', AUTHORIZE_PATH, 400],
    ['GET', `${API_PREFIX}/users`, 401],
    ['GET', HEALTH_PATH, 200],
  ])('answers ten requests at once: %s %s', async (method, path, status) => {
    const lines = silenced()
    const worker = createGatehouse(config, { admin })
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        fetchSettled(worker, new Request(site + path, { method, ...html }), env),
      ),
    )
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(status))
    expect(lines).toEqual([])
  })

  it('begins with cron, and serves afterwards', async () => {
    const worker = createGatehouse(config, { admin })
    await worker.scheduled({}, env)
    expect((await fetchSettled(worker, new Request(`${site}/`), env)).status).toBe(401)
  })
})

describe('a language', () => {
  it('is learnt before a page of the gate and before one of ours', async () => {
    const worker = createGatehouse(config)
    const german = { headers: { Accept: 'text/html', 'Accept-Language': 'de' } }
    const unknown = await fetchSettled(
      worker,
      new Request('https://else.example.test/', german),
      env,
    )
    expect([unknown.status, await unknown.text()]).toEqual([
      421,
      expect.stringContaining('lang="de"'),
    ])
    const french = { headers: { Accept: 'text/html', 'Accept-Language': 'fr' } }
    const own = await fetchSettled(worker, new Request(site + LOGOUT_PATH, french), env)
    expect(await own.text()).toContain('lang="fr"')
  })

  it('is English where it was not learnt', async () => {
    expect(speechOf('it').language).toBe('en')
    await learn('it')
    expect(speechOf('it').language).toBe('it')
  })
})
