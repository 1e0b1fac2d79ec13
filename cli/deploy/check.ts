/** Before a deploy: whether the rules name what the store has. */
import type { Config } from '../../src/config.ts'
import { checkConfig } from '../check.ts'
import { completeHints, quote } from '../hint.ts'
import { environmentName } from '../project.ts'
import { needsMigration } from '../store.ts'
import { complain, say } from '../terminal.ts'

interface Asked {
  readonly settings: Config
  /** The value of --config. */
  readonly config: string | undefined
  readonly isDespite: boolean
}

/** Ends the process if a rule matches nothing. False: the migrations must be applied before this can be checked. */
export async function checkNames(
  store: D1Database,
  { settings, config, isDespite }: Asked,
): Promise<boolean> {
  const outcome = await checkConfig(settings, store).catch((error: unknown) => {
    if (needsMigration(error)) return null
    throw error
  })
  if (!outcome?.ok) return false
  say(`${completeHints(outcome.value.text ?? '', chosenBy(config))}\n`)
  if (outcome.value.isRefusal && !isDespite) {
    complain(
      'Nothing was deployed. Correct these rules, or deploy all the same: npm run deploy -- --despite-check',
    )
    process.exit(1)
  }
  return true
}

/** The options with which another command works on what this deploy deploys. */
export function chosenBy(config: string | undefined): string {
  const environment = environmentName()
  return [
    ' --remote',
    ...(environment === null ? [] : [` --env ${quote(environment)}`]),
    ...(config === undefined ? [] : [` --config ${quote(config)}`]),
  ].join('')
}
