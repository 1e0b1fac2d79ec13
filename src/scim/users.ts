/** Creates, reads, changes and removes users. */
import { createUser, findUser, removeUser, replaceUser } from '../directory/provisioned-store.ts'
import type { Group } from '../directory/group.ts'
import { noteHeld } from '../directory/guard-store.ts'
import { findGroupsOfUsers } from '../directory/member-store.ts'
import type { StoredResource } from '../directory/resource.ts'
import { utf8 } from '../lib/bytes.ts'
import { ok, type Result } from '../lib/result.ts'
import { findAttribute } from './attribute.ts'
import {
  answer,
  ATTEMPTS,
  overtaken,
  stale,
  type Answered,
  type Conditions,
  type ScimContext,
} from './context.ts'
import { judgeDocument, readDocument, type Doc } from './document.ts'
import { notFound, refuse, refuseWith, type ScimError } from './error.ts'
import { readOperations } from './operation.ts'
import { applyPatch } from './patch.ts'
import { shows, type Projection, type Shown } from './projection.ts'
import { etagOf, parseDoc, toResource, toUserWrite } from './resource.ts'
import { userType } from './schema.ts'

export async function postUser(
  context: ScimContext,
  body: unknown,
  projection: Projection,
): Promise<Answered> {
  const sent = readDocument(userType, body)
  if (!sent.ok) return sent
  const doc = { ...sent.value, own: { active: true, ...sent.value.own } }
  const fault = judge(doc)
  if (fault) return { ok: false, error: fault }
  const { db, connection, now, newId } = context
  const edition = { connection, id: newId(), version: null, writeId: newId(), now }
  const created = await createUser(db, edition, toUserWrite(userType, doc))
  if (!created) return taken
  context.audit({ change: 'user-created', id: created.id, unknownMembers: 0 })
  const [shown] = await showUsers(context, [created], projection)
  const location = `${context.base}/Users/${created.id}`
  return answer(201, shown, { Location: location, ETag: etagOf(created.version) })
}

export async function getUser(
  context: ScimContext,
  id: string,
  projection: Projection,
): Promise<Answered> {
  const stored = await findUser(context.db, context.connection, id)
  return stored ? show(context, stored, projection) : notFound('such user')
}

export const putUser = (
  context: ScimContext,
  id: string,
  body: unknown,
  conditions: Conditions,
): Promise<Answered> => {
  const sent = readDocument(userType, body)
  if (!sent.ok) return Promise.resolve(sent)
  return change(context, id, conditions, (current) => {
    // If `active` is absent it stays as it is: otherwise a template without it would reactivate a
    // deactivated user.
    const { active } = current.own
    const own = active === undefined ? sent.value.own : { active, ...sent.value.own }
    return ok({ ...sent.value, own })
  })
}

export const patchUser = (
  context: ScimContext,
  id: string,
  body: unknown,
  conditions: Conditions,
): Promise<Answered> => {
  const operations = readOperations(userType, body)
  if (!operations.ok) return Promise.resolve(operations)
  const patching = { type: userType, id, work: context.work }
  return change(context, id, conditions, (doc) => applyPatch(patching, doc, operations.value))
}

export async function deleteUser(
  context: ScimContext,
  id: string,
  { ifMatch }: Pick<Conditions, 'ifMatch'>,
): Promise<Answered> {
  const { db, connection, now } = context
  const version = await versionToRemove(ifMatch, () => findUser(db, connection, id))
  if (!version.ok) return version
  const name = await removeUser(db, { connection, id, version: version.value, now })
  if (name === null) {
    const held = (await findUser(db, connection, id)) ? await refuseHeld(context, id) : null
    return held ?? notFound('such user')
  }
  context.audit({ change: 'user-removed', id, name, unknownMembers: 0 })
  return answer(204, null)
}

/**
 * Reads the user, edits it, and writes it if its version is still the same; otherwise starts again.
 */
