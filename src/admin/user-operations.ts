/** `user …`, as every face offers it. */
import * as v from 'valibot'
import type { User } from '../directory/user.ts'
import { toIso } from '../lib/instant.ts'
import { ok } from '../lib/result.ts'
import { explainUnknownConnection } from './connections.ts'
import { limitField, optionalText } from './field.ts'
import { defineOperation, type Bound, type Shown, type Undo } from './operation.ts'
import { cursorField } from './page.ts'
import { disableUser, enableUser, findPeople, findProfile, type SwitchedUser } from './people.ts'
import {
  anyUserField,
  connectionField,
  explainPerson,
  profileBlock,
  sessionFacts,
  sessionShape,
  sessionsTable,
  toNamed,
  userFacts,
  userField,
  userShape,
  usersTable,
} from './people-shown.ts'
import { time } from './shape.ts'
import { count, sentence } from './view.ts'

const switchedShape = v.object({
  user: userShape,
  changed: v.boolean(),
  /** Only where something changed. */
  withinSeconds: v.optional(v.nullable(v.number())),
})

export const userList = defineOperation({
  name: 'user list',
  summary: 'people who may sign in, or those of a name',
  details:
    'A search finds the people whose user name, address or display name has a word that begins so: "ada love" finds Ada Lovelace. Each word of the search has to be found. Whole words come before longer ones. A to Z may be lower or upper case.',
  examples: [
    { says: 'the people of one IdP', input: { connection: 'acme' } },
    { says: 'the people of an address', input: { user: 'ada@acme.com' } },
    { says: 'whose names begin so', input: { search: 'ada love' } },
  ],
  subject: 'user',
  fields: {
    user: anyUserField,
    search: optionalText('text', 'beginnings of words in names, instead of a whole name', 200),
    connection: connectionField,
    limit: limitField(),
    cursor: cursorField(3),
  },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/users' },
  result: v.object({ users: v.array(userShape) }),
  judge: ({ user, search }) =>
    user !== null && search !== null ? 'Give a whole name or a search, not both.' : null,
  run: async ({ db }, { user: named, cursor: after, ...filter }) => {
    const page = await findPeople(db, { ...filter, named, after })
    return page.ok ? ok({ ...page.value, named, search: filter.search }) : page
  },
  show: ({ items, next, named, search }) => ({
    facts: { users: items.map(userFacts) },
    view: [items.length > 0 ? usersTable(items) : sentence(nobody(named, search))],
    next,
  }),
  explain: explainUnknownConnection,
})

function nobody(named: string | null, search: string | null): string {
  if (named !== null) return `Nobody is called "${named}".`
  return search === null
    ? 'There is no user yet.'
    : `Nobody has a name with a word that begins with "${search}".`
}

export const userShow = defineOperation({
  name: 'user show',
  summary: 'one user: source, state, groups (of the directory, and as asserted) and open sessions',
  details: null,
  examples: [{ says: 'all of one', input: { user: 'ada@acme.com' } }],
  subject: 'user',
  fields: { user: userField, connection: connectionField },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/users/{user}' },
  result: v.object({
    user: userShape,
    directory: v.nullable(
      v.object({
        externalId: v.nullable(v.string()),
        emails: v.array(v.string()),
        active: v.boolean(),
        updatedAt: time,
        groups: v.array(v.object({ id: v.string(), displayName: v.string() })),
      }),
    ),
    rulesGoBy: v.picklist(['directory', 'assertion']),
    sessions: v.array(sessionShape),
  }),
  judge: null,
  run: (context, input) => findProfile(context, toNamed(input)),
  show: (profile) => {
    const { user, entry, groups, sessions } = profile
    return {
      facts: {
        user: userFacts(user),
        directory: entry && {
          externalId: entry.externalId,
          emails: entry.emails,
          active: entry.active,
          updatedAt: toIso(entry.updatedAt),
          groups,
        },
        rulesGoBy: profile.areDirectorys ? 'directory' : 'assertion',
        sessions: sessions.map(sessionFacts),
      },
      view: [
        profileBlock(profile),
        sessions.length > 0 ? sessionsTable(sessions) : sentence('No open session.'),
      ],
    }
  },
  explain: explainPerson,
})

export const userDisable = defineOperation({
  name: 'user disable',
  summary: 'keep a user out, whatever the IdP says',
  details: 'Every session of the user ends, and no new one is opened.',
  examples: [{ says: 'out at once', input: { user: 'ada@acme.com' } }],
  subject: 'user',
  fields: { user: userField, connection: connectionField },
  changes: true,
  scope: 'people',
  isDangerous: false,
  http: { method: 'POST', path: '/users/{user}/disable' },
  result: switchedShape,
  judge: null,
  run: (context, input) => disableUser(context, toNamed(input)),
  show: (switched, { bound }) => {
    const { userName } = switched.user
    const ended = count(switched.sessions, 'open session')
    return showSwitched(switched, bound, {
      unchanged: `${userName} is disabled already. Nothing changed.`,
      changed: `${userName} is disabled: refused everywhere ${bound.words}, with ${ended}.`,
    })
  },
  undo: (switched) => switchBack('user enable', switched),
  explain: explainPerson,
})

export const userEnable = defineOperation({
  name: 'user enable',
  summary: 'let a disabled user sign in again',
  details: 'The old sessions stay ended: the user signs in anew.',
  examples: [{ says: 'back in', input: { user: 'ada@acme.com' } }],
  subject: 'user',
  fields: { user: userField, connection: connectionField },
  changes: true,
  scope: 'people',
  isDangerous: false,
  http: { method: 'POST', path: '/users/{user}/enable' },
  result: switchedShape,
  judge: null,
  run: (context, input) => enableUser(context, toNamed(input)),
  show: (switched, { bound }) =>
    showSwitched(switched, bound, {
      unchanged: `${switched.user.userName} is not disabled. Nothing changed.`,
      changed: enabledWords(switched.user, bound),
    }),
  undo: (switched) => switchBack('user disable', switched),
  explain: explainPerson,
})

const enabledWords = ({ userName, active }: User, { words }: Bound): string =>
  active
    ? `${userName} is enabled and may sign in again, ${words}.`
    : `${userName} is no longer disabled, but is inactive in the directory, and stays out until the directory activates the user.`

const showSwitched = (
  { user, isChanged }: SwitchedUser,
  { seconds }: Bound,
  words: { readonly unchanged: string; readonly changed: string },
): Shown => ({
  facts: {
    user: userFacts(user),
    changed: isChanged,
    ...(isChanged ? { withinSeconds: seconds } : {}),
  },
  view: [sentence(isChanged ? words.changed : words.unchanged)],
})

/** Sessions that have ended stay ended. */
const switchBack = (operation: string, { user, isChanged }: SwitchedUser): Undo | null =>
  isChanged ? { operation, input: { user: user.id, connection: user.connection } } : null
