/** What the session of a hand-over may do to its connection, and to nothing else. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import p256 from '../vectors/certificates/p-256.pem?raw'
import { A, LOGIN, rows } from '../login/person.ts'
import { start, type Stage } from '../login/stage.ts'
import {
  createHandOver,
  DEAD,
  findRow,
  give,
  HANDED,
  handedCommands,
  metadataOf,
  type HandOverStage,
} from './handed.ts'
import { title, visitor } from './stage.ts'

let stage: Stage
let handed: HandOverStage['handed']
beforeEach(async () => {
  ;({ stage, handed } = await createHandOver())
})

describe('its session', () => {
  it('gives metadata, which enable the draft; the audit says who', async () => {
    const ada = await handed()
    const done = await (await give(ada, metadataOf())).text()
    expect(done).toContain('The metadata is taken. Now test a sign-in.')
    expect(await findRow('acme')).toMatchObject({
      enabled: 1,
      idp_entity_id: 'https://idp.acme.com',
      sso_url: 'https://idp.acme.com/sso',
    })
    expect(await handedCommands()).toEqual([
      ['hand-over (Ada at Acme)', 'handover open'],
      ['hand-over (Ada at Acme)', 'connection update'],
    ])
  })

  it('does not enable a connection that was switched off', async () => {
    const ada = await handed()
    await give(ada, metadataOf())
    await env.DB.exec("UPDATE connections SET enabled = 0 WHERE id = 'acme'")
    const done = await (await give(ada, metadataOf(undefined, p256))).text()
    expect(done).toContain('switched the connection off')
    expect(await findRow('acme')).toMatchObject({ enabled: 0 })
  })

  it('changes to another identity provider only before anybody has signed in', async () => {
    const ada = await handed()
    await give(ada, metadataOf())
    await give(ada, metadataOf('https://other.acme.com', p256))
    expect(await findRow('acme')).toMatchObject({ idp_entity_id: 'https://other.acme.com' })
    const certificates = () =>
      rows('connection_certificates').then((all) =>
        all.filter((row) => row['connection'] === 'acme'),
      )
    expect(await certificates()).toHaveLength(1)
    await env.DB.exec(
      "INSERT INTO users (id, connection, subject, user_name, source, sessions_valid_from, created_at, updated_at, last_login_at) VALUES ('u', 'acme', 's', 's', 'jit', 0, 0, 0, 1)",
    )
    const refused = await give(ada, metadataOf('https://third.acme.com'))
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain('ask otto@example.test')
    expect(await findRow('acme')).toMatchObject({ idp_entity_id: 'https://other.acme.com' })
    // The next certificate of the same one is taken beside the old one.
    expect((await give(ada, metadataOf('https://other.acme.com'))).status).toBe(200)
    expect(await certificates()).toHaveLength(2)
  })

  it('changes nothing but the metadata, whatever the form says', async () => {
    const ada = await handed()
    const before = await findRow('okta')
    await give(ada, metadataOf(), {
      id: 'okta',
      connection: 'okta',
      'display-name': 'Evil',
      domain: 'example.test',
      provisioning: 'scim',
      enabled: 'false',
      'groups-from': 'assertion',
      'subject-attribute': 'mail',
    })
    expect(await findRow('okta')).toEqual(before)
    const acme = await findRow('acme')
    expect(acme).toMatchObject({ display_name: 'Acme <b>', provisioning: 'jit', enabled: 1 })
    expect(JSON.parse(String(acme?.['settings']))).toMatchObject({
      subject: { from: 'name-id' },
      directory: { groupsFrom: 'auto' },
    })
    expect(await rows('connection_domains')).toEqual([])
  })

  it('is told what is wrong with its metadata, and what it typed is shown again', async () => {
    const ada = await handed()
    const wrong = await give(ada, '<html>"nothing</html>')
    expect(wrong.status).toBe(422)
    const page = await wrong.text()
    expect(page).toContain('This is not SAML metadata')
    expect(page).toContain('&lt;html&gt;&quot;nothing&lt;/html&gt;')
    for (const address of [
      'http://idp.acme.com/metadata',
      'https://127.0.0.1/metadata',
      'https://localhost/metadata',
      'https://metadata.internal/latest',
      'https://user:pass@idp.acme.com/',
    ]) {
      expect((await give(ada, address)).status, address).toBe(422)
    }
    expect((await give(ada, '')).status).toBe(422)
    expect(await findRow('acme')).toMatchObject({ enabled: 0, idp_entity_id: '' })
  })

  it('neither keeps nor shows a private key', async () => {
    const ada = await handed()
    const secret = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'
    const dashes = '-----'
    const pasted = `${metadataOf()}<!-- ${dashes}BEGIN PRIVATE KEY${dashes} ${secret} -->`
    const refused = await give(ada, pasted)
    const page = await refused.text()
    expect([refused.status, page.includes('private key in it'), page.includes(secret)]).toEqual([
      422,
      true,
      false,
    ])
    const kept = JSON.stringify([
      await rows('connections'),
      await rows('connection_certificates'),
      await rows('audit'),
      stage.audit(),
    ])
    expect(kept).not.toContain(secret)
  })

  it('makes one SCIM token where the operator allowed it, and no second one', async () => {
    const ada = await handed({ scim: '1' })
    await give(ada, metadataOf())
    const page = await (await ada.post(`${HANDED}/token`, { connection: 'okta' })).text()
    const token = /gatehouse_scim_[\w-]{43}/.exec(page)?.[0] ?? ''
    const made = await rows('scim_tokens')
    expect(made).toHaveLength(1)
    expect(made[0]).toMatchObject({ connection: 'acme', label: 'hand-over (Ada at Acme)' })
    const request = new Request(`${LOGIN}/.gatehouse/scim/acme/v2/Users`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    expect((await stage.send(request)).status).toBe(200)
    const again = await ada.open(HANDED)
    const shown = await again.text()
    expect([shown.includes(token), shown.includes('Make the token')]).toEqual([false, false])
    expect((await ada.post(`${HANDED}/token`, {})).status).toBe(409)
    expect(await rows('scim_tokens')).toHaveLength(1)
  })

  it('makes one SCIM token of many that are asked for at once', async () => {
    const ada = await handed({ scim: '1' })
    const asked = Array.from({ length: 5 }, () =>
      ada.at(LOGIN).submit(`${HANDED}/token`, { for: 'okta' }),
    )
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([303, 409, 409, 409, 409])
    expect(await rows('scim_tokens')).toHaveLength(1)
  })

  it('makes no SCIM token where the operator did not say so', async () => {
    const ada = await handed()
    expect(await (await ada.open(HANDED)).text()).not.toContain('Make the token')
    expect((await ada.post(`${HANDED}/token`, { scim: '1' })).status).toBe(409)
    expect(await rows('scim_tokens')).toEqual([])
  })

  it('prepares a test once there are metadata, and shows the result of its own tests only', async () => {
    const ada = await handed()
    expect(await (await ada.open(HANDED)).text()).not.toContain('/hand-over/test"')
    expect((await ada.post(`${HANDED}/test`, {})).status).toBe(409)
    await give(ada, metadataOf())
    const page = await (await ada.post(`${HANDED}/test`, { connection: 'okta' })).text()
    expect(page).toMatch(/href="https:\/\/login\.example\.com\/\.gatehouse\/test-sign-in\?code=/)
    expect(await rows('sign_in_tests')).toMatchObject([{ connection: 'acme' }])
    const keep = (at: number, person: string) =>
      env.DB.prepare(
        `INSERT INTO attempts (pool, nth, id, at, kind, host, connection, reason, person, facts, findings)
         VALUES ('test acme', ?1, ?2, ?3, 'test', 'h', 'acme', 'audience', ?2, '{}',
           '[{"check":"audience","reason":"audience","says":"The assertion is for <b>"}]')`,
      )
        .bind(at, person, start.getTime() + at)
        .run()
    await keep(-1000, 'operator@example.test')
    expect(await (await ada.open(HANDED)).text()).not.toContain('Checks of the answer')
    await keep(1000, 'ada@acme.com')
    const shown = await (await ada.open(HANDED)).text()
    expect(shown).toContain('audience: The assertion is for &lt;b&gt;')
    expect(shown).not.toMatch(/operator@|ada@/)
  })

  it('ends when it says that it is done', async () => {
    const ada = await handed()
    const cookie = ada.at(LOGIN).cookies.get('__Host-gatehouse-handover')
    expect(await title(await ada.post(`${HANDED}/done`, {}))).toEqual([200, 'Thank you'])
    const thief = stage.browser()
    if (cookie) thief.cookies.set('__Host-gatehouse-handover', cookie)
    expect(await title(await thief.go(HANDED))).toEqual(DEAD)
    expect(await handedCommands()).toContainEqual(['hand-over (Ada at Acme)', 'handover done'])
  })

  it('sees no people, no other connection and no audit', async () => {
    await visitor(stage).open(`${A}/`)
    const ada = await handed()
    await give(ada, metadataOf())
    for (const idp of ['', '?for=okta', '?for=google', '?for=entra', '?for=%3Cscript%3E']) {
      const page = await (await ada.open(HANDED + idp)).text()
      expect(page).not.toMatch(/\b(?:zoe|olga|otto)\b|idp\.example\.test|saml\/okta|<script>/)
      expect(page.length).toBeLessThan(50_000)
    }
  })
})
