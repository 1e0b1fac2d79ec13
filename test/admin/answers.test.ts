/** Every operation is done once here, so that each answer is held against the declared shape. */
import { beforeEach, expect, it } from 'vitest'
import sspMetadata from '../vectors/responses/metadata/ssp.xml?raw'
import { createAdminToken } from '../../src/admin/admin-tokens.ts'
import type { Typed } from '../../src/admin/field.ts'
import { saveHandOver } from '../../src/admin/handover-store.ts'
import { operations } from '../../src/admin/operations.ts'
import { saveAttempt } from '../../src/attempt/store.ts'
import { insertClient } from '../../src/oauth/client-store.ts'
import { rotateKeys } from '../../src/admin/keys.ts'
import { createSealer } from '../../src/lib/seal.ts'
import { createSpKeys, SP_KEYS_PURPOSE, tendSpKeys } from '../../src/sp/keys.ts'
import { createToken } from '../../src/admin/tokens.ts'
import { SCIM_TOKEN_BYTES } from '../../src/scim/token.ts'
import { saveState } from '../../src/upkeep/metadata-store.ts'
import { pem } from '../connection/stage.ts'
import { stateOf, stored, URL_OF_IT } from '../upkeep/stage.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { addGroup, addProvisioned } from '../support/directory.ts'
import {
  act,
  config,
  context,
  db,
  emptyStore,
  now,
  seedConnection,
  seedSession,
  seedUser,
  valueOf,
} from './stage.ts'

async function seedGrant(user: string) {
  await insertClient(db, {
    id: 'reports',
    kind: 'listed',
    name: 'Reports',
    redirects: ['https://reports.example.com/cb'],
    device: false,
    secretHash: null,
    createdAt: now,
  })
  await db
    .prepare(
      `INSERT INTO oauth_grants (id, user_id, client, client_name, client_kind, site, session,
         since, granted_at, last_used_at, expires_at, code_hash, code_expires_at, redeemed_at)
       SELECT 'g1', id, 'reports', 'Reports', 'listed', 'app.example.com', '{}', ?2, ?2, ?2, ?3,
         'hash', ?2, ?2 FROM users WHERE id = ?1`,
    )
    .bind(user, now, plusSeconds(now, 3600))
    .run()
}

beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
  await metadataWaits()
  const bob = await addProvisioned({ userName: 'bob', displayName: 'Bob' }, 'acme')
  await addGroup('Staff', [bob], 'acme')
  const ada = await seedUser('acme', 'ada')
  await seedGrant(ada.id)
  await seedSession(ada, 's1')
  await saveAttempt(context.db, {
    pool: 'denied',
    assertion: '_a',
    attempt: {
      id: 'a1',
      at: context.now,
      kind: 'sign-in',
      host: 'app.example.com',
      connection: 'acme',
      reason: 'audience',
      user: null,
      person: 'ada@acme.com',
      facts: { explained: 'Set the Audience.', found: ['https://wrong.example'] },
      findings: [{ check: 'Audience is our entity ID', reason: 'audience', says: 'It is wrong.' }],
      document: '<Response ID="_r"/>',
    },
  })
  await createToken(context, {
    connection: 'acme',
    label: 'acme directory',
    expires: 'never',
    id: 't1',
    random: context.random(SCIM_TOKEN_BYTES),
  })
  const madeNow = { createdAt: now, expiresAt: plusSeconds(now, 3600) }
  await saveHandOver(
    db,
    {
      id: 'h1',
      connection: 'acme',
      label: 'Ada',
      madeBy: 'Grace',
      mayMakeToken: false,
      ...madeNow,
    },
    'hash',
  )
  await createAdminToken(
    { ...context, newId: () => 'a1' },
    { label: 'a program', scopes: ['read'], expires: null },
  )
})

/** A connection whose metadata waits, and must be signed by a pinned certificate. */
async function metadataWaits(): Promise<void> {
  await seedConnection('byurl', { metadataUrl: URL_OF_IT })
  const { certificates, idpEntityId: entityId, ssoUrl } = await stored('byurl')
  const found = {
    entityId,
    ssoUrl,
    ssoBinding: 'post' as const,
    slo: null,
    certificates: [...certificates],
    signer: null,
  }
  const waiting = { digest: 'd'.repeat(64), since: now, why: ['unsigned' as const], found }
  const [certificate] = certificates
  const pinned = certificate?.certificate ?? null
  const fault = { reason: 'status', text: 'It answered 404.', since: now }
  await saveState(db, { ...(await stateOf('byurl')), pinned, waiting, fault })
}

const by = { ...context, config }

const sealer = await createSealer({ current: new Uint8Array(32), previous: null }, SP_KEYS_PURPOSE)
const makeKeys = () => createSpKeys(db, sealer).certificates('rsa-sha256', now)
const makeNextKeys = async () => {
  await makeKeys()
  valueOf(await rotateKeys(context))
  await tendSpKeys(db, { sealer, newest: sealer, usual: 'rsa-sha256' }, now)
}

