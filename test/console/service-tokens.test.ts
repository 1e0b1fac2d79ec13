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
