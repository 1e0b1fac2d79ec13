/** The Worker of `npm run dev`. The deployed Worker has none of this code. */
import { toLocal, type LocalAddress } from '../local.ts'
import { admin } from '../../src/admin-entry.ts'
import { createGatehouse } from '../../src/app.ts'
import { explainFaults, parseConfig, type GatehouseConfig } from '../../src/config.ts'
import { toPlainLines } from '../../src/lib/plain.ts'

/**
 * A config that cannot be served gives a Worker that says why. The next save can correct it.
 *
 * @param load gives the module of the config. The file may export anything, whatever the type says.
 */
export async function createDevWorker(
  load: () => Promise<{ readonly default?: GatehouseConfig }>,
  file: string,
  address: LocalAddress,
): Promise<ExportedHandler> {
  try {
    const { default: config } = await load()
    if (!config)
      return refusing(`${file} has no default export: export default defineConfig({ … })`)
    const asDeployed = parseConfig(config)
    const asServed = asDeployed.ok ? parseConfig(toLocal(config, address)) : asDeployed
    return asServed.ok
      ? createGatehouse(toLocal(config, address), { admin })
      : refusing(`${file} has a fault:\n${explainFaults(asServed.error)}`)
  } catch (error) {
    return refusing(`${file} does not load: ${error instanceof Error ? error.message : 'a bug'}`)
  }
}

function refusing(why: string): ExportedHandler {
  const says = `${why}\nNothing is served until this is corrected and saved.`
  console.error(toPlainLines(says))
  const headers = { 'Cache-Control': 'no-store' }
  return { fetch: () => new Response(`${says}\n`, { status: 503, headers }) }
}