async function change(
  context: ScimContext,
  id: string,
  { ifMatch, projection }: Conditions,
  edit: (doc: Doc) => Result<Doc, ScimError>,
): Promise<Answered> {
  const { db, connection, now, newId } = context
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await findUser(db, connection, id)
    if (!stored) return notFound('such user')
    const { version } = stored
    if (ifMatch && !ifMatch.includes(version)) return stale
    const before = parseDoc(stored.doc)
    const after = edit(before)
    if (!after.ok) return after
    const fault = judge(after.value)
    if (fault) return { ok: false, error: fault }
    const user = toUserWrite(userType, after.value)
    if (user.doc === stored.doc) return show(context, stored, projection)
    const edition = { connection, id, version, writeId: newId(), now }
    if (await replaceUser(db, edition, user)) {
      auditChange(context, id, before, user.active)
      const updatedAt = stored.updatedAt > now ? stored.updatedAt : now
      const written = { ...stored, doc: user.doc, version: version + 1, updatedAt }
      return show(context, written, projection)
    }
    const again = await findUser(db, connection, id)
    if (again?.version !== version) continue
    const isRemoval = before.own['active'] === true && !user.active
    return (isRemoval ? await refuseHeld(context, id) : null) ?? taken
  }
  return overtaken
}

/**
 * How long an IdP should wait before it retries. Okta understands Retry-After only as whole
 * seconds.
 */
const HELD_RETRY_SECONDS = 600

/** null: removals are not being held. */
async function refuseHeld(
  { db, connection, now, auditHeld }: ScimContext,
  id: string,
): Promise<Answered | null> {
  const held = await noteHeld(db, connection, id, now)
  if (!held) return null
  if (held.isNew) auditHeld()
  return refuseWith(
    429,
    'Held: this would remove more users within an hour than the operator of this service allows. Try again later, or ask the operator to allow it.',
    { 'Retry-After': String(HELD_RETRY_SECONDS) },
  )
}

function auditChange(context: ScimContext, id: string, before: Doc, isActive: boolean): void {
  const wasActive = before.own['active'] === true
  const kind = isActive ? 'user-activated' : 'user-deactivated'
  const changed = wasActive === isActive ? 'user-changed' : kind
  context.audit({ change: changed, id, unknownMembers: 0 })
}

async function show(
  context: ScimContext,
  stored: StoredResource,
  projection: Projection,
): Promise<Answered> {
  const [groups = []] = await findGroupsShown(context, [stored], projection)
  const shown = toShown(context, stored, groups, projection)
  return answer(200, shown, { ETag: etagOf(stored.version, groups ?? []) })
}

const groupsAttribute = findAttribute(userType.attributes, 'groups')

/**
 * The users as JSON, with their groups if the projection asks for them. May stop early: at least
 * the first user, and as many more as fit into one answer of D1.
 */
export async function showUsers(
  context: ScimContext,
  users: readonly StoredResource[],
  projection: Projection,
): Promise<readonly Shown[]> {
  const lists = await findGroupsShown(context, users, projection)
  return lists.flatMap((groups, i) => {
    const user = users[i]
    return user ? [toShown(context, user, groups, projection)] : []
  })
}

/** A list of groups per user; null: groups are not requested. */
async function findGroupsShown(
  { db }: ScimContext,
  users: readonly StoredResource[],
  projection: Projection,
): Promise<readonly (readonly Group[] | null)[]> {
  const isAsked = groupsAttribute !== null && shows(projection, 'own', groupsAttribute)
  if (!isAsked || users.length === 0) return users.map(() => null)
  const ids = users.map(({ id }) => id)
  return findGroupsOfUsers(db, ids)
}

const toShown = (
  { base }: ScimContext,
  user: StoredResource,
  groups: readonly Group[] | null,
  projection: Projection,
): Shown => toResource(userType, user, { groups, members: null }, { base, projection })

/** ok(null): remove any version. */
export async function versionToRemove(
  ifMatch: readonly number[] | null,
  find: () => Promise<StoredResource | null>,
): Promise<Result<number | null, ScimError>> {
  if (!ifMatch) return ok(null)
  const stored = await find()
  if (!stored) return ok(null)
  return ifMatch.includes(stored.version) ? ok(stored.version) : stale
}

const MAX_NAME = 1024
/**
 * An isolate (128 MB) holds a page of 200 users several times over. And a row of D1 is limited to 2
 * MB, while it contains the document twice, and the name once more, which folding may lengthen.
 */
const MAX_DOC_BYTES = 65_536

function judge(doc: Doc): ScimError | null {
  const fault = judgeDocument(userType, doc)
  if (fault) return fault
  const { userName } = doc.own
  if (typeof userName !== 'string' || userName.length > MAX_NAME) {
    return refuse('invalidValue', `userName has more than ${MAX_NAME} characters.`).error
  }
  return utf8(JSON.stringify(doc)).length > MAX_DOC_BYTES
    ? refuseWith(413, `A user is larger than ${MAX_DOC_BYTES} bytes.`).error
    : null
}

const taken = refuse('uniqueness', 'Another user has this userName.')
