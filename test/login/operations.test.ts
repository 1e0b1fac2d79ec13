/**
 * Counts the calls of KV and D1, and the expensive work of the processor, for each kind of request,
 * because each is paid for.
 */
import { env } from 'cloudflare:workers'
import { beforeEach, expect, it, vi } from 'vitest'
import { operations, removal, type Operations } from '../../tools/bench/operations.ts'
import { removeOldEvents } from '../../src/audit/store.ts'
import { KEPT_DAYS } from '../../src/audit/share.ts'
import { removeOldAttempts } from '../../src/attempt/store.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { removeTaken } from '../../src/login/store.ts'
import { removeExpired } from '../../src/session/standing-store.ts'
import { watched } from '../support/binding.ts'
import { locationOf } from '../support/browser.ts'
import { recording } from '../../tools/stage/recording.ts'
import { emptyStores } from '../support/session.ts'
import { addProvisioned } from '../support/directory.ts'
import { configOf, createStage, SITE, start } from './stage.ts'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken; DELETE FROM audit; DELETE FROM signing_keys')
})

const calls = { sign: vi.spyOn(crypto.subtle, 'sign'), verify: vi.spyOn(crypto.subtle, 'verify') }

/** An isolate, and the calls of each step in it. */
function counting() {
  const kv = watched(env.SESSIONS)
  const db = recording(env.DB)
  const forget = () => {
    kv.calls.length = 0
    db.forget()
    calls.sign.mockClear()
    calls.verify.mockClear()
  }
  const of = (name: string) => kv.calls.filter((call) => call === name).length
  const take = (): Operations => {
    const counted = {
      kvReads: of('get'),
      kvWrites: of('put'),
      kvDeletes: of('delete'),
      statements: db.statements.length,
      rowsRead: db.rows(),
      rowsWritten: db.written(),
      signatures: calls.sign.mock.calls.length + calls.verify.mock.calls.length,
    }
    forget()
    return counted
  }
  return { bindings: { SESSIONS: kv.binding, DB: db.binding }, take, forget }
}

const at = (seconds: number) => vi.setSystemTime(start.getTime() + seconds * 1000)

it('each kind of request asks for what is written down: a warm session for nothing, a cold one for one read of KV and one of D1', async () => {
  const stage = await createStage()
  const counted: Record<string, Operations> = {}
  const { bindings, take, forget } = counting()
  const browser = stage.browser(bindings)
  // An isolate does this once: it reads the key that signs tokens.
  await stage.signIn(browser)
  await browser.go(SITE)
  browser.cookies.clear()
  at(1)
  forget()

  await browser.go(`${SITE}/public`)
  counted['public page'] = take()
  const toLogin = locationOf(await browser.go(SITE))
  counted['nobody, sent to sign in'] = take()
  await browser.go(SITE + toLogin)
  counted['sign-in: the page before the IdP'] = take()
  await browser.go(`${SITE}/.gatehouse/login?to=%2F&go=1`)
  counted['sign-in: on to the IdP'] = take()
  const asked = await stage.begin(browser, '/')
  const answer = await stage.respond(asked)
  forget()
  const back = await stage.post(browser, answer, asked.relayState)
  expect(back.status).toBe(303)
  counted['sign-in: the answer of the IdP'] = take()

  expect((await browser.go(SITE)).status).toBe(200)
  counted['cold session'] = take()
  expect((await browser.go(SITE)).status).toBe(200)
  counted['warm session'] = take()
  expect((await browser.go(`${SITE}/engineers`)).status).toBe(403)
  counted['signed in, denied'] = take()
  at(16)
  await browser.go(SITE)
  counted['standing, 15 s later'] = take()
  at(380)
  await browser.go(SITE)
  counted['new token to the origin'] = take()
  at(602)
  await browser.go(SITE)
  counted['standing, and the request noted'] = take()
  await browser.submit(`${SITE}/.gatehouse/logout`, {})
  counted['sign-out'] = take()

  expect(counted).toEqual(operations)
})

const answered = operations['sign-in: the answer of the IdP'].statements

it.each([
  ['a person of a directory, after the first sign-in', 'scim', {}, answered],
  ['a person who comes by both ways', 'jit+scim', {}, answered],
  ['a person with a new name', 'jit', { attributes: { displayname: ['Zoe'] } }, answered + 1],
  ['a new person', 'jit', { nameId: 'new@example.test' }, answered + 1],
] as const)('%s: an answer is as many statements', async (_, provisioning, fields, statements) => {
  const stage = await createStage(configOf(), { provisioning })
  if (provisioning !== 'jit') await addProvisioned({ userName: 'zoe@example.test' })
  const { bindings, take, forget } = counting()
  const browser = stage.browser(bindings)
  await stage.signIn(browser)
  browser.cookies.clear()
  const asked = await stage.begin(browser, '/')
  const answer = await stage.respond(asked, fields)
  forget()
  expect((await stage.post(browser, answer, asked.relayState)).status).toBe(303)
  expect(take().statements).toBe(statements)
})

it('an answer that is not encrypted is as many statements in an isolate that has not read our keys', async () => {
  const stage = await createStage()
  await stage.signIn(stage.browser())
  const { bindings, take, forget } = counting()
  const browser = stage.browser(bindings)
  const asked = await stage.begin(browser, '/')
  const answer = await stage.respond(asked)
  forget()
  expect((await stage.post(browser, answer, asked.relayState)).status).toBe(303)
  expect(take().statements).toBe(answered)
})

it('what signing in and out leaves behind is removed for as many rows as are written down', async () => {
  const stage = await createStage()
  const browser = stage.browser()
  const db = recording(env.DB)
  const tidy = async (): Promise<Operations> => {
    db.forget()
    const later = plusSeconds(toInstant(start.getTime()), (KEPT_DAYS + 1) * 86_400)
    await removeExpired(db.binding, later)
    await removeTaken(db.binding, later)
    await removeOldEvents(db.binding, later)
    await removeOldAttempts(db.binding, later)
    const statements = db.statements.length
    return { ...removal, statements, rowsRead: db.rows(), rowsWritten: db.written() }
  }
  await tidy()
  const idle = await tidy()
  await stage.signIn(browser)
  await browser.submit(`${SITE}/.gatehouse/logout`, {})
  const busy = await tidy()
  expect({
    ...busy,
    statements: busy.statements - idle.statements,
    rowsRead: busy.rowsRead - idle.rowsRead,
    rowsWritten: busy.rowsWritten - idle.rowsWritten,
  }).toEqual(removal)
})
