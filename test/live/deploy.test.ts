/** What goes wrong in a deploy, and how the next one goes on: by wrangler, at a stand-in of Cloudflare's API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { liveVersion, type Worker } from '../support/cloudflare/account.ts'
import {
  configOf,
  createDeployStage,
  customDomain,
  HOST,
  SITE,
  tomlOf,
  type DeployStage,
} from '../support/cloudflare/stage.ts'

let stage: DeployStage
beforeAll(async () => {
  stage = await createDeployStage()
})
afterAll(() => stage.stop())

const worker = (name = 'gatehouse'): Worker => {
  const found = stage.cloudflare.account.workers.get(name)
  if (!found) throw new Error(`there is no Worker ${name}`)
  return found
}
const bound = (name: string, of = worker()) =>
  liveVersion(of)?.bindings.find((each) => each.name === name)
const secret = (of = worker()): string => bound('GATEHOUSE_SECRET', of)?.text ?? ''
const other = (more: Partial<Worker>): Worker => ({
  name: 'shop',
  versions: [],
  live: null,
  routes: [],
  domains: [],
  crons: [],
  ...more,
})
const GOES_ON = 'Run the same command again: it goes on from there.'

describe('a deploy that fails', () => {
  it('says that the login is not accepted, and what it needs', async () => {
    const { code, err } = await stage.deploy([], { CLOUDFLARE_API_TOKEN: 'token-of-yesterday' })
    expect(code).toBe(1)
    expect(err).toContain(
      'Nothing was deployed: Cloudflare refused (403): Authentication error [10000]',
    )
    expect(err).toContain('the permissions in docs/deploying.md')
    expect(err).not.toContain('token-of-yesterday')
    expect(stage.cloudflare.account.databases).toEqual([])
  })

  it('says that the account has no room for a database', async () => {
    const how = { status: 400, code: 7406, message: 'limit reached' }
    stage.cloudflare.fail({ on: /^POST .*\/d1\/database$/, how })
    const { code, err } = await stage.deploy()
    expect(code).toBe(1)
    expect(err).toContain('The D1 database gatehouse could not be made. Cloudflare refused (400)')
    expect(err).toContain('npx wrangler d1 delete <name>')
    expect(err).toContain(GOES_ON)
  })

  it('at a migration deploys no Worker: Cloudflare applies it, and the answer is lost', async () => {
    stage.cloudflare.fail({ on: /^POST .*\/query$/, skip: 9, how: 'cut-after' })
    const { code, err } = await stage.deploy()
    expect(code).toBe(1)
    expect(err).toContain('The Worker was not deployed, because the migrations failed.')
    const [, cut] = /Migration (\d+)_\w+\.sql failed/.exec(err) ?? []
    const [, next] = /are left, from (\d+)_/.exec(err) ?? []
    expect(Number(next)).toBeGreaterThan(Number(cut))
    expect(err).toContain(GOES_ON)
    expect(stage.cloudflare.account.workers.size).toBe(0)
  })

  it('while Cloudflare fails leaves no Worker, and keeps stores and tables', async () => {
    const how = { status: 500, code: 10013, message: 'workers.api.error.unknown' }
    stage.cloudflare.fail({ on: /^PUT .*\/scripts\/gatehouse$/, how, times: 9 })
    const { code, err } = await stage.deploy()
    expect(code).toBe(1)
    expect(err).toContain('The Worker was not deployed: see above. Wait a few minutes')
    expect(err).toContain(GOES_ON)
    expect(stage.cloudflare.account.workers.size).toBe(0)
    stage.cloudflare.heal()
  })

  it('at a domain that is no zone has uploaded the Worker, with its secret, and says so', async () => {
    await stage.write(
      'wrangler.toml',
      await tomlOf('{ pattern = "wiki.example.org", custom_domain = true }'),
    )
    // Cloudflare takes the first upload, and its answer is lost: wrangler sends it again.
    stage.cloudflare.fail({ on: /^PUT .*\/scripts\/gatehouse$/, how: 'cut-after' })
    stage.cloudflare.fail({ on: /^PUT .*\/schedules$/, how: 'cut-before' })
    const { code, out, err } = await stage.deploy()
    expect(code).toBe(1)
    expect(out).toContain('Migrations: all are applied.')
    expect(err).toContain('The Worker was uploaded, but its addresses or its cron were not set')
    expect(err).toContain('The domain of a route is no zone of this account.')
    expect(err).toContain('Cron schedules:')
    expect(worker().crons).toEqual([])
    expect(secret()).toMatch(/^[A-Za-z0-9+/]{43}=$/)
    expect(out + err).not.toContain(secret().slice(0, 16))
  })

  it('at its addresses says so, when the answer to them is lost', async () => {
    await stage.write('wrangler.toml', await tomlOf(customDomain))
    stage.cloudflare.fail({ on: /^PUT .*\/domains\/records$/, how: 'cut-after' })
    const { code, err } = await stage.deploy()
    expect(code).toBe(1)
    expect(err).toContain('The Worker was uploaded, but its addresses or its cron were not set')
    expect(err).toContain(GOES_ON)
  })

  it('goes on with the same secret, and waits where Cloudflare takes no more requests', async () => {
    const kept = secret()
    const how = { status: 429, code: 971, message: 'Please wait' }
    stage.cloudflare.fail({ on: /^GET .*\/scripts\/gatehouse\/settings$/, how, times: 2 })
    stage.cloudflare.fail({ on: /^PUT .*\/values\/config%3Adeployed$/, how: 'cut-after' })
    const { code, out, err } = await stage.deploy()
    expect(code, err).toBe(0)
    expect(err).toContain('The next deploy cannot show what it changes.')
    expect(worker()).toMatchObject({ domains: [{ hostname: HOST }], crons: ['17 * * * *'] })
    expect(out).toContain('The gate is ready, and lets nobody in without a session.')
    expect(secret()).toBe(kept)
    expect(stage.cloudflare.unknown).toEqual([])
  })
})

describe('a deploy of what runs already', () => {
  it('finds a site that is open at its address, and deploys again', async () => {
    stage.internet.elsewhere.add(HOST)
    const before = worker().versions.length
    const { code, out, err } = await stage.deploy(['--wait', '0'])
    expect(code).toBe(1)
    expect(out).toContain('The gate is not as it was deployed, so it is deployed again:')
    expect(err).toContain(`${SITE}/ answered 200 to a request without a session`)
    expect(err).toContain('THE SITE IS OPEN to everybody at this address.')
    expect(worker().versions.length).toBe(before + 1)
    stage.internet.elsewhere.clear()
  })

  it('takes back the domain that somebody took from the Worker', async () => {
    worker().domains = []
    const { code, out } = await stage.deploy(['--wait', '0'])
    expect(code).toBe(0)
    expect(out).toContain(`${SITE}/.gatehouse/health/ready does not answer`)
    expect(worker().domains).toMatchObject([{ hostname: HOST }])
  })

  it('uploads it again after a roll-back', async () => {
    const [first] = worker().versions
    worker().live = first?.id ?? null
    const { code, out } = await stage.deploy()
    expect(code).toBe(0)
    expect(out).not.toContain('Nothing is new')
    expect(worker().live).toBe(worker().versions.at(-1)?.id)
  })
})

describe('staging and production', () => {
  const staging = (database: string) => `
[env.staging]
routes = [{ pattern = "staging.example.com", custom_domain = true }]
[[env.staging.kv_namespaces]]
binding = "SESSIONS"
[[env.staging.d1_databases]]
binding = "DB"
database_name = "${database}"
migrations_dir = "migrations"
[env.staging.secrets]
required = ["GATEHOUSE_SECRET"]
`
  const args = ['--env', 'staging', '--config', 'staging.config.ts']

  it('never share a database', async () => {
    await stage.write('wrangler.toml', await tomlOf(customDomain, staging('gatehouse')))
    await stage.write(
      'staging.config.ts',
      configOf("'signed-in'", 'https://origin.example.net', 'https://staging.example.com'),
    )
    const { code, err } = await stage.deploy(args)
    expect(code).toBe(1)
    expect(err).toContain(`The database "gatehouse" of [env.staging] is production's.`)
    expect(stage.calls()).toEqual([])
  })

  it('have Workers, stores, secrets and addresses of their own', async () => {
    const production = { ...worker(), secret: secret() }
    await stage.write('wrangler.toml', await tomlOf(customDomain, staging('gatehouse-staging')))
    const { code, out, err } = await stage.deploy(args)
    expect(code, err).toBe(0)
    const given = '--remote --env staging --config staging.config.ts'
    expect(out).toContain(`npx gatehouse connection list ${given}`)
    expect(out).toContain(`--for okta ${given}\n`)
    const own = worker('gatehouse-staging')
    expect(own.domains).toMatchObject([{ hostname: 'staging.example.com' }])
    expect([secret(own).length, secret(own) === secret()]).toEqual([44, false])
    for (const name of ['SESSIONS', 'DB']) expect(bound(name, own)).not.toEqual(bound(name))
    expect({ ...worker(), secret: secret() }).toEqual(production)
  })
})

describe('an address that belongs to something else', () => {
  it('is not taken, if it is a route of another Worker', async () => {
    const pattern = `${HOST}/*`
    stage.cloudflare.account.workers.set('shop', other({ routes: [{ pattern }] }))
    await stage.write(
      'wrangler.toml',
      await tomlOf(`{ pattern = "${pattern}", zone_name = "example.com" }`),
    )
    const { code, err } = await stage.deploy()
    expect(code).toBe(1)
    expect(err).toContain('"shop" is already assigned to routes')
    expect(err).toContain('Take the route from it in the dashboard')
    expect(worker().routes).toEqual([])
  })

  it('is not taken without a question, if it is a custom domain of another Worker', async () => {
    const domains = [{ hostname: 'new.example.com' }]
    stage.cloudflare.account.workers.set('shop', other({ domains }))
    await stage.write(
      'wrangler.toml',
      await tomlOf('{ pattern = "new.example.com", custom_domain = true }'),
    )
    const { code, err } = await stage.deploy()
    expect(code).toBe(1)
    expect(err).toContain('new.example.com belongs to the Worker shop')
    expect(stage.calls().filter((call) => call.startsWith('PUT '))).toEqual([])
  })
})

describe('a Worker that was deleted', () => {
  const jwks = () =>
    stage.cloudflare.runtime.visit('gatehouse', `${SITE}/.gatehouse/jwks.json`, {
      method: 'GET',
      headers: { host: HOST },
    })

  it('gets no new secret over a database that is sealed under its old one', async () => {
    await stage.write('wrangler.toml', await tomlOf(customDomain))
    expect((await jwks()).status).toBe(200)
    stage.cloudflare.account.workers.delete('gatehouse')
    const { code, err } = await stage.deploy()
    expect(code).toBe(1)
    expect(err).toContain('the database has keys that are sealed under a GATEHOUSE_SECRET')
    expect(stage.cloudflare.account.workers.has('gatehouse')).toBe(false)
  })

  it('goes on with a new one as docs/deploying.md says', async () => {
    // What `wrangler secret put` makes of a Worker that is not there.
    const text = Buffer.alloc(32, 7).toString('base64')
    const bindings = [{ type: 'secret_text', name: 'GATEHOUSE_SECRET', text }]
    const versions = [{ id: 'draft', bindings, modules: [] }]
    stage.cloudflare.account.workers.set(
      'gatehouse',
      other({ name: 'gatehouse', versions, live: 'draft' }),
    )
    const [database] = stage.cloudflare.account.databases
    const db = await stage.cloudflare.runtime.database(database?.uuid ?? '')
    await db.batch([db.prepare('DELETE FROM signing_keys'), db.prepare('DELETE FROM sp_keys')])
    const { code, out, err } = await stage.deploy()
    expect(code, err).toBe(0)
    expect(out).toContain('The gate is ready, and lets nobody in without a session.')
    expect(secret()).toBe(text)
    expect((await jwks()).status).toBe(200)
  })
})
