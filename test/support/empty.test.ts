import { abortAllDurableObjects } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { emptyEverything } from './empty.ts'

it.each([
  ['are awake', () => Promise.resolve()],
  // As after ten seconds in which nobody asks them.
  ['sleep', abortAllDurableObjects],
])('stores that %s are emptied for the next test file', async (_, before) => {
  await env.SESSIONS.put('key', 'value')
  await env.DB.exec("INSERT INTO taken VALUES ('okta', 'assertion', 'id', 1)")
  await before()
  await emptyEverything()
  expect((await env.SESSIONS.list()).keys).toEqual([])
  expect((await env.DB.prepare('SELECT * FROM taken').all()).results).toEqual([])
})
