/** The pages of connections, as operators see them. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import rsa2048 from '../vectors/certificates/rsa-2048.pem?raw'
import { seedConnection as addConnection } from '../admin/stage.ts'
import { LOGIN, type Person, rows } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import { findRow, metadataOf } from './handed.ts'
import { addProvisioned } from '../support/directory.ts'
import { addUser } from '../support/session.ts'
import { auditor, CONSOLE, createConsole, owner, press, textOf, title, visitor } from './stage.ts'

let stage: Stage
let olga: Person
beforeEach(async () => {
  stage = await createConsole()
  await env.DB.exec('DELETE FROM hand_overs; DELETE FROM attempts')
  olga = owner(stage)
  await olga.open(CONSOLE)
})

const open = async (path: string, person = olga): Promise<string> =>
  (await person.open(`${CONSOLE}${path}`)).text()
const SETTINGS = { back: '/connections/okta#settings' }

describe('the list', () => {
  it('has each connection with its state, and a draft is not set up', async () => {
    await addConnection('acme', { displayName: '<script>x</script>', enabled: false })
    await press(olga, 'connection begin', { id: 'next' })
    const page = await open('/connections')
    expect(page).toContain('&lt;script&gt;x&lt;/script&gt;')
    expect(page).not.toContain('<script>x')
    for (const state of ['Enabled', 'Disabled', 'Not set up']) expect(page).toContain(state)
    for (const id of ['okta', 'acme', 'next']) {
      expect(page).toContain(`href="/.gatehouse/admin/connections/${id}"`)
    }
  })

  it('comes page by page, and is small', async () => {
    for (let i = 0; i < 60; i++) await addConnection(`c${i}`, { displayName: 'x'.repeat(100) })
    const page = await open('/connections')
    expect(page.length).toBeLessThan(50_000)
    expect(page).toContain('href="/.gatehouse/admin/connections?from=50"')
    expect(await open('/connections?from=50')).not.toContain('Show more')
    expect((await olga.open(`${CONSOLE}/connections?from=-1e9`)).status).toBe(200)
  })

  it('says what to do where there is none', async () => {
    const ida = visitor(stage)
    await env.DB.exec("DELETE FROM connections WHERE id <> 'okta'")
    expect(await open('/connections')).toContain('href="/.gatehouse/admin/connections/new"')
    expect((await ida.open(`${CONSOLE}/connections`)).status).toBe(403)
  })
})

describe('the last test', () => {
  it('is shown however many people have signed in since', async () => {
    const at = Date.UTC(2026, 10, 24, 11)
    const insert = env.DB.prepare(
      `INSERT INTO attempts (pool, nth, id, at, kind, host, connection, reason, person, facts, findings)
       VALUES (?1 || ' okta', ?2, ?3, ?4, ?1, 'h', 'okta', ?5, ?6, '{}', '[]')`,
    )
    await env.DB.batch([
      insert.bind('test', 1, 'old', at, 'audience', '<b>old</b>'),
      insert.bind('test', 2, 'new', at + 1, null, '<b>new</b>'),
      ...Array.from({ length: 60 }, (_, i) =>
        insert.bind('sign-in', i, `later-${i}`, at + 2 + i, null, 'zoe'),
      ),
    ])
    const page = await open('/connections/okta')
    expect(page).toContain('href="/.gatehouse/admin/sign-ins/new"')
    expect(page).toContain('&lt;b&gt;new&lt;/b&gt;')
    expect(page).not.toContain('sign-ins/old')
  })

  it('is none where only people have signed in', async () => {
    expect(await open('/connections/okta')).toContain('No test was made in the last 7 days.')
  })
})

describe('adding', () => {
  it('asks for the identity provider, and proposes a free id and a name', async () => {
    expect(await open('/connections/new')).toContain('/connections/new?for=google')
    expect(await open('/connections/new?for=keycloak')).toContain('value="keycloak"')
    expect(await open('/connections/new?for=okta')).toContain('value="okta-2"')
  })

  it('begins with a draft, whose set-up page has our addresses, and takes metadata', async () => {
    const begun = await press(olga, 'connection begin', {
      id: 'acme',
      back: '/connections/new?for=keycloak',
      next: '/connections/{id}/set-up?for=keycloak',
    })
    const page = await begun.text()
    expect(olga.seen.at(-1)).toBe(`${CONSOLE}/connections/acme/set-up?for=keycloak`)
    expect(page).toContain(`<code>${LOGIN}/.gatehouse/saml/acme/acs</code>`)
    expect(page).toContain('data-refresh="5"')
    const given = { id: 'acme', metadata: metadataOf(), back: '/connections/acme/set-up' }
    const done = await (await press(olga, 'connection update', given)).text()
    expect(done).toContain('<li class="done"><a href="#metadata">')
    expect(await findRow('acme')).toMatchObject({ enabled: 1 })
  })

  it('takes metadata or fields at once', async () => {
    const next = '/connections/{id}/set-up'
    await press(olga, 'connection add', { id: 'one', metadata: metadataOf(), next })
    await press(olga, 'connection add', {
      id: 'two',
      'entity-id': 'https://idp.two.com',
      'sso-url': 'https://idp.two.com/sso',
      certificate: rsa2048,
      next,
    })
    expect([await findRow('one'), await findRow('two')]).toMatchObject([
      { enabled: 1 },
      { enabled: 1 },
    ])
  })

  it('shows a refused form with what was typed, and never a private key', async () => {
    const secret = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'
    const key = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`
    const back = '/connections/new?for=okta'
    for (const fields of [
      { metadata: key },
      { 'entity-id': 'https://a.b', 'sso-url': 'https://a.b', certificate: key },
    ]) {
      const answer = await press(olga, 'connection add', { id: 'my-id', ...fields, back })
      const page = await answer.text()
      expect([answer.status, page.includes('my-id'), page.includes(secret)]).toEqual([
        422,
        true,
        false,
      ])
      expect(page).toContain('private key')
    }
    expect(await findRow('my-id')).toBeUndefined()
  })
})

describe('the set-up page', () => {
  it.each(['okta', 'onelogin', 'entra', 'google', 'keycloak', 'generic'])(
    'has the addresses in the order of %s, each with a button to copy it, below 50 KB',
    async (idp) => {
      const page = await open(`/connections/okta/set-up?for=${idp}`)
      expect(page).toContain(`data-copy="${LOGIN}/.gatehouse/saml/okta/acs"`)
      expect(page).toContain(`data-copy="${LOGIN}/.gatehouse/scim/okta/v2"`)
      const isMetadataFirst = page.indexOf('id="metadata"') < page.indexOf('id="addresses"')
      expect(isMetadataFirst).toBe(idp === 'google' || idp === 'keycloak')
      expect(page.length).toBeLessThan(50_000)
    },
  )

  it('ticks off the first response and the first request of the directory', async () => {
    const ticks = async () =>
      [
        ...(await open('/connections/okta/set-up')).matchAll(/<li class="done"><a href="#(\w+)"/g),
      ].map(([, id]) => id)
    // Olga has signed in.
    expect(await ticks()).toEqual(['addresses', 'metadata', 'test'])
    await env.DB.exec('UPDATE users SET last_login_at = NULL; DELETE FROM attempts')
    expect(await ticks()).toEqual(['metadata'])
    const made = await press(olga, 'scim token create', {
      connection: 'okta',
      label: 'Okta',
      back: '/connections/okta/set-up',
    })
    const token = /gatehouse_scim_[\w-]{43}/.exec(await made.text())?.[0] ?? ''
    expect(await ticks()).toEqual(['metadata', 'directory'])
    const headers = { Authorization: `Bearer ${token}` }
    await stage.send(new Request(`${LOGIN}/.gatehouse/scim/okta/v2/Users`, { headers }))
    expect(await ticks()).toEqual(['metadata', 'directory', 'directory'])
  })

  it('has the certificate of our signatures, the other where it is wanted, and no private key', async () => {
    // Messages of single logout are signed whatever the connection wants.
    expect((await open('/connections/okta/set-up')).match(/x-pem-file/g)).toHaveLength(1)
    const wanted = { id: 'okta', 'require-encryption': 'true', 'sign-requests': 'rsa-sha256' }
    await press(olga, 'connection update', { ...wanted, ...SETTINGS })
    const page = await open('/connections/okta/set-up')
    const files = [...page.matchAll(/x-pem-file;base64,([\w+/=]+)/g)].map(([, data = '']) =>
      atob(data),
    )
    expect(files).toHaveLength(2)
    for (const file of files) expect(file).toMatch(/^-----BEGIN CERTIFICATE-----\n[^]*$/)
    expect(page + files.join('')).not.toContain('PRIVATE KEY')
  })

  it('prepares a test sign-in, whose link is shown once', async () => {
    const fields = { connection: 'okta', back: '/connections/okta/set-up' }
    const page = await (await press(olga, 'connection try', fields)).text()
    expect(page).toMatch(
      /class="button" href="https:\/\/login\.example\.com\/\.gatehouse\/test-sign-in\?code=/,
    )
    expect(await open('/connections/okta')).not.toContain('test-sign-in?code=')
    await press(olga, 'connection begin', { id: 'draft' })
    const refused = await press(olga, 'connection try', { ...fields, connection: 'draft' })
    expect(refused.status).toBe(409)
  })
})

describe('a connection', () => {
  it('has its facts, and is disabled and enabled again', async () => {
    const page = await open('/connections/okta')
    for (const words of ['What to change', 'Certificates', 'Metadata', 'Hand-over', 'Settings']) {
      expect(page).toContain(`<h2>${words}</h2>`)
    }
    expect(page.length).toBeLessThan(50_000)
    const back = { back: '/connections/okta' }
    await press(olga, 'connection disable', { id: 'okta', ...back })
    expect(await findRow('okta')).toMatchObject({ enabled: 0 })
  })

  it('changes its settings, and switches of a form can be off', async () => {
    const save = (fields: Record<string, string>) =>
      press(olga, 'connection update', { id: 'okta', ...SETTINGS, ...fields })
    const settings = async () => JSON.parse(String((await findRow('okta'))?.['settings']))
    await save({ 'require-encryption': 'true', domain: 'acme.com' })
    expect(await settings()).toMatchObject({ requireEncryption: true })
    await save({ 'require-encryption': 'false' })
    expect(await settings()).toMatchObject({ requireEncryption: false })
    const wrong = await save({ 'display-name': 'New', provisioning: 'nobody' })
    const page = await wrong.text()
    expect([wrong.status, page.includes('value="New"')]).toEqual([422, true])
  })

  it('refuses a change of what somebody else has changed meanwhile', async () => {
    const page = await open('/connections/okta')
    const version = /name="version" value="(\d+)"/.exec(page)?.[1] ?? ''
    expect(version).not.toBe('')
    const save = (name: string) =>
      press(olga, 'connection update', { id: 'okta', version, 'display-name': name, ...SETTINGS })
    expect((await save('First')).status).toBe(200)
    expect((await save('Second')).status).toBe(409)
    expect(await findRow('okta')).toMatchObject({ display_name: 'First' })
  })

  it('says what to change by the one response that it has had, and when that was', async () => {
    const page = textOf(await open('/connections/okta'))
    expect(page).toContain(
      'By the last signed response of "okta", of 2026-11-24 12:00 UTC: Only the assertion is signed.',
    )
    // The words for another identity provider are not labels of its console.
    expect(page).not.toContain('Change: At the identity provider')
  })

  it('previews its join rule on the people that there are, and says so where there are none', async () => {
    const preview = async () => {
      const page = await open('/connections/okta')
      return textOf(page.slice(page.indexOf('id="join"'), page.indexOf('id="hand-over"')))
    }
    // Olga has signed in, and the directory has nobody.
    const alone = await preview()
    expect(alone).toContain(
      '1 person signed in without being provisioned. None of them would match:',
    )
    expect(alone).toContain('The directory has sent nobody yet.')
    await addProvisioned({ userName: 'zed' })
    await addUser({ subject: 'ZED' })
    const both = await preview()
    expect(both).toContain('2 people signed in without being provisioned. 1 of them would match:')
    expect(both).toContain('1 person in the directory. A sign-in can match each of them.')
    await addConnection('acme')
    const empty = textOf(await open('/connections/acme'))
    expect(empty).toContain('Nobody has signed in without being provisioned')
    expect(empty).not.toContain('would match:')
  })

  it('is removed when that was asked for twice', async () => {
    await addConnection('acme')
    const back = '/connections/acme#remove'
    const asked = await press(olga, 'connection remove', { id: 'acme', back })
    const page = await asked.text()
    expect([asked.status, page.includes('Remove it for good')]).toEqual([409, true])
    expect(page).toContain('would be removed, for good')
    const yes = { id: 'acme', yes: 'true', back, next: '/connections' }
    const gone = await (await press(olga, 'connection remove', yes)).text()
    expect(gone).toContain('is removed')
    expect(await findRow('acme')).toBeUndefined()
  })

  it('lists its hand-over links, and shows a new one once', async () => {
    const fields = { connection: 'okta', label: 'Ada <b>', back: '/connections/okta#hand-over' }
    const made = await (await press(olga, 'connection handover', fields)).text()
    expect(made).toContain('/.gatehouse/hand-over/enter?code=')
    const page = await open('/connections/okta')
    expect(page).toContain('Ada &lt;b&gt;')
    expect(page).not.toContain('hand-over/enter?code=')
    expect(page).toContain('Not opened')
  })

  it('that there is none of is a page with a way on', async () => {
    for (const path of ['/connections/nobody', '/connections/nobody/set-up']) {
      expect(await title(await olga.open(CONSOLE + path))).toEqual([
        404,
        'There is no such connection',
      ])
    }
  })
})

describe('an auditor', () => {
  it('sees everything and has no button', async () => {
    const aude = auditor(stage)
    await aude.open(CONSOLE)
    for (const path of ['/connections', '/connections/okta', '/connections/okta/set-up']) {
      const page = await open(path, aude)
      expect(page).toContain('okta')
      expect(page).not.toContain('/do/')
    }
    expect((await aude.open(`${CONSOLE}/connections/new`)).status).toBe(403)
    const tried = await press(aude, 'connection begin', { id: 'x' })
    expect(tried.status).toBe(403)
    expect((await rows('connections')).some((row) => row['id'] === 'x')).toBe(false)
  })
})
