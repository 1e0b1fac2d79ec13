/** Converts between a stored resource, its JSON, and the values to write. */
import * as v from 'valibot'
import type { Group } from '../directory/group.ts'
import type { Member } from '../directory/member.ts'
import type { ResourceWrite, StoredResource, UserWrite } from '../directory/resource.ts'
import { fold, lowerAscii } from '../lib/fold.ts'
import { toIso } from '../lib/instant.ts'
import { control } from '../lib/pattern.ts'
import { findAttribute, type Attribute } from './attribute.ts'
import type { Doc, Fields, Parts, Value } from './document.ts'
import { toKeys } from './keys.ts'
import { project, type Projection, type Shown } from './projection.ts'
import type { ResourceType } from './schema.ts'

const scalar = v.union([v.string(), v.boolean()])
const parts = v.record(v.string(), scalar)
const fields = v.record(v.string(), v.union([scalar, parts, v.array(parts)]))
const docJson = v.pipe(v.string(), v.parseJson(), v.object({ own: fields, extension: fields }))

export const parseDoc = (json: string): Doc => v.parse(docJson, json)

/**
 * @param groups as shown in the response. They are part of the tag, because a user's groups change
 * without a new version of the user.
 */
export const etagOf = (version: number, groups: readonly Group[] = []): string =>
  groups.length === 0 ? `W/"${version}"` : `W/"${version}-${digestOf(groups)}"`

/** Values from other tables; null: not requested. */
export interface Relations {
  readonly groups: readonly Group[] | null
  readonly members: readonly Member[] | null
}

/** @param base the service's base URL, for locations. */
export function toResource(
  type: ResourceType,
  stored: StoredResource,
  relations: Relations,
  { base, projection }: { readonly base: string; readonly projection: Projection },
): Shown {
  const doc = parseDoc(stored.doc)
  const { extension } = type
  const isExtended = Object.keys(doc.extension).length > 0
  const own: Shown = {
    schemas: schemasOf(type, doc),
    id: stored.id,
    ...doc.own,
    ...(relations.groups
      ? { groups: relations.groups.map((group) => toGroupRef(group, base)) }
      : {}),
    ...(relations.members
      ? { members: relations.members.map((member) => toMemberRef(member, base)) }
      : {}),
    meta: {
      resourceType: type.name,
      created: toIso(stored.createdAt),
      lastModified: toIso(stored.updatedAt),
      location: `${base}${type.endpoint}/${stored.id}`,
      version: etagOf(stored.version, relations.groups ?? []),
    },
  }
  const shown = project(projection, 'own', type.attributes, own)
  if (!extension || !isExtended) return shown
  const more = project(projection, 'extension', extension.attributes, doc.extension)
  return Object.keys(more).length > 0 ? { ...shown, [extension.schema]: more } : shown
}

export function toGroupWrite(type: ResourceType, doc: Doc): ResourceWrite {
  const name = textOf(doc.own['displayName']) ?? ''
  return { ...toWrite(type, doc), name, nameFold: fold(name) }
}

export function toUserWrite(type: ResourceType, doc: Doc): UserWrite {
  const { own } = doc
  const name = textOf(own['userName']) ?? ''
  const displayName = displayNameOf(own)
  const display = displayName ?? name
  return {
    ...toWrite(type, doc),
    name,
    nameFold: fold(name),
    // Fail closed: a user is active only if the document says so.
    active: own['active'] === true,
    email: emailOf(own['emails']),
    displayName,
    display,
    displayFold: fold(display),
    names: namesOf(own),
    keys: toKeys(doc),
  }
}

const toWrite = (type: ResourceType, doc: Doc) => ({
  externalId: textOf(doc.own['externalId']),
  doc: JSON.stringify(doc),
  search: JSON.stringify(toSearch(type, doc)),
})

/** The document as filters compare it: folded where case does not count. */
function toSearch(type: ResourceType, doc: Doc) {
  return {
    own: { ...foldFields(type.attributes, doc.own), schemas: schemasOf(type, doc) },
    extension: foldFields(type.extension?.attributes ?? [], doc.extension),
  }
}

const schemasOf = ({ schema, extension }: ResourceType, doc: Doc): readonly string[] =>
  extension && Object.keys(doc.extension).length > 0 ? [schema, extension.schema] : [schema]

const foldFields = (attributes: readonly Attribute[], values: Fields): Fields =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const attribute = findAttribute(attributes, name)
      return [name, attribute ? foldValue(attribute, value) : value]
    }),
  )

function foldValue(attribute: Attribute, value: Value): Value {
  if (typeof value === 'string') return attribute.caseExact ? value : fold(value)
  if (typeof value === 'boolean') return value
  return isList(value)
    ? value.map((element) => foldParts(attribute, element))
    : foldParts(attribute, value)
}

const foldParts = ({ sub }: Attribute, element: Parts): Parts =>
  Object.fromEntries(
    Object.entries(element).map(([name, part]) => {
      const isFolded = typeof part === 'string' && findAttribute(sub, name)?.caseExact === false
      return [name, isFolded ? fold(part) : part]
    }),
  )

/**
 * The primary address, else the one of type work, else the first. null: it is not an email address.
 */
function emailOf(emails: Value | undefined): string | null {
  const list = Array.isArray(emails) ? emails : []
  const chosen =
    list.find((email) => email['primary'] === true) ??
    list.find((email) => email['type'] === 'work') ??
    list[0]
  const address = textOf(chosen?.['value'])
  const isOne = address !== null && /^[^\s@]+@[^\s@]+$/.test(address) && !control.test(address)
  return isOne ? lowerAscii(address) : null
}

function namesOf({ userName, externalId, emails }: Fields): readonly string[] {
  const addresses = Array.isArray(emails) ? emails.map((email) => email['value']) : []
  const names = [userName, externalId, ...addresses].flatMap((value) => textOf(value) ?? [])
  return [...new Set(names.map(lowerAscii))]
}

function displayNameOf(own: Fields): string | null {
  const { name } = own
  const part = (key: string) => (isParts(name) ? textOf(name[key]) : null)
  const both = [part('givenName'), part('familyName')].filter(Boolean).join(' ')
  return textOf(own['displayName']) || part('formatted') || both || null
}

const toGroupRef = ({ id, displayName }: Group, base: string) => ({
  value: id,
  $ref: `${base}/Groups/${id}`,
  display: displayName,
  type: 'direct',
})

const toMemberRef = ({ id, display }: Member, base: string) => ({
  value: id,
  $ref: `${base}/Users/${id}`,
  display,
  type: 'User',
})

/** FNV-1a. It only tells one list from another; it protects nothing. */
const digestOf = (groups: readonly Group[]): string =>
  Array.from(JSON.stringify(groups))
    .reduce((hash, sign) => Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 0x01000193), 0x811c9dc5)
    .toString(36)
    .replace('-', 'n')

const textOf = (value: Value | undefined): string | null =>
  typeof value === 'string' ? value : null
const isList = (value: Value): value is readonly Parts[] => Array.isArray(value)
const isParts = (value: Value | undefined): value is Parts =>
  typeof value === 'object' && !Array.isArray(value)
