/** Within which time a change of the operator is in force everywhere. */
import { withinSeconds, type Bound } from '../src/admin/operation.ts'
import type { World } from './command.ts'

export async function boundOf(world: World): Promise<Bound> {
  const config = await world.readConfig()
  // A config with a fault must not keep anybody signed in.
  if (!config.ok) {
    return {
      seconds: null,
      words: 'within the revocationSeconds of the deployed gatehouse.config.ts',
    }
  }
  return withinSeconds(config.value.revocationSeconds)
}