/** What has to be there, by the name of the operation. */
const before: Readonly<Record<string, () => Promise<unknown>>> = {
  'keys list': makeKeys,
  'keys certificate': makeKeys,
  'keys rotate': makeKeys,
  'keys switch': makeNextKeys,
  'keys retire': makeNextKeys,
}

const cases: readonly (readonly [string, Typed])[] = [
  ['overview', {}],
  ['access check', { person: 'ada', method: 'GET', url: 'https://app.example.com/' }],
  ['access check', { person: 'nobody', method: 'POST', url: '/x' }],
  ['admin link', {}],
  ['audit list', {}],
  ['audit export', {}],
  ['connection begin', { id: 'next' }],
  ['connection list', {}],
  ['connection show', { id: 'acme', for: 'okta' }],
  ['connection add', { id: 'another', metadata: sspMetadata }],
  ['connection update', { id: 'acme', 'display-name': 'Acme again' }],
  ['connection disable', { id: 'acme' }],
  ['connection enable', { id: 'acme' }],
  ['connection remove', { id: 'acme', yes: '' }],
  ['connection metadata', { connection: 'byurl' }],
  ['connection refresh', { connection: 'byurl' }],
  ['connection accept-metadata', { connection: 'byurl', digest: 'dddddddd' }],
  ['connection pin-metadata', { connection: 'byurl', certificate: pem.p256 }],
  ['connection unpin-metadata', { connection: 'byurl' }],
  ['connection handover', { connection: 'acme', label: 'Ada', scim: '' }],
  ['handover list', { connection: 'acme' }],
  ['handover revoke', { id: 'h1' }],
  ['group list', {}],
  ['group show', { group: 'Staff' }],
  ['connection try', { connection: 'acme' }],
  ['connection lint', { connection: 'acme' }],
  ['sign-in list', {}],
  ['sign-in show', { number: 'a1' }],
  ['sign-in end', { user: 'ada', yes: '' }],
  ['sign-in end', { everybody: '', yes: '' }],
  ['session list', { user: 'ada' }],
  ['session revoke', { id: 's1' }],
  ['scim token create', { connection: 'acme', label: 'next' }],
  ['access drift', {}],
  ['keys list', {}],
  ['keys certificate', { kind: 'encryption' }],
  ['keys rotate', {}],
  ['keys switch', {}],
  ['keys retire', { next: '', yes: '' }],
  ['join preview', { connection: 'acme' }],
  ['scim hold-removals', { connection: 'acme' }],
  ['scim request list', { connection: 'acme' }],
  ['scim held list', { connection: 'acme' }],
  ['scim drift', { connection: 'acme' }],
  ['scim token list', { connection: 'acme' }],
  ['scim token revoke', { token: 't1' }],
  ['scim allow-removals', { connection: 'acme', for: '1h' }],
  ['user list', {}],
  ['user list', { user: 'ada' }],
  ['user show', { user: 'ada' }],
  ['user show', { user: 'bob' }],
  ['user disable', { user: 'ada' }],
  ['user enable', { user: 'ada' }],
  ['user export', { user: 'ada' }],
  ['user erase', { user: 'ada', yes: '' }],
  ['client list', {}],
  [
    'client add',
    { name: 'Reports', redirect: ['https://reports.example.com/cb'], confidential: '' },
  ],
  ['client remove', { client: 'reports' }],
  ['grant list', { user: 'ada' }],
  ['grant revoke', { grant: 'g1' }],
  ['admin token list', {}],
  ['admin token create', { label: 'another program', scopes: ['read', 'people'] }],
  ['admin token revoke', { token: 'a1' }],
]

it.each(cases)(
  '%s %j: facts of the shape that it declares, something to see, and a secret if it names one',
  async (name, input) => {
    const operation = operations.find((each) => each.name === name)
    if (!operation) throw new Error(`there is no operation ${name}`)
    await before[name]?.()
    const { facts, view, secret } = valueOf(await act(operation, input, { by }))
    expect(secret !== null).toBe(operation.secretName !== undefined)
    expect(Object.keys(facts).length).toBeGreaterThan(0)
    expect(view.length).toBeGreaterThan(0)
  },
)

/**
 * Those of webhooks and signals need a server that answers: webhooks.test.ts and signals.test.ts do
 * each of them by `act`, and service-tokens.test.ts those of service tokens.
 */
it('there is a case for every operation', () => {
  expect([...new Set(cases.map(([name]) => name))].toSorted()).toEqual(
    operations
      .map(({ name }) => name)
      .filter((name) => !/^(webhook|signals|service-token) /.test(name))
      .toSorted(),
  )
})
