/** Adds people and groups to the real D1, as if a directory had sent them. */
import { env } from 'cloudflare:workers'
import { changeGroup, createGroup } from '../../src/directory/group-store.ts'
import type { MemberStep } from '../../src/directory/member.ts'
import {
  createUser,
  findUser,
  removeUser,
  replaceUser,
} from '../../src/directory/provisioned-store.ts'
import type { Instant } from '../../src/lib/instant.ts'
import { parseDoc, toGroupWrite, toUserWrite } from '../../src/scim/resource.ts'
import { groupType, userType } from '../../src/scim/schema.ts'
import { noon } from './site.ts'

type Fields = Readonly<Record<string, unknown>>

const docOf = (own: Fields) => parseDoc(JSON.stringify({ own, extension: {} }))
const editionOf = (connection: string, id: string, now: Instant) => ({
  connection,
  id,
  version: null,
  writeId: crypto.randomUUID(),
  now,
})

/** @returns the id of the person, in `users` too. */
export async function addProvisioned(own: Fields, connection = 'okta'): Promise<string> {
  const write = toUserWrite(userType, docOf({ active: true, ...own }))
  const made = await createUser(env.DB, editionOf(connection, crypto.randomUUID(), noon), write)
  if (!made) throw new Error('the name is taken')
  return made.id
}

export async function changeProvisioned(
  id: string,
  change: Fields,
  now: Instant = noon,
  connection = 'okta',
): Promise<boolean> {
  const stored = await findUser(env.DB, connection, id)
  const { own } = parseDoc(stored?.doc ?? '')
  const write = toUserWrite(userType, docOf({ ...own, ...change }))
  return replaceUser(env.DB, editionOf(connection, id, now), write)
}

export const removeProvisioned = async (id: string, now: Instant = noon, connection = 'okta') =>
  (await removeUser(env.DB, { connection, id, version: null, now })) !== null

export async function addGroup(
  displayName: string,
  members: readonly string[] = [],
  connection = 'okta',
): Promise<string> {
  const write = toGroupWrite(groupType, docOf({ displayName }))
  const edition = editionOf(connection, crypto.randomUUID(), noon)
  const made = await createGroup(env.DB, edition, write, members)
  if (!made) throw new Error('the name is taken')
  return made.group.id
}

export const renameGroup = (id: string, displayName: string, connection = 'okta') =>
  changeGroup(
    env.DB,
    editionOf(connection, id, noon),
    toGroupWrite(groupType, docOf({ displayName })),
    [],
  )

export const changeMembers = (id: string, step: MemberStep, connection = 'okta') =>
  changeGroup(env.DB, editionOf(connection, id, noon), null, [step])
