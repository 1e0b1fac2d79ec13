/**
 * The people and groups of the identity provider. A change counts here once the SCIM service has
 * accepted it.
 */
import type { Person, Profile } from '../people.ts'
import { createdId, isDone, type Exchange, type ScimClient } from './scim-client.ts'
import {
  groupAdded,
  groupRemoved,
  groupRenamed,
  memberRemoved,
  membersAdded,
  personAdded,
  personChanged,
  personRemoved,
  personSwitched,
} from './scim-requests.ts'

export interface Account extends Person {
  /** The id in the SCIM service. */
  readonly scimId: string
  readonly active: boolean
}

export interface Group {
  readonly scimId: string
  readonly name: string
  /** Ids of people. */
  readonly members: ReadonlySet<string>
}

export interface Directory {
  people(): readonly Account[]
  groups(): readonly Group[]
  findPerson(id: string): Account | null
  findGroup(scimId: string): Group | null
  groupsOf(person: Person): readonly Group[]
  addPerson(person: Person): Promise<Exchange>
  /** Null: nothing has changed. */
  changePerson(account: Account, profile: Profile): Promise<Exchange | null>
  setActive(account: Account, active: boolean): Promise<Exchange>
  removePerson(account: Account): Promise<Exchange>
  addGroup(name: string): Promise<Exchange>
  renameGroup(group: Group, name: string): Promise<Exchange>
  removeGroup(group: Group): Promise<Exchange>
  putIn(group: Group, accounts: readonly Account[]): Promise<Exchange>
  takeOut(group: Group, account: Account): Promise<Exchange>
}

export function createDirectory({ send }: Pick<ScimClient, 'send'>): Directory {
  const people = new Map<string, Account>()
  const groups = new Map<string, Group>()

  const keepPerson = (account: Account) => void people.set(account.id, account)
  const keepGroup = (group: Group) => void groups.set(group.scimId, group)
  /** Reads the current state, because another change may have been answered meanwhile. */
  const edit = {
    person: (id: string, change: (account: Account) => Account) => {
      const account = people.get(id)
      if (account) keepPerson(change(account))
    },
    members: (scimId: string, change: (members: Set<string>) => void) => {
      const group = groups.get(scimId)
      if (!group) return
      const members = new Set(group.members)
      change(members)
      keepGroup({ ...group, members })
    },
  }
  async function sent(
    request: Parameters<typeof send>[0],
    apply: (exchange: Exchange) => void,
  ): Promise<Exchange> {
    const exchange = await send(request)
    if (isDone(exchange)) apply(exchange)
    return exchange
  }

  return {
    people: () => [...people.values()],
    groups: () => [...groups.values()],
    findPerson: (id) => people.get(id) ?? null,
    findGroup: (scimId) => groups.get(scimId) ?? null,
    groupsOf: ({ id }) => [...groups.values()].filter(({ members }) => members.has(id)),

    addPerson: (person) =>
      sent(personAdded(person), (exchange) => {
        const scimId = createdId(exchange)
        if (scimId !== null) keepPerson({ ...person, scimId, active: true })
      }),
    changePerson: async (account, profile) => {
      const request = personChanged(account, profile)
      if (!request) return null
      return sent(request, () => edit.person(account.id, (now) => ({ ...now, ...profile })))
    },
    setActive: (account, active) =>
      sent(personSwitched(account, active), () =>
        edit.person(account.id, (now) => ({ ...now, active })),
      ),
    removePerson: (account) =>
      sent(personRemoved(account), () => {
        people.delete(account.id)
        for (const id of groups.keys()) edit.members(id, (members) => members.delete(account.id))
      }),
    addGroup: (name) =>
      sent(groupAdded(name), (exchange) => {
        const scimId = createdId(exchange)
        if (scimId !== null) keepGroup({ scimId, name, members: new Set() })
      }),
    renameGroup: (group, name) =>
      sent(groupRenamed(group, name), () => {
        const now = groups.get(group.scimId)
        if (now) keepGroup({ ...now, name })
      }),
    removeGroup: (group) => sent(groupRemoved(group), () => void groups.delete(group.scimId)),
    putIn: (group, accounts) =>
      sent(membersAdded(group, accounts), () =>
        edit.members(group.scimId, (members) => {
          for (const { id } of accounts) members.add(id)
        }),
      ),
    takeOut: (group, account) =>
      sent(memberRemoved(group, account), () =>
        edit.members(group.scimId, (members) => members.delete(account.id)),
      ),
  }
}
