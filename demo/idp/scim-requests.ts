/** Writes changes as SCIM requests, in the forms that Okta and Entra ID use. */
import { nameOf, type Person, type Profile } from '../people.ts'
import type { ScimRequest } from './scim-client.ts'

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** A person with their id in the SCIM service. */
interface Known extends Profile {
  readonly scimId: string
}
interface KnownGroup {
  readonly scimId: string
  readonly name: string
}
type Operation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

export const personAdded = (person: Person): ScimRequest => ({
  kind: 'person-added',
  title: `Add ${nameOf(person)}`,
  method: 'POST',
  path: '/Users',
  body: {
    schemas: [USER],
    externalId: person.id,
    userName: person.userName,
    name: { givenName: person.givenName, familyName: person.familyName },
    displayName: nameOf(person),
    ...(person.job === '' ? {} : { title: person.job }),
    ...(person.email === ''
      ? {}
      : { emails: [{ value: person.email, type: 'work', primary: true }] }),
    active: true,
  },
})

/** Null: nothing has changed. */
export function personChanged(before: Known, after: Profile): ScimRequest | null {
  const email = after.email === '' ? 'emails[type eq "work"]' : 'emails[type eq "work"].value'
  const operations = [
    replaced('userName', before.userName, after.userName),
    replaced('name.givenName', before.givenName, after.givenName),
    replaced('name.familyName', before.familyName, after.familyName),
    replaced('displayName', nameOf(before), nameOf(after)),
    replaced('title', before.job, after.job),
    replaced(email, before.email, after.email),
  ].filter((operation) => operation !== null)
  if (operations.length === 0) return null
  const title = `Change ${nameOf(before)}`
  return patch('person-changed', title, `/Users/${before.scimId}`, operations)
}

/** An emptied field is removed: no identity provider sends an empty name. */
function replaced(path: string, before: string, value: string): Operation | null {
  if (before === value) return null
  // A person needs a user name, so an empty one is sent, and the service refuses it.
  return value === '' && path !== 'userName'
    ? { op: 'remove', path }
    : { op: 'replace', path, value }
}

export const personSwitched = (person: Known, active: boolean): ScimRequest =>
  patch(
    active ? 'person-reactivated' : 'person-deactivated',
    `${active ? 'Reactivate' : 'Deactivate'} ${nameOf(person)}`,
    `/Users/${person.scimId}`,
    [{ op: 'replace', path: 'active', value: active }],
  )

export const personRemoved = (person: Known): ScimRequest => ({
  kind: 'person-removed',
  title: `Delete ${nameOf(person)}`,
  method: 'DELETE',
  path: `/Users/${person.scimId}`,
  body: null,
})

export const groupAdded = (name: string): ScimRequest => ({
  kind: 'group-added',
  title: `Add the group ${name}`,
  method: 'POST',
  path: '/Groups',
  body: { schemas: [GROUP], displayName: name },
})

export const groupRenamed = (group: KnownGroup, name: string): ScimRequest =>
  patch('group-renamed', `Rename ${group.name} to ${name}`, `/Groups/${group.scimId}`, [
    { op: 'replace', path: 'displayName', value: name },
  ])

export const groupRemoved = ({ scimId, name }: KnownGroup): ScimRequest => ({
  kind: 'group-removed',
  title: `Delete the group ${name}`,
  method: 'DELETE',
  path: `/Groups/${scimId}`,
  body: null,
})

export const membersAdded = (group: KnownGroup, people: readonly Known[]): ScimRequest =>
  patch(
    'member-added',
    `Put ${people.map(nameOf).join(', ')} in ${group.name}`,
    `/Groups/${group.scimId}`,
    [{ op: 'add', path: 'members', value: people.map(({ scimId }) => ({ value: scimId })) }],
  )

export const memberRemoved = (group: KnownGroup, person: Known): ScimRequest =>
  patch(
    'member-removed',
    `Take ${nameOf(person)} out of ${group.name}`,
    `/Groups/${group.scimId}`,
    [{ op: 'remove', path: `members[value eq "${person.scimId}"]` }],
  )

const patch = (
  kind: ScimRequest['kind'],
  title: string,
  path: string,
  operations: readonly Operation[],
): ScimRequest => ({
  kind,
  title,
  method: 'PATCH',
  path,
  body: { schemas: [PATCH], Operations: operations },
})
