/** What is done with groups. */
import { changeGroup, createGroup, findGroup, removeGroup } from '../directory/group-store.ts'
import type { MemberStep } from '../directory/group.ts'
import { findMembers } from '../directory/member-store.ts'
import type { StoredResource } from '../directory/record.ts'
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
import { notFound, refuse, type ScimError } from './error.ts'
import { readMembers, splitMembers } from './members.ts'
import { readOperations } from './operation.ts'
import { applyPatch } from './patch.ts'
import { shows, type Projection, type Shown } from './projection.ts'
import { etagOf, parseDoc, toGroupWrite, toResource } from './resource.ts'
import { groupType } from './schema.ts'
import { versionToRemove } from './users.ts'

export async function postGroup(
  context: ScimContext,
  body: unknown,
  projection: Projection,
): Promise<Answered> {
  const doc = readDocument(groupType, body)
  if (!doc.ok) return doc
  const members = readMembers(body)
  if (!members.ok) return members
  const fault = judge(doc.value)
  if (fault) return { ok: false, error: fault }
  const { db, connection, now, newId } = context
  const edition = { connection, id: newId(), version: null, writeId: newId(), now }
  const ids = members.value ?? []
  const created = await createGroup(db, edition, toGroupWrite(groupType, doc.value), ids)
  if (!created) return taken
  const { group } = created
  const unknownMembers = ids.length - created.known
  context.audit({ change: 'group-created', id: group.id, unknownMembers })
  const [shown] = await showGroups(context, [group], projection)
  const location = `${context.base}/Groups/${group.id}`
  return answer(201, shown, { Location: location, ETag: etagOf(group.version) })
}

export async function getGroup(
  context: ScimContext,
  id: string,
  projection: Projection,
): Promise<Answered> {
  const stored = await findGroup(context.db, context.connection, id)
  return stored ? show(context, stored, projection) : notFound('such group')
}

/** Who is in it is set as the difference to who was. Left out, `members` means nobody. */
export async function putGroup(
  context: ScimContext,
  id: string,
  body: unknown,
  { ifMatch, projection }: Conditions,
): Promise<Answered> {
  const doc = readDocument(groupType, body)
  if (!doc.ok) return doc
  const members = readMembers(body)
  if (!members.ok) return members
  const steps: readonly MemberStep[] = [{ kind: 'set', ids: members.value ?? [] }]
  const written = await change(context, id, ifMatch, steps, () => ok(doc.value))
  return written.ok ? show(context, written.value, projection) : written
}

/** Answered with 204: a body would be the list of all members (RFC 7644 §3.5.2 allows either). */
export async function patchGroup(
  context: ScimContext,
  id: string,
  body: unknown,
  { ifMatch, projection }: Conditions,
): Promise<Answered> {
  const operations = readOperations(body)
  if (!operations.ok) return operations
  const patch = splitMembers(operations.value)
  if (!patch.ok) return patch
  const { steps } = patch.value
  const edit = (doc: Doc) => applyPatch(groupType, id, doc, patch.value.operations)
  const written = await (patch.value.operations.length === 0
    ? changeMembers(context, id, ifMatch, steps)
    : change(context, id, ifMatch, steps, edit))
  if (!written.ok) return written
  const isPlain = projection.kind === 'all'
  if (!isPlain) return getGroup(context, id, projection)
  const etag = written.value ? { ETag: etagOf(written.value.version) } : {}
  return answer(204, null, etag)
}

export async function deleteGroup(
  context: ScimContext,
  id: string,
  { ifMatch }: Pick<Conditions, 'ifMatch'>,
): Promise<Answered> {
  const { db, connection } = context
  const version = await versionToRemove(ifMatch, () => findGroup(db, connection, id))
  if (!version.ok) return version
  if (!(await removeGroup(db, connection, id, version.value))) return notFound('such group')
  context.audit({ change: 'group-removed', id, unknownMembers: 0 })
  return answer(204, null)
}

