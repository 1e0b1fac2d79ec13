/** Errors of the gate itself at paths of the API: programs read problem details there (RFC 9457). */
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { newWorker, ORIGIN, SITE } from '../scim/stage.ts'
import { background } from '../support/background.ts'

const path = '/.gatehouse/api/v1/users'

async function ask(url: string, bindings: object = {}): Promise<Response> {
  const request = new Request(url, { method: 'POST', headers: { Accept: 'text/html' }, body: 'x' })
  return newWorker().fetch(request, { ...env, ORIGIN, ...bindings }, background)
}

it.each([
  ['no API in this Worker', SITE, {}, 404, 'not-found'],
  ['an unknown host', 'https://elsewhere.example', {}, 421, 'unknown-host'],
  ['plain http', SITE.replace('https', 'http'), {}, 403, 'not-https'],
  ['a Worker that cannot start', SITE, { SESSIONS: null }, 503, 'temporarily-unavailable'],
])('%s is a problem document', async (_, host, bindings, status, reason) => {
  const response = await ask(host + path, bindings)
  expect(response.status).toBe(status)
  expect(response.headers.get('Content-Type')).toBe('application/problem+json')
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  expect(response.headers.has('Retry-After')).toBe(status === 503)
  expect(await response.json()).toEqual({
    type: `urn:gatehouse:problem:${reason}`,
    title: expect.stringMatching(/./),
    status,
    detail: expect.stringMatching(/\.$/),
    instance: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/),
    reason,
  })
})

it('a path that only looks like one of the API gets the page of every other path', async () => {
  const response = await ask(`${SITE}/.gatehouse/api/v10`)
  expect([response.status, response.headers.get('Content-Type')]).toEqual([
    404,
    'text/html; charset=utf-8',
  ])
})
