/** git, npm, pip, curl and a client of Docker registries pass the gate by a service token. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startDemo } from '../../demo/demo.ts'
import { defaults } from '../../demo/options.ts'
import { hashProgramToken, toProgramToken } from '../../src/program/token.ts'
import { freePort, startProcess, whenListening, type Running } from '../../tools/stage/process.ts'
import { keepSecret } from '../../tools/stage/evidence.ts'
import { startProgramsOrigin, WHEEL, type ProgramsOrigin } from './programs-origin.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-programs-'))
const token = toProgramToken('service', crypto.getRandomValues(new Uint8Array(32)))
keepSecret(token)
let origin: ProgramsOrigin
let demo: Awaited<ReturnType<typeof startDemo>>
let registry: Running
let host = ''

/** What the command printed, on both ways, and whether it succeeded. */
async function sh(command: string): Promise<string> {
  const env = { ...process.env, HOME: directory, T: token, GIT_TERMINAL_PROMPT: '0' }
  const how = { cwd: directory, env, timeout: 120_000 }
  const { ok, stdout, stderr } = await promisify(execFile)('bash', ['-ec', command], how).then(
    (done) => ({ ok: 'ok', ...done }),
    (failed: unknown) => ({ ok: 'failed', stdout: '', stderr: '', ...Object(failed) }),
  )
  return `${String(ok)} ${String(stdout)}${String(stderr)}`
}

const me = 'git config user.email a@example.com && git config user.name a'

beforeAll(async () => {
  const made = await sh(
    `
    git init -q --bare repo.git && git -C repo.git config http.receivepack true
    git init -q first && cd first && ${me}
    echo hi > a && git add a && git commit -qm one && git push -q ../repo.git HEAD:main && cd ..
    git -C repo.git symbolic-ref HEAD refs/heads/main
    mkdir package && echo '{"name":"hello-gate","version":"1.0.0"}' > package/package.json
    tar czf hello-gate-1.0.0.tgz package
    python3 -c "import zipfile
    z = zipfile.ZipFile('${WHEEL}', 'w')
    i = 'hello_gate-1.0.dist-info/'
    z.writestr('hello_gate.py', '')
    z.writestr(i + 'METADATA', 'Metadata-Version: 2.1\\nName: hello-gate\\nVersion: 1.0\\n')
    z.writestr(i + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    z.writestr(i + 'RECORD', '')"`.replaceAll('\n    ', '\n'),
  )
  expect(made).toMatch(/^ok/)
  const registryPort = await freePort()
  writeFileSync(
    join(directory, 'registry.yml'),
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${directory}/images}}\nhttp: {addr: "127.0.0.1:${registryPort}"}\n`,
  )
  registry = startProcess(['docker-registry', 'serve', join(directory, 'registry.yml')], {})
  await whenListening(registryPort, [registry])
  origin = await startProgramsOrigin(directory, registryPort)
  const ports = { site: 0, idp: 0, origin: 0 }
  demo = await startDemo({ ...defaults, origin: origin.url, ports, log: () => undefined })
  host = new URL(demo.siteUrl).host
  const owner = await demo.db.prepare('SELECT id FROM users LIMIT 1').first<string>('id')
  const now = Date.now()
  await demo.db.batch([
    demo.db
      .prepare(
        `INSERT INTO service_tokens (id, name, user_id, sites, made_by, created_at)
         VALUES ('t1', 'ci', ?1, ?2, 'a test', ?3)`,
      )
      .bind(owner, JSON.stringify([host]), now),
    demo.db
      .prepare(`INSERT INTO service_secrets VALUES (?1, 't1', ?2, ?3)`)
      .bind(await hashProgramToken(token), now, now + 3_600_000),
  ])
}, 240_000)

afterAll(async () => {
  await registry.stop()
  origin.close()
  await demo.stop()
  rmSync(directory, { recursive: true, force: true })
})

it('curl, as Bearer, as Basic and by the pair of Cloudflare Access', async () => {
  expect(await sh(`curl -sS --oauth2-bearer "$T" http://${host}/x`)).toBe('ok hello')
  expect(await sh(`curl -sS -u "any:$T" http://${host}/x`)).toBe('ok hello')
  const pair = '-H "CF-Access-Client-Id: t1" -H "CF-Access-Client-Secret: $T"'
  expect(await sh(`curl -sS ${pair} http://${host}/x`)).toBe('ok hello')
  expect(await sh(`curl -sS http://${host}/x`)).toContain('login-required')
})

it('git clones and pushes, asks for a password, and shows why it is refused', async () => {
  expect(await sh(`git clone -q http://ci:$T@${host}/git/repo.git clone && cat clone/a`)).toBe(
    'ok hi\n',
  )
  const push = `cd clone && ${me} && echo b > b && git add b && git commit -qm two && git push -q`
  expect(await sh(`${push} && git -C ../repo.git log --format=%s main`)).toBe('ok two\none\n')
  await sh(`printf '#!/bin/sh\\necho "$T"' > ask && chmod +x ask`)
  const asked = `GIT_ASKPASS=./ask git clone -q http://ci@${host}/git/repo.git asked && ls asked`
  expect(await sh(asked)).toBe('ok a\nb\n')
  const wrong = `git clone -q http://ci:${'gh_st_'.padEnd(55, 'A')}@${host}/git/repo.git wrong`
  expect(await sh(wrong)).toMatch(/^failed .*This token is misspelt/s)
})

it('npm installs, and pip downloads', async () => {
  const npm = `mkdir n && cd n && echo '{}' > package.json && echo "//${host}/:_authToken=$T" > .npmrc`
  const install = `npm install --silent --registry http://${host}/ hello-gate && ls node_modules`
  expect(await sh(`${npm} && ${install}`)).toContain('hello-gate')
  const index = `--index-url "http://ci:$T@${host}/simple/" --trusted-host ${host}`
  const pip = `/usr/bin/python3 -m pip download -q --no-deps -d p ${index} hello-gate && ls p`
  expect(await sh(pip)).toContain(WHEEL)
})

it('a client of Docker registries signs in, and is refused without a token', async () => {
  const login = 'skopeo login --authfile auth.json --tls-verify=false --username ci'
  expect(await sh(`echo "$T" | ${login} --password-stdin ${host}`)).toContain('Login Succeeded')
  const list = `skopeo list-tags --tls-verify=false docker://${host}/nothing`
  expect(await sh(list)).toMatch(/^failed .*(unauthorized|authentication required)/s)
  // The registry itself answers: it has no image of this name.
  expect(await sh(`${list} --creds "ci:$T"`)).toContain('404 (Not Found)')
})

it('nothing of it tells the site behind the token', () => {
  expect(origin.received.length).toBeGreaterThan(10)
  const basic = Buffer.from(`ci:${token}`).toString('base64')
  expect(origin.received.filter((each) => each.includes(token) || each.includes(basic))).toEqual([])
  expect(origin.received.every((each) => each.includes('service ci'))).toBe(true)
})