/** Read, changed, and written where it is still what was read; else all of it again. */
async function change(
  context: ScimContext,
  id: string,
  ifMatch: readonly number[] | null,
  steps: readonly MemberStep[],
  edit: (doc: Doc) => Result<Doc, ScimError>,
): Promise<Result<StoredResource, ScimError>> {
  const { db, connection, now, newId } = context
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await findGroup(db, connection, id)
    if (!stored) return notFound('such group')
    const { version } = stored
    if (ifMatch && !ifMatch.includes(version)) return stale
    const after = edit(parseDoc(stored.doc))
    if (!after.ok) return after
    const fault = judge(after.value)
    if (fault) return { ok: false, error: fault }
    const group = toGroupWrite(groupType, after.value)
    if (group.doc === stored.doc && steps.length === 0) return ok(stored)
    const edition = { connection, id, version, writeId: newId(), now }
    const written = await changeGroup(db, edition, group, steps)
    if (written) {
      auditMembers(context, id, steps, written.known)
      const updatedAt = stored.updatedAt > now ? stored.updatedAt : now
      return ok({ ...stored, doc: group.doc, version: version + 1, updatedAt })
    }
    const again = await findGroup(db, connection, id)
    if (again?.version === version) return taken
  }
  return overtaken
}

/** Changes of members commute, so whichever version there is takes them. null: nothing to do. */
async function changeMembers(
  context: ScimContext,
  id: string,
  ifMatch: readonly number[] | null,
  steps: readonly MemberStep[],
): Promise<Result<StoredResource | null, ScimError>> {
  if (ifMatch) return change(context, id, ifMatch, steps, ok)
  const { db, connection, now, newId } = context
  if (steps.length === 0) {
    const stored = await findGroup(db, connection, id)
    return stored ? ok(stored) : notFound('such group')
  }
  const edition = { connection, id, version: null, writeId: newId(), now }
  const written = await changeGroup(db, edition, null, steps)
  if (!written) return notFound('such group')
  auditMembers(context, id, steps, written.known)
  return ok(null)
}

function auditMembers(
  context: ScimContext,
  id: string,
  steps: readonly MemberStep[],
  known: number,
): void {
  const named = steps.filter(({ kind }) => kind !== 'remove').flatMap(({ ids }) => ids)
  context.audit({ change: 'group-changed', id, unknownMembers: named.length - known })
}

async function show(
  context: ScimContext,
  stored: StoredResource,
  projection: Projection,
): Promise<Answered> {
  const [shown] = await showGroups(context, [stored], projection)
  return answer(200, shown, { ETag: etagOf(stored.version) })
}

const membersAttribute = findAttribute(groupType.attributes, 'members')

/**
 * With their members, if those are shown. Of several large groups perhaps not all: a page may be
 * shorter than was asked for (RFC 7644 §3.4.2.4), a list of members never.
 */
export async function showGroups(
  { db, base }: ScimContext,
  groups: readonly StoredResource[],
  projection: Projection,
): Promise<readonly Shown[]> {
  const isAsked = membersAttribute !== null && shows(projection, 'own', membersAttribute)
  const none = { groups: null, members: null }
  if (!isAsked || groups.length === 0) {
    return groups.map((group) => toResource(groupType, group, none, base, projection))
  }
  const lists = await findMembers(
    db,
    groups.map(({ id }) => id),
  )
  return lists.flatMap((members, i) => {
    const group = groups[i]
    if (!group) return []
    return [toResource(groupType, group, { groups: null, members }, base, projection)]
  })
}

const MAX_NAME = 1024

function judge(doc: Doc): ScimError | null {
  const fault = judgeDocument(groupType, doc)
  if (fault) return fault
  const texts = [doc.own['displayName'], doc.own['externalId']]
  return texts.some((text) => typeof text === 'string' && text.length > MAX_NAME)
    ? refuse('invalidValue', `A name has more than ${MAX_NAME} characters.`).error
    : null
}

const taken = refuse('uniqueness', 'Another group has this displayName.')
