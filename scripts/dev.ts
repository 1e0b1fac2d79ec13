/** `npm run dev`: the Worker on this machine, in front of your own site, by your own config. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root, runWrangler } from '../cli/wrangler.ts'
import { complain, say } from '../cli/terminal.ts'
import { readSettings } from '../cli/settings.ts'

const DEV_VARS = join(root, '.dev.vars')

const settings = await readSettings(join(root, 'gatehouse.config.ts'))
if (!settings.ok) {
  complain(settings.error.message)
  process.exit(1)
}
await makeSecret()
const migrated = await runWrangler(['d1', 'migrations', 'apply', 'DB', '--local'])
if (!migrated.ok) {
  complain(`The dev store cannot be brought up to date:\n${migrated.error}`)
  process.exit(1)
}
const [site] = settings.value.sites
if (site) {
  const { hostname, port } = new URL(site.url)
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost')
  say(
    isLocal
      ? `Gatehouse will be at ${site.url}\n`
      : `The config guards ${site.url}: on this machine wrangler dev answers as that host.\n`,
  )
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const where = isLocal ? ['--port', port || '80', '--ip', 'localhost'] : ['--host', site.url]
  const dev = spawn(process.execPath, [wrangler, 'dev', ...where, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, WRANGLER_LOG: 'log' },
  })
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => dev.kill('SIGTERM'))
  dev.on('exit', (code) => process.exit(code ?? 1))
}

/** Once: what was sealed under it yesterday opens today. Git ignores the file. */
async function makeSecret(): Promise<void> {
  const vars = await readFile(DEV_VARS, 'utf8').catch(() => '')
  if (/^GATEHOUSE_SECRET=/m.test(vars)) return
  const before = vars === '' || vars.endsWith('\n') ? '' : '\n'
  const secret = randomBytes(32).toString('base64')
  await appendFile(DEV_VARS, `${before}GATEHOUSE_SECRET=${secret}\n`, { mode: 0o600 })
  say('A secret for this machine was made in .dev.vars.')
}
