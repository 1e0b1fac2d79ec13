/**
 * An operator must not become an owner by way of a connection: whoever says which keys, attributes or
 * directory a connection trusts can sign in as anybody of it, and so as each of its administrators.
 */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { mayChangeTrust, type Context, type Scope } from '../../src/admin/context.ts'
import { operations } from '../../src/admin/operations.ts'
import { parseConfig } from '../../src/config.ts'
import rsa2048 from '../vectors/certificates/rsa-2048.pem?raw'
import { seedConnection } from '../admin/stage.ts'
import { LOGIN, rows, siteAt, three, type Person } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import { metadataOf } from './handed.ts'
import { CONSOLE, createConsole, operator, owner, press, title, withConsole } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createConsole()
  await env.DB.exec('DELETE FROM hand_overs; DELETE FROM scim_tokens')
})

/**
 * Operations that change a connection, a token, a link or a guard, and let nobody in. A signal ends
 * sign-ins, which an operator may do anyway.
 */
const harmless = [
  'connection begin',
  'connection disable',
  'connection try',
  'connection refresh',
  'handover revoke',
  'scim token revoke',
  'scim allow-removals',
  'scim hold-removals',
  'signals add',
  'signals poll',
  'signals remove',
  'signals verify',
]

/** What an attacker gives each operation. */
const attacks: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'connection add': { metadata: metadataOf() },
  'connection update': { 'add-certificate': rsa2048 },
  'connection enable': {},
  'connection remove': { yes: 'true' },
  'connection accept-metadata': { digest: '5f0cbe7a91' },
  'connection pin-metadata': { certificate: rsa2048 },
  'connection unpin-metadata': {},
  'connection handover': { label: 'Mallory', scim: '1' },
  'scim token create': { label: 'Mallory' },
}

const kept = async () =>
  JSON.stringify(
    await Promise.all(
      ['connections', 'hand_overs', 'scim_tokens', 'connection_metadata'].map(rows),
    ),
  )

it('each operation on connections says whether it changes trust, and has an attack here', () => {
  const all = operations.filter(({ changes, scope }) => changes && scope === 'connections')
  const trusting = all.filter((each) => each.changesTrust)
  expect(trusting.map(({ name }) => name).toSorted()).toEqual(Object.keys(attacks).toSorted())
  expect(
    all
      .filter((each) => !each.changesTrust)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(harmless.toSorted())
  for (const { subject, fields } of trusting) {
    const field = fields[subject ?? '']
    expect(field?.isRequired).toBe(true)
    // The id that is judged is the id that is changed.
    expect(field?.parse([' Okta '])).toEqual({ ok: true, value: ' Okta ' })
  }
})

describe.each(Object.entries(attacks))('%s', (name, fields) => {
  const { subject = '' } = operations.find((each) => each.name === name) ?? {}
  const on = (id: string) => ({ [subject ?? '']: id, ...fields })

  it('is refused to an operator where administrators sign in, and nothing changes', async () => {
    const otto = operator(stage)
    await otto.open(CONSOLE)
    const before = await kept()
    const answer = await press(otto, name, { ...on('okta'), back: '/connections/okta' })
    expect(answer.status).toBe(403)
    expect(await kept()).toBe(before)
  })

  it('is not refused for that to an owner, or for another connection', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    const otto = operator(stage)
    await otto.open(CONSOLE)
    await seedConnection('acme')
    expect((await press(otto, name, on('acme'))).status).not.toBe(403)
    expect((await press(olga, name, on('okta'))).status).not.toBe(403)
  })
})

describe('the pages', () => {
  const actions = async (person: Person, path: string) =>
    new Set(
      [...(await (await person.open(CONSOLE + path)).text()).matchAll(/\/do\/([a-z-]+)/g)].map(
        ([, slug = '']) => slug.replaceAll('-', ' '),
      ),
    )

  it.each(['/connections/okta', '/connections/okta/set-up', '/directory/okta'])(
    'offer an operator nothing that would be refused: %s',
    async (path) => {
      const own = await actions(operator(stage), path)
      for (const name of Object.keys(attacks)) expect(own).not.toContain(name)
      const all = await actions(owner(stage), path)
      expect([...all].some((name) => name in attacks)).toBe(true)
    },
  )

  it('say why, and let the operator stop the connection', async () => {
    const otto = operator(stage)
    const page = await (await otto.open(`${CONSOLE}/connections/okta`)).text()
    expect(page).toContain('Administrators sign in with this connection')
    const off = await press(otto, 'connection disable', { id: 'okta' })
    expect(await title(off)).toBeDefined()
    expect((await rows('connections'))[0]).toMatchObject({ id: 'okta', enabled: 0 })
  })
})

describe('which connections administrators sign in with', () => {
  const may = (admins: unknown, id: string, more: object = {}): boolean => {
    const config = parseConfig({ ...withConsole(), admins, ...more })
    if (!config.ok) throw new Error(JSON.stringify(config.error))
    const scopes: readonly Scope[] = ['connections']
    const by: Pick<Context, 'operator' | 'config'> = {
      operator: { name: 'x', face: 'api', scopes, user: null },
      config: config.value,
    }
    return mayChangeTrust(by, id)
  }
  const pinned = { group: 'it', connection: 'okta' }

  it.each([
    { owner: pinned },
    { owner: { connection: 'acme' }, auditor: pinned },
    { owner: { connection: ['acme', 'okta'] } },
    { owner: { anyOf: [{ connection: 'acme' }, pinned] } },
    { owner: { allOf: [{ connection: 'okta' }, { group: 'it' }] } },
    { owner: { allOf: [pinned, { not: { group: 'x', connection: 'acme' } }] } },
    // Nothing in these names a connection, so the people of each can meet them.
    { owner: { ip: '192.0.2.1' } },
    { owner: { not: { connection: 'okta' } } },
    { owner: { groupId: '5f0cbe7a' } },
    { owner: { anyOf: [{ connection: 'acme' }, { ip: '192.0.2.1' }] } },
  ])('%j: okta is one', (admins) => {
    expect(may(admins, 'okta')).toBe(false)
  })

  it('no other is one, by an id that only looks like it either', () => {
    expect(may({ owner: pinned }, 'acme')).toBe(true)
    expect(may({ owner: { allOf: [pinned, { ip: '192.0.2.1' }] } }, 'acme')).toBe(true)
    expect(may({ owner: { allOf: [{ connection: ['acme', 'okta'] }, pinned] } }, 'acme')).toBe(true)
  })

  it('where the login host takes one connection, a rule need not name it', () => {
    const only = {
      loginHost: { url: LOGIN, connections: ['okta'] },
      sites: [siteAt('https://a.example.com', { connections: ['okta'] })],
    }
    expect(may({ owner: { group: 'it' } }, 'okta', only)).toBe(false)
    expect(may({ owner: { group: 'it' } }, 'acme', only)).toBe(true)
  })

  it('there is none without administrators', () => {
    const { admins: _none, ...config } = { ...withConsole(), ...three() }
    const parsed = parseConfig(config)
    const by = { name: 'x', face: 'api', scopes: ['connections'], user: null } as const
    expect(parsed.ok && mayChangeTrust({ operator: by, config: parsed.value }, 'okta')).toBe(true)
  })
})
