import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { findDeployed, keepDeployed } from '../../cli/policy/deployed.ts'
import { parseConfig } from '../../src/config.ts'
import { liveVersion } from '../support/cloudflare/account.ts'
import { ACCOUNT, TOKEN } from '../support/cloudflare/api.ts'
import { configOf, createDeployStage, SITE, type DeployStage } from '../support/cloudflare/stage.ts'
import { connectionOf, seedConnection } from './people.ts'

describe('npx gatehouse deploy, on an account that has nothing', () => {
  let stage: DeployStage
  beforeAll(async () => {
    stage = await createDeployStage()
  })
  afterAll(() => stage.stop())

  /** Nothing was asked that could have changed anything. */
  const expectOnlyRead = () => {
    const reads = /^GET |^POST .*\/(query|changeset)$/
    expect(stage.calls().filter((call) => !reads.test(call))).toEqual([])
  }
  const theWorker = () => {
    const worker = stage.cloudflare.account.workers.get('gatehouse')
    if (!worker) throw new Error('there is no Worker')
    return worker
  }
  const secretOf = (): string =>
    liveVersion(theWorker())?.bindings.find(({ name }) => name === 'GATEHOUSE_SECRET')?.text ?? ''
  const openDatabase = () =>
    stage.cloudflare.runtime.database(stage.cloudflare.account.databases[0]?.uuid ?? '')

  it('asks nobody about an origin of this machine, and refuses it', async () => {
    await stage.write('local.config.ts', configOf("'signed-in'", 'http://127.0.0.1:3000'))
    const { code, err } = await stage.deploy(['--config', 'local.config.ts'])
    expect(code).toBe(1)
    expect(err).toContain(`The origin http://127.0.0.1:3000 of ${SITE}`)
    expect(stage.calls()).toEqual([])
  })

  it('asks nobody about a config that is another one in the Worker, and refuses it', async () => {
    const drifting = configOf().replace('export default', 'const config =')
    await stage.write(
      'drift.config.ts',
      `${drifting}const isDeployed = navigator.userAgent === 'Cloudflare-Workers'
       export default isDeployed ? { ...config, revocationSeconds: 30 } : config\n`,
    )
    const { code, err } = await stage.deploy(['--config', 'drift.config.ts'])
    expect(code).toBe(1)
    expect(err).toContain('Nothing was deployed: drift.config.ts exports another config')
    expect(err).toContain('It must not depend on where it runs')
    expect(stage.calls()).toEqual([])
  })

  it('asks nobody about a config whose functions cannot be found again, and says which', async () => {
    const origin = `get origin() { return (label) => 'https://' + label + '.example.net' }`
    const site = `{ url: 'https://*.example.com', ${origin}, routes: [{ path: '/', access: 'signed-in' }] }`
    await stage.write(
      'getter.config.ts',
      `export default { loginHost: { url: '${SITE}' }, sites: [${site}] }\n`,
    )
    const { code, err } = await stage.deploy(['--config', 'getter.config.ts'])
    expect(code).toBe(1)
    expect(err).toMatch(
      /Nothing was deployed: .*getter\.config\.ts: sites\[0\]\.origin\.url is a fun/,
    )
    expect(err).not.toContain('could not be split')
    expect(stage.calls()).toEqual([])
  })

  it('refuses an environment that wrangler.toml does not have: it would use what production has', async () => {
    const { code, err } = await stage.deploy(['--env', 'staging'])
    expect(code).toBe(1)
    expect(err).toContain('wrangler.toml has no [env.staging]')
    expect(stage.calls()).toEqual([])
  })

  it('deploys no Worker over a database that could not be migrated, and says what to do', async () => {
    // Cloudflare makes the namespace, and its answer is lost.
    stage.cloudflare.fail({ on: /^POST .*\/kv\/namespaces$/, how: 'cut-after' })
    const how = { status: 400, code: 7500, message: 'D1 is overloaded' }
    stage.cloudflare.fail({ on: /^POST .*\/query$/, skip: 9, times: 99, how })
    const { code, err } = await stage.deploy()
    expect(code).toBe(1)
    expect(err).toContain('The Worker was not deployed, because the migrations failed.')
    expect(err).toContain('D1 is overloaded')
    expect(err).toContain('Run the same command again: it goes on from there.')
    expect(stage.cloudflare.account.workers.size).toBe(0)
    stage.cloudflare.heal()
  })

  it('goes on from there, sets the secret, asks the gate, and says what is next', async () => {
    const { code, out, err } = await stage.deploy()
    expect([code, stage.cloudflare.unknown], err).toEqual([0, []])
    expect(out).toContain('D1 database gatehouse: is there.')
    expect(out).toContain('KV namespace gatehouse-sessions: is there.')
    expect(out).toMatch(/^Migrations: 1?\d to apply/m)

    const { namespaces, databases } = stage.cloudflare.account
    expect(namespaces.map(({ title }) => title)).toEqual(['gatehouse-sessions'])
    expect(databases.map(({ name }) => name)).toEqual(['gatehouse'])
    const tables = await (
      await openDatabase()
    )
      .prepare("SELECT count(*) AS n FROM sqlite_master WHERE name IN ('connections', 'users')")
      .first('n')
    expect(tables).toBe(2)
    expect(liveVersion(theWorker())?.bindings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'SESSIONS', namespace_id: namespaces[0]?.id }),
        expect.objectContaining({ name: 'DB', id: databases[0]?.uuid }),
      ]),
    )
    // What a visitor of a site does not need is in modules of its own.
    const names = liveVersion(theWorker())?.modules.map(({ name }) => name) ?? []
    expect([names[0], names.length > 30]).toEqual(['worker.js', true])
    expect(names).toContainEqual(expect.stringMatching(/^login-\w+\.js$/))
    expect(names.filter((name) => name.endsWith('.map'))).toEqual([])
    expect(theWorker()).toMatchObject({
      domains: [{ hostname: 'app.example.com' }],
      crons: ['17 * * * *'],
    })

    // 32 bytes in base64, and in nothing that was printed or left on this machine.
    expect(secretOf()).toMatch(/^[A-Za-z0-9+/]{43}=$/)
    expect(out + err).not.toContain(secretOf().slice(0, 16))
    expect(await stage.has('.gatehouse-deploy.json')).toBe(false)

    const given = ' --remote --config gatehouse.config.ts'
    expect(out).toContain('The gate is ready, and lets nobody in without a session.')
    expect(out).toContain(`connection add okta --metadata <url or file> --for okta${given}\n`)
    expect(out).toContain(`${SITE}/.gatehouse/saml/okta/acs`)
    expect(out).toContain(`${SITE}/.gatehouse/scim/okta/v2`)
  })

  it('changes nothing the second time, and says so', async () => {
    const [secret, version] = [secretOf(), theWorker().live]
    const { code, out } = await stage.deploy()
    expect(code).toBe(0)
    expect(out).toContain('Nothing is new: no store, secret, migration or code was changed.')
    expect(out).toContain('The gate is ready, and lets nobody in without a session.')
    expectOnlyRead()
    expect([secretOf(), theWorker().live]).toEqual([secret, version])
  })

  it('keeps the config, as the file exports it', async () => {
    const [namespace] = stage.cloudflare.account.namespaces
    const kept = namespace?.values.get('config:deployed') ?? ''
    vi.stubEnv('CLOUDFLARE_API_BASE_URL', stage.cloudflare.url)
    vi.stubEnv('CLOUDFLARE_API_TOKEN', TOKEN)
    vi.stubEnv('CLOUDFLARE_ACCOUNT_ID', ACCOUNT)
    const parsed = parseConfig(JSON.parse(kept))
    if (!parsed.ok) throw new Error('the config has a fault')
    expect(parsed.value.sites[0]?.url).toBe(SITE)
    expect(await findDeployed(parsed.value)).toEqual({ ok: true, value: parsed.value })
    expect(await keepDeployed({}, 'OTHER')).toMatchObject({
      error: { message: 'The deployed Worker has no KV namespace "OTHER".' },
    })
    namespace?.values.set('config:deployed', 'export default {}')
    expect(await findDeployed(parsed.value)).toMatchObject({
      error: { message: expect.stringContaining('cannot be read by this version') },
    })
    vi.unstubAllEnvs()
  })

  it('refuses a rule that matches nothing, before anything is written', async () => {
    // Names can be judged once there is a connection.
    await seedConnection(await openDatabase(), connectionOf('acme'))
    await stage.write('rule.config.ts', configOf("{ connection: 'okta' }"))
    const { code, out, err } = await stage.deploy(['--config', 'rule.config.ts'])
    expect(code).toBe(1)
    expect(out).toContain(`matches nothing  ${SITE}/: connection okta`)
    expect(err).toContain('--despite-check')
    expectOnlyRead()
  })

  it('--dry-run says who gains and loses what, which migrations are to come, and writes nothing', async () => {
    const [namespace] = stage.cloudflare.account.namespaces
    const routes = [{ path: '/', access: 'public' }]
    const was = { sites: [{ url: SITE, origin: 'https://origin.example.net', routes }] }
    namespace?.values.set('config:deployed', JSON.stringify(was))
    const remove = "DELETE FROM d1_migrations WHERE name LIKE '0007%'"
    await (await openDatabase()).prepare(remove).run()
    const { code, out } = await stage.deploy(['--dry-run'])
    expect(code).toBe(0)
    expect(out).toContain(`- GET ${SITE}/\n    1 lose it: nobody\n`)
    expect(out).toContain('To make: nothing.')
    expect(out).toContain('Migrations to apply: 0007_audit_share.sql.')
    const [builds = '', said = ''] = out.split('--dry-run: exiting now.')
    expect(builds).toMatch(/^Attaching additional modules:\n\d+ modules, [\d.]+ KiB\n[^┌│]*$/m)
    expect(builds).toContain('Total Upload')
    expect(out).not.toContain('is in no route')
    // What the operator has to read comes after the list of all modules.
    expect(said).toContain('1 lose it: nobody')
    expect(said).toMatch(/Nothing was written\. The same command without --dry-run deploys it\.\n$/)
    expectOnlyRead()
  })
})
