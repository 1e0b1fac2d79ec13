/**
 * `npm run deploy`: migrations, then the Worker. The first time the Worker comes first, since its
 * deploy is what makes the database; a Worker without tables lets nobody in.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { readSettings } from '../cli/settings.ts'
import { complain, say } from '../cli/terminal.ts'
import { root, runWrangler } from '../cli/wrangler.ts'

const settings = await readSettings(join(root, 'gatehouse.config.ts'))
if (!settings.ok) {
  complain(settings.error.message)
  process.exit(1)
}
const local = settings.value.sites.filter(({ url }) => !url.startsWith('https:'))
if (local.length > 0) {
  complain(
    `gatehouse.config.ts still guards ${local.map(({ url }) => url).join(', ')}: put your site's public https address there.`,
  )
  process.exit(1)
}

const migrate = ['d1', 'migrations', 'apply', 'DB', '--remote']
say('Migrations …')
const migrated = await runWrangler(migrate)
if (migrated.ok) {
  process.exit(deploy())
} else if (/Couldn't find an? .*D1 DB/.test(migrated.error)) {
  say('There is no database yet: the first deploy makes it.')
  const code = deploy()
  if (code !== 0) process.exit(code)
  const again = await runWrangler(migrate)
  if (!again.ok) complain(`Deployed, but without tables nobody gets in:\n${again.error}`)
  process.exit(again.ok ? 0 : 1)
} else {
  complain(`Nothing was deployed, for the migrations failed:\n${migrated.error}`)
  process.exit(1)
}

function deploy(): number {
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const { status } = spawnSync(process.execPath, [wrangler, 'deploy', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, WRANGLER_LOG: 'log' },
  })
  return status ?? 1
}
