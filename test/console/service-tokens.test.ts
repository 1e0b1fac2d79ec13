/** The page of service tokens: what each role sees, and what its forms do. */
import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { rows } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import {
  auditor,
  CONSOLE,
  createConsole,
  hostile,
  operator,
  owner,
  press,
  rowsOf,
  textOf,
} from './stage.ts'

let stage: Stage
beforeEach(async () => {
  await env.DB.exec('DELETE FROM service_tokens')
  stage = await createConsole()
})

const back = '/service-tokens'
const PAGE = CONSOLE + back
const site = 'a.example.com'
const expires = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10)
const typed = { back, name: 'ci', user: 'olga@example.test', site, expires }

it('makes a token, shows its secret once, rotates and revokes it', async () => {
  const olga = owner(stage)
  expect(textOf(await (await olga.open(PAGE)).text())).toContain('No program has a token yet')
  const made = await (await press(olga, 'service-token create', typed)).text()
  const secret = /gh_st_[\w-]{49}/.exec(made)?.[0] ?? ''
  expect(secret).not.toBe('')
  expect(rowsOf(made).join()).toContain('olga@example.test')
  expect(await (await olga.open(PAGE)).text()).not.toContain(secret)
  const rotate = { back, token: 'ci', expires, overlap: '12h' }
  const rotated = await (await press(olga, 'service-token rotate', rotate)).text()
  expect(textOf(rotated)).toContain('The old secret counts until')
  expect(rotated).not.toContain(secret)
  expect(rotated).toMatch(/gh_st_[\w-]{49}/)
  const revoked = await (await press(olga, 'service-token revoke', { back, token: 'ci' })).text()
  expect(textOf(revoked)).toContain('Revoked')
  expect(JSON.stringify(await rows('audit'))).not.toContain(secret)
})

it('keeps what was typed when it is refused', async () => {
  const olga = owner(stage)
  await olga.open(CONSOLE)
  const refused = await press(olga, 'service-token create', { ...typed, user: '', expires: 'soon' })
  const page = await refused.text()
  expect(textOf(page)).toContain('must be a day such as 2027-06-30')
  expect(page).toContain('value="ci"')
  expect(await rows('service_tokens')).toEqual([])
})

it('lets an auditor see, an operator revoke, and neither make one', async () => {
  const olga = owner(stage)
  await olga.open(CONSOLE)
  await press(olga, 'service-token create', typed)
  const aude = auditor(stage)
  const seen = await (await aude.open(PAGE)).text()
  expect(textOf(seen)).toContain('olga@example.test')
  expect(seen).not.toContain('/do/')
  expect((await press(aude, 'service-token revoke', { back, token: 'ci' })).status).toBe(403)
  const otto = operator(stage)
  const page = await (await otto.open(PAGE)).text()
  expect(page).not.toContain('service-token-create')
  expect((await press(otto, 'service-token create', { ...typed, name: 'b' })).status).toBe(403)
  const revoked = await (await press(otto, 'service-token revoke', { back, token: 'ci' })).text()
  expect(textOf(revoked)).toContain('Revoked')
})

it('shows hostile words harmlessly', async () => {
  const olga = owner(stage)
  await olga.open(CONSOLE)
  await press(olga, 'service-token create', typed)
  await env.DB.prepare('UPDATE service_tokens SET description = ?1').bind(hostile).run()
  expect(await (await olga.open(PAGE)).text()).not.toContain('<script>alert')
})

it('shows many tokens page by page, and asks for the name of the one to rotate', async () => {
  const olga = owner(stage)
  await olga.open(CONSOLE)
  await press(olga, 'service-token create', typed)
  const names = Array.from({ length: 60 }, (_, i) => `ci-${i + 10}`)
  await env.DB.batch(
    names.flatMap((name) => [
      env.DB.prepare(
        `INSERT INTO service_tokens (id, name, user_id, sites, paths, made_by, created_at)
         SELECT ?1, ?1, user_id, sites, ?2, made_by, created_at FROM service_tokens WHERE name = 'ci'`,
      ).bind(
        name,
        JSON.stringify(Array.from({ length: 50 }, (_, i) => `/${'a'.repeat(900)}/${i}`)),
      ),
      env.DB.prepare(
        `INSERT INTO service_secrets (hash, token, created_at, expires_at) VALUES (?1, ?1, 0, 4e12)`,
      ).bind(name),
    ]),
  )
  const found: string[] = []
  let path: string | undefined = back
  while (path !== undefined) {
    const page: string = await (await olga.open(CONSOLE + path)).text()
    expect(page.length).toBeLessThan(50 * 1024)
    expect(page).toMatch(/<input id="rotate-token" name="token"/)
    found.push(
      ...Array.from(page.matchAll(/aria-label="Revoke ([\w-]+)"/g), ([, name]) => name ?? ''),
    )
    path = /\/admin([^"]+)" rel="next"/.exec(page)?.[1]
  }
  expect(found).toEqual(['ci', ...names])
})
