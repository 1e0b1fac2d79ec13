/** Express: an answer that the browser has already is not sent again, and no shared cache keeps it. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { curl } from './curl.ts'
import { useGuard } from './stage.ts'

const guard = useGuard({
  sees: 'its own host',
  site: { routes: [{ path: '/', access: 'signed-in' }] },
  start: async ({ port }) => [
    { command: [process.execPath, join(import.meta.dirname, 'express-server.mjs'), String(port)] },
  ],
})

it('answers 304 to a client that has the page', async () => {
  const url = `${guard.gate.url}/page`
  const cookies = await guard.cookiesOf(zoe)
  const whole = await curl(cookies, [url])
  expect([whole.status, whole.body.length]).toEqual([200, 272_000])
  const [, etag = ''] = /^etag: (.+)\r?$/im.exec(whole.headers) ?? []
  expect(etag).toMatch(/^W?\/?"/)
  const again = await curl(cookies, ['--header', `If-None-Match: ${etag}`, url])
  expect([again.status, again.body.length]).toEqual([304, 0])
})

it.each(['/page', '/asset.css'])('%s is for no shared cache', async (path) => {
  const { headers } = await curl(await guard.cookiesOf(zoe), [guard.gate.url + path])
  expect(/^cache-control: (.+)\r?$/im.exec(headers)?.[1]).toMatch(/^private\b/)
  expect(headers).not.toMatch(/public|s-maxage/i)
})

it('is sent the headers of the browser, and none of the runtime', async () => {
  const cookies = await guard.cookiesOf(zoe)
  const plain = JSON.parse((await curl(cookies, [`${guard.gate.url}/asked`])).body)
  expect(plain).not.toHaveProperty('cache-control')
  expect(plain).not.toHaveProperty('pragma')
  const asked = ['--header', 'Cache-Control: max-age=0', `${guard.gate.url}/asked`]
  const said = JSON.parse((await curl(cookies, asked)).body)
  expect(said).toMatchObject({ 'cache-control': 'max-age=0' })
})
