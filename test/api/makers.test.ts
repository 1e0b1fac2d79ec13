/** A token that a person made in the console is refused when that person may not sign in any more. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { adminTokenList } from '../../src/admin/admin-tokens.ts'
import type { User } from '../../src/directory/user.ts'
import { act, context, db, emptyStore, seedConnection, seedUser, valueOf } from '../admin/stage.ts'
import { CONSOLE, createConsole, owner, press } from '../console/stage.ts'
import { ask, createIsolate, problemOf, programWith } from './stage.ts'

let ada: User
beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
  ada = await seedUser('acme', 'ada')
})

const run = (sql: string) => db.prepare(sql).bind(ada.id).run()
const listed = async () => {
  const { facts, view } = valueOf(await act(adminTokenList, {}, { by: context }))
  return JSON.stringify([facts, view])
}

describe.each([
  ['is disabled', 'UPDATE users SET active = 0, barred = 1 WHERE id = ?1'],
  ['is removed', 'DELETE FROM users WHERE id = ?1'],
  [
    'has a disabled connection',
    "UPDATE connections SET enabled = 0 WHERE id = 'acme' AND ?1 <> ''",
  ],
  [
    'is nobody whom the directory sent, and only those may come',
    "UPDATE connections SET provisioning = 'scim' WHERE id = 'acme' AND ?1 <> ''",
  ],
])('when its maker %s', (_, sql) => {
  it('a token is refused, and listed so', async () => {
    const program = await programWith(['read'], { maker: ada.id })
    const onCommandLine = await programWith(['read'])
    expect((await program.ask('GET', '/users')).status).toBe(200)
    expect(await listed()).not.toContain('maker has left')
    await run(sql)
    expect(problemOf(await program.ask('GET', '/users'))).toEqual([401, 'no-valid-token'])
    expect(await listed()).toContain('refused: its maker has left')
    expect((await onCommandLine.ask('GET', '/users')).status).toBe(200)
  })
})

it('it counts again when the maker is enabled again, and tokens that it made go by the same maker', async () => {
  const program = await programWith(['all'], { maker: ada.id })
  const made = await program.ask('POST', '/admin-tokens', {
    body: { label: 'child', scopes: ['read'] },
  })
  expect(made.body).toMatchObject({ maker: ada.id, hasMakerLeft: false })
  const child = String(made.body['secret'])
  await run('UPDATE users SET active = 0 WHERE id = ?1')
  expect((await program.ask('GET', '/users')).status).toBe(401)
  expect((await ask(child, createIsolate(), ['GET', '/users'])).status).toBe(401)
  await run('UPDATE users SET active = 1 WHERE id = ?1')
  expect((await program.ask('GET', '/users')).status).toBe(200)
})

it('the console and the audit know the user behind an operator', async () => {
  const stage = await createConsole()
  const olga = owner(stage)
  await olga.open(CONSOLE)
  await press(olga, 'admin token create', { label: 'siem', scopes: 'read' })
  const user = await env.DB.prepare('SELECT id FROM users').first<string>('id')
  expect(await env.DB.prepare('SELECT maker FROM admin_tokens').first('maker')).toBe(user)
  const event = await env.DB.prepare(
    `SELECT request_id AS request, facts ->> 'operator' AS name, facts ->> 'operatorUser' AS user
     FROM audit WHERE kind = 'operator'`,
  ).first()
  expect(event).toEqual({
    request: expect.stringMatching(/^[\da-f-]{36}$/),
    name: 'olga@example.test',
    user,
  })
})
