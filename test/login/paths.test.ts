import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import { background } from '../support/background.ts'
import { configOf, SITE } from './stage.ts'

const worker = createGatehouse(configOf())
const ask = async (method: string, path: string): Promise<readonly [number, string]> => {
  const request = new Request(SITE + path, { method, redirect: 'manual' })
  const answer = await worker.fetch(request, { ...env, ORIGIN: origin }, background)
  return [answer.status, await answer.text()]
}
const origin = { fetch: () => Promise.reject(new Error('nothing is asked of the origin')) }

const pages = [
  ['GET', '/.gatehouse/jwks.json'],
  ['GET', '/.gatehouse/login'],
  ['GET', '/.gatehouse/logout'],
  ['POST', '/.gatehouse/logout'],
  ['POST', '/.gatehouse/saml/okta/acs'],
] as const

it.each(pages)(
  'a slash at the end of a path of ours means nothing: %s %s',
  async (method, path) => {
    const [status, text] = await ask(method, path)
    expect(status).not.toBe(404)
    const [withSlash, textWithSlash] = await ask(method, `${path}/`)
    expect(withSlash).toBe(status)
    const withoutIds = (page: string) => page.replace(/[\da-f]{8}-[\da-f-]{27}/g, '')
    expect(withoutIds(textWithSlash)).toBe(withoutIds(text))
  },
)

it.each([
  ...pages.flatMap(([method, path]) => [
    [method, `${path}//`],
    [method, `${path}/more`],
    [method, `${path}x`],
    [method, `${path}%2F`],
    [method, `${path}%0A`],
    [method, `${path};a=b`],
    [method, path.replace('/.gatehouse/', '/.gatehouse//')],
    [method, path.toUpperCase().replace('GATEHOUSE', 'gatehouse')],
    ['PUT', path],
    ['DELETE', path],
    ['PROPFIND', path],
  ]),
  ['GET', '/.gatehouse/saml/okta/acs'],
  ['GET', '/.gatehouse/jwksXjson'],
  ['POST', '/.gatehouse/jwks.json'],
  ['POST', '/.gatehouse/saml/okta/more/acs'],
  ['POST', '/.gatehouse/saml//acs'],
  ['GET', '/.gatehouse/scimming'],
])('nothing else opens it: %s %s', async (method, path) => {
  const [status, text] = await ask(method, path)
  expect(status).toBe(404)
  expect(JSON.parse(text)).toMatchObject({ error: 'not-found' })
})
