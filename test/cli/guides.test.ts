/** Where a guide shows a command and what it prints, the command prints that. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksOf, patternOf, wordsOf } from '../support/guide.ts'
import { entity, key, role, sso } from '../support/idp-metadata.ts'
import { ACCOUNT, startApi, TOKEN } from './cloudflare.ts'
import { createStage, vector, type Ran, type Stage } from './run.ts'

const certificate = readFileSync(vector('certificates/rsa-2048.pem'), 'utf8')
  .replace(/-----.*-----/g, '')
  .replaceAll(/\s/g, '')

/** Entity ID and sign-in address, as each product makes them. */
const idps = {
  okta: [
    'http://www.okta.com/exk1fcia6d6EMsf331d8',
    'https://example.okta.com/app/example_wiki_1/exk1fcia6d6EMsf331d8/sso/saml',
  ],
  onelogin: [
    'https://app.onelogin.com/saml/metadata/7d1e6f10-3f2a-4c5e-9d2b-0a1b2c3d4e5f',
    'https://example.onelogin.com/trust/saml2/http-redirect/sso/7d1e6f10-3f2a-4c5e-9d2b-0a1b2c3d4e5f',
  ],
  entra: [
    'https://sts.windows.net/11111111-2222-3333-4444-555555555555/',
    'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/saml2',
  ],
  generic: ['https://idp.acme.com', 'https://idp.acme.com/sso'],
} as const
const metadataOf = ([id, url]: readonly [string, string]): string =>
  entity(role(key(certificate) + sso('HTTP-Redirect', url)), id)

let stage: Stage
let server: Server
let config: string

/** On the store of the stage as the deployed Worker's: the guides say --remote. */
const run = (words: readonly string[]): Promise<Ran> =>
  stage.withStore(async (db) => {
    const api = await startApi(db)
    const env = { CLOUDFLARE_API_BASE_URL: api.url, CLOUDFLARE_API_TOKEN: TOKEN }
    return stage.shell
      .run([...words, '--config', config], { env: { ...env, CLOUDFLARE_ACCOUNT_ID: ACCOUNT } })
      .finally(api.stop)
  })

beforeAll(async () => {
  stage = await createStage()
  config = join(stage.directory, 'guides.config.ts')
  writeFileSync(
    config,
    `export default { sites: [{
      url: 'https://wiki.example.com', origin: 'https://origin.example.net',
      routes: [{ path: '/', access: 'signed-in' }] }] }`,
  )
  server = createServer((request, response) => {
    const idp = Object.entries(idps).find(([name]) => request.url === `/${name}`)
    response.writeHead(idp ? 200 : 404).end(idp ? metadataOf(idp[1]) : '')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
})
afterAll(async () => {
  server.close()
  await stage.remove()
})

describe('the output in the guide of', () => {
  it.each(Object.entries(idps))('%s is what the command prints', async (name, idp) => {
    const blocks = blocksOf(readFileSync(`docs/guides/${name}.md`, 'utf8'))
    const shown = blocks.flatMap(({ language, text }, i) => {
      const next = blocks[i + 1]
      const words = language === 'sh' && next?.language === 'text' ? wordsOf(text) : null
      return words && !words.includes('--follow') ? [{ words, output: next?.text ?? '' }] : []
    })
    expect(shown.map(({ words }) => words.slice(0, 2).join(' '))).toEqual([
      'connection add',
      'scim token',
    ])
    const { port } = server.address() as AddressInfo
    const file = join(stage.directory, `${name}.xml`)
    writeFileSync(file, metadataOf(idp))
    for (const { words, output } of shown) {
      const at = words.indexOf('--metadata')
      const from = at < 0 ? file : (words[at + 1] ?? '')
      const here = from.startsWith('https:') ? `http://127.0.0.1:${port}/${name}` : file
      expect(words).toContain('--remote')
      const ran = await run(words.map((word) => (word === from ? here : word)))
      expect([ran.code, ran.err]).toEqual([0, ''])
      const printed = ran.out
        .trimEnd()
        .replaceAll(here, from)
        .replace(/ --config [^\s`]+/g, '')
      expect(printed.split('\n')).toEqual(
        output.split('\n').map((line) => expect.stringMatching(wholeOf(line))),
      )
    }
  })
})

const wholeOf = (line: string): RegExp => new RegExp(`^\\s*${patternOf(line).source}\\s*$`)
