/** How soon what an operator decides is so everywhere. */
import type { World } from './command.ts'

export interface Bound {
  /** null: the config cannot be read, which must not keep anybody signed in. */
  readonly seconds: number | null
  readonly words: string
}

export async function boundOf(world: World): Promise<Bound> {
  const config = await world.readConfig()
  if (!config.ok) {
    return {
      seconds: null,
      words: 'within the revocationSeconds of the deployed gatehouse.config.ts',
    }
  }
  const seconds = config.value.revocationSeconds
  return { seconds, words: `within ${seconds} second${seconds === 1 ? '' : 's'}` }
}
