/** Creates, reads, changes and removes groups. */
import { changeGroup, createGroup, findGroup, removeGroup } from '../directory/group-store.ts'
import type { MemberStep } from '../directory/member.ts'
import { findMembers } from '../directory/member-store.ts'
import type { Edition, StoredResource } from '../directory/resource.ts'
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
  const { db, newId } = context
  const edition = toEdition(context, newId())
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

/**
 * Replaces the group. The members are written as the difference to the current ones; if `members`
 * is absent, the group becomes empty.
 */
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
  const written = await change(context, id, ifMatch, { steps, edit: () => ok(doc.value) })
  return written.ok ? show(context, written.value, projection) : written
}

/**
 * Answers 204, as RFC 7644 §3.5.2 allows: a body would repeat all members. A client that asks for
 * certain attributes gets them.
 */
export async function patchGroup(
  context: ScimContext,
  id: string,
  body: unknown,
  { ifMatch, projection }: Conditions,
): Promise<Answered> {
  const operations = readOperations(groupType, body)
  if (!operations.ok) return operations
  const patch = splitMembers(operations.value, context.base)
  if (!patch.ok) return patch
  const { steps, operations: others } = patch.value
  const patching = { type: groupType, id, work: context.work }
  const edit = (doc: Doc) => applyPatch(patching, doc, others)
  const written = await (others.length === 0 && !ifMatch
    ? changeMembers(context, id, steps)
    : change(context, id, ifMatch, { steps, edit }))
  if (!written.ok) return written
  return projection.kind === 'all'
    ? answer(204, null, { ETag: etagOf(written.value.version) })
    : show(context, written.value, projection)
}

export async function deleteGroup(
  context: ScimContext,
  id: string,
  { ifMatch }: Pick<Conditions, 'ifMatch'>,
): Promise<Answered> {
  const { db, connection } = context
  const version = await versionToRemove(ifMatch, () => findGroup(db, connection, id))
  if (!version.ok) return version
  const group = await removeGroup(db, connection, id, version.value)
  if (group === null) return notFound('such group')
  context.audit({ change: 'group-removed', id, group, unknownMembers: 0 })
  return answer(204, null)
}

interface GroupEdit {
  readonly steps: readonly MemberStep[]
  readonly edit: (doc: Doc) => Result<Doc, ScimError>
}

/**
 * Reads the group, edits it, and writes it if its version is still the same; otherwise starts
 * again.
 */
async function change(
  context: ScimContext,
  id: string,
  ifMatch: readonly number[] | null,
  { steps, edit }: GroupEdit,
): Promise<Result<StoredResource, ScimError>> {
  const { db, connection } = context
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
    const isSame = group.doc === stored.doc
    if (isSame && steps.length === 0) return ok(stored)
    // Okta sends the name with every change of members. If the name is unchanged, only members
    // change. Such changes commute, so it does not matter whether another write came first.
    const anyVersion = isSame && !ifMatch
    const edition = { ...toEdition(context, id), version: anyVersion ? null : version }
    const written = await changeGroup(db, edition, isSame ? null : group, steps)
    const now = written.group ?? (await findGroup(db, connection, id))
    const isThere = now !== null && (written.group || anyVersion || now.version === version)
    if (!isThere) continue
    // The version was right but nothing was written, so another group has this name.
    if (!written.group && !isSame) return taken
    auditMembers(context, id, steps, written)
    return ok(now)
  }
  return overtaken
}

/** Changes of members commute, so the version of the group does not matter. */
async function changeMembers(
  context: ScimContext,
  id: string,
  steps: readonly MemberStep[],
): Promise<Result<StoredResource, ScimError>> {
  const { db, connection } = context
  const written =
    steps.length === 0 ? null : await changeGroup(db, toEdition(context, id), null, steps)
  const group = written?.group ?? (await findGroup(db, connection, id))
  if (!group) return notFound('such group')
  if (written) auditMembers(context, id, steps, written)
  return ok(group)
}

/** A write that any version of the group accepts. */
const toEdition = ({ connection, now, newId }: ScimContext, id: string): Edition => ({
  connection,
  id,
  version: null,
  writeId: newId(),
  now,
})

/** Audits a change; also ids that belong to no user, even if nothing changed. */
function auditMembers(
  context: ScimContext,
  id: string,
  steps: readonly MemberStep[],
  { group, known }: Awaited<ReturnType<typeof changeGroup>>,
): void {
  const named = steps.reduce(
    (sum, step) => sum + (step.kind === 'add' || step.kind === 'set' ? step.ids.length : 0),
    0,
  )
  const unknownMembers = named - known
  if (group || unknownMembers > 0) context.audit({ change: 'group-changed', id, unknownMembers })
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
 * The groups as JSON, with their members if the projection asks for them. May stop early: at least
 * the first group, and as many more as fit into one answer of D1.
 */
export async function showGroups(
  { db, base }: ScimContext,
  groups: readonly StoredResource[],
  projection: Projection,
): Promise<readonly Shown[]> {
  const isAsked = membersAttribute !== null && shows(projection, 'own', membersAttribute)
  const none = { groups: null, members: null }
  if (!isAsked || groups.length === 0) {
    return groups.map((group) => toResource(groupType, group, none, { base, projection }))
  }
  const lists = await findMembers(
    db,
    groups.map(({ id }) => id),
  )
  return lists.flatMap((members, i) => {
    const group = groups[i]
    if (!group) return []
    return [toResource(groupType, group, { groups: null, members }, { base, projection })]
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
