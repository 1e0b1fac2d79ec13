/** The config that runs at Cloudflare, as the last deploy kept it in Workers KV. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explainFaults, parseConfig, type Config } from '../../src/config.ts'
import type { Result } from '../../src/lib/result.ts'
import { refused, type Failure } from '../command.ts'
import { runWrangler } from '../wrangler.ts'

const KEY = 'config:deployed'

/** @param current names the binding of the namespace. */
export async function readDeployed({ bindings }: Config): Promise<Result<Config, Failure>> {
  const got = await runWrangler([
    'kv',
    'key',
    'get',
    KEY,
    ...namespace(bindings.sessions),
    '--text',
  ])
  if (!got.ok || !got.value.trim().startsWith('{')) {
    return refused(
      'No deploy has kept its config yet, or Workers KV cannot be read. The next deploy keeps it; until then compare with a commit: --against main.',
    )
  }
  const parsed = parseConfig(JSON.parse(got.value))
  return parsed.ok
    ? parsed
    : refused(`The deployed config is of another version:\n${explainFaults(parsed.error)}`)
}

/** @param config as the file exports it. False: it could not be kept. */
export async function keepDeployed(config: unknown, binding: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-config-'))
  try {
    const file = join(folder, 'config.json')
    await writeFile(file, JSON.stringify(config))
    return (await runWrangler(['kv', 'key', 'put', KEY, '--path', file, ...namespace(binding)])).ok
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const namespace = (binding: string): readonly string[] => ['--binding', binding, '--remote']
