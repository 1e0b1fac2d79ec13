import type { people } from '../people.ts'
import type { Directory } from './directory.ts'
import { isDone, problemOf, type Exchange } from './scim-client.ts'

/** Sends all people and their groups, as an identity provider does when it is first connected. */
export async function provision(directory: Directory, seed: typeof people): Promise<void> {
  for (const { groups: _, ...person } of seed) expectDone(await directory.addPerson(person))
  for (const name of new Set(seed.flatMap(({ groups }) => groups))) {
    expectDone(await directory.addGroup(name))
    const group = directory.groups().find((added) => added.name === name)
    const ids = seed.filter(({ groups }) => groups.includes(name)).map(({ id }) => id)
    const accounts = directory.people().filter(({ id }) => ids.includes(id))
    if (group) expectDone(await directory.putIn(group, accounts))
  }
}

function expectDone(exchange: Exchange): void {
  if (!isDone(exchange)) throw new Error(`${exchange.title}: ${problemOf(exchange)}`)
}
