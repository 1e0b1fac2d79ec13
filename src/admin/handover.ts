/** `connection handover`: a link by which the people who run an identity provider set up one connection. */
import * as v from 'valibot'
import { encodeBase64Url, hashText } from '../lib/bytes.ts'
import { plusSeconds, toIso, type Instant } from '../lib/instant.ts'
import { HANDOVER_PATH } from '../lib/paths.ts'
import { hasHidden } from '../lib/plain.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { isConsoleSafe } from '../site/admins-config.ts'
import {
  explainUnknownConnection,
  findKnownConnection,
  type UnknownConnection,
} from './connections.ts'
import { record, type Context } from './context.ts'
import { onOff, oneValue, requiredText, type Field } from './field.ts'
import {
  endHandOver,
  HANDED_SECONDS,
  listHandOvers,
  saveHandOver,
  type HandOver,
} from './handover-store.ts'
import { defineOperation, refusal } from './operation.ts'
import { dayOf, isoOrNull, time } from './shape.ts'
import { sentence, tableOf } from './view.ts'

const CODE_BYTES = 32
const MOST_LABEL = 60

const shape = v.object({
  id: v.string(),
  connection: v.string(),
  label: v.string(),
  madeBy: v.string(),
  mayMakeToken: v.boolean(),
  state: v.picklist(['waiting', 'open', 'done', 'revoked', 'expired']),
  createdAt: time,
  expiresAt: time,
  openedAt: v.nullable(time),
  token: v.nullable(v.string()),
})

/** `waiting`: nobody has opened the link. `open`: its session lasts. */
export function stateOf(
  { openedAt, endedWhy, expiresAt }: HandOver,
  now: Instant,
): v.InferOutput<typeof shape>['state'] {
  if (endedWhy !== null) return endedWhy
  if (expiresAt <= now) return 'expired'
  return openedAt === null ? 'waiting' : 'open'
}

const factsOf = (handOver: HandOver, now: Instant) => {
  const { id, connection, label, madeBy, mayMakeToken, createdAt, expiresAt, openedAt } = handOver
  return {
    id,
    connection,
    label,
    madeBy,
    mayMakeToken,
    state: stateOf(handOver, now),
    createdAt: toIso(createdAt),
    expiresAt: toIso(expiresAt),
    openedAt: isoOrNull(openedAt),
    token: handOver.token,
  }
}

const forField: Field<number> = oneValue(
  {
    meaning: 'how long the link may be opened: 12h, 7d, up to 30d (default 7d)',
    placeholder: 'time',
    isRequired: false,
    schema: { type: 'string', pattern: '^[1-9][0-9]{0,2}(h|d)$', default: '7d' },
  },
  (given) => {
    const [, digits = '0', unit] = /^([1-9]\d{0,2})([hd])$/.exec(given ?? '7d') ?? []
    const seconds = Number(digits) * (unit === 'd' ? 86_400 : 3600)
    return seconds > 0 && seconds <= 30 * 86_400
      ? ok(seconds)
      : err(`must be 1h to 30d, such as 12h or 7d; it is "${given}"`)
  },
)

const labelField: Field<string> = oneValue(
  {
    meaning: 'the people that it is for, as the audit will name them',
    placeholder: 'name',
    isRequired: true,
    schema: { type: 'string', minLength: 1, maxLength: MOST_LABEL },
  },
  (given) => {
    const label = given?.trim() ?? ''
    return label === '' || label.length > MOST_LABEL || hasHidden(label)
      ? err(`must be one line of 1 to ${MOST_LABEL} visible characters`)
      : ok(label)
  },
)

interface NewLink {
  readonly connection: string
  readonly label: string
  readonly seconds: number
  readonly mayMakeToken: boolean
}

interface MadeHandOver {
  readonly handOver: HandOver
  /** To be shown once: only the hash of its code is stored. */
  readonly url: string
}

type MakeRefusal =
  UnknownConnection | { readonly reason: 'no-config' } | { readonly reason: 'beside-site' }

async function makeHandOver(
  context: Context,
  { connection, label, seconds, mayMakeToken }: NewLink,
): Promise<Result<MadeHandOver, MakeRefusal>> {
  const { db, config, now } = context
  if (!config) return err({ reason: 'no-config' })
  const { admins, loginHost, sites } = config
  if (!isConsoleSafe(admins, loginHost, sites)) return err({ reason: 'beside-site' })
  const known = await findKnownConnection(db, connection)
  if (!known.ok) return known
  const code = encodeBase64Url(context.random(CODE_BYTES))
  const made = {
    id: context.newId(),
    connection,
    label,
    madeBy: context.operator.name,
    mayMakeToken,
    createdAt: now,
    expiresAt: plusSeconds(now, seconds),
  }
  await saveHandOver(db, made, await hashText(code))
  await record(context, {
    command: 'connection handover',
    connection,
    user: null,
    facts: { handOver: made.id, label, expiresAt: toIso(made.expiresAt), scim: mayMakeToken },
  })
  const rest = { openedAt: null, token: null, endedAt: null, endedWhy: null }
  return ok({
    handOver: { ...made, ...rest },
    url: `${loginHost.url}${HANDOVER_PATH}/enter?code=${code}`,
  })
}

export const connectionHandover = defineOperation({
  name: 'connection handover',
  summary: 'a link by which the people who run the identity provider set this connection up',
  details: `The link works once. It opens the set-up page of this connection in one browser, for ${HANDED_SECONDS / 3600} hours, and nothing else. The person who opens it decides which identity provider signs people in with the connection, so give it to nobody else.`,
  examples: [
    {
      says: 'with one SCIM token, for a week',
      input: { connection: 'acme', label: 'Ada at Acme', scim: '', for: '7d' },
    },
  ],
  subject: 'connection',
  fields: {
    connection: requiredText('connection', 'which connection'),
    label: labelField,
    for: forField,
    scim: onOff('let them make one SCIM token'),
  },
  changes: true,
  scope: 'connections',
  changesTrust: true,
  isDangerous: true,
  http: { method: 'POST', path: '/connections/{connection}/hand-overs', creates: true },
  secretName: 'Link',
  result: v.object({ handOver: shape }),
  judge: null,
  run: (context, { connection, label, for: seconds, scim }) =>
    makeHandOver(context, { connection, label, seconds, mayMakeToken: scim }),
  show: ({ handOver, url }, { now }) => ({
    facts: { handOver: factsOf(handOver, now) },
    view: [
      sentence(
        `Give this link to ${handOver.label} and to nobody else. It works once, until ${dayOf(handOver.expiresAt)}.`,
      ),
    ],
    secret: url,
  }),
  undo: null,
  explain: (refused) => {
    switch (refused.reason) {
      case 'unknown-connection':
        return explainUnknownConnection(refused)
      case 'no-config':
        return refusal(
          'conflict',
          refused.reason,
          'The address of the login host is not known: gatehouse.config.ts has a fault.',
        )
      case 'beside-site':
        return refusal(
          'conflict',
          refused.reason,
          "The page of a hand-over needs a host without a site. Set loginHost: { url: 'https://login.example.com' } in gatehouse.config.ts, and deploy.",
        )
    }
  },
})

export const handoverList = defineOperation({
  name: 'handover list',
  summary: 'the hand-over links of a connection, and what became of them',
  details: null,
  examples: [{ says: 'the links of one connection', input: { connection: 'acme' } }],
  subject: 'connection',
  fields: { connection: requiredText('connection', 'which connection') },
  changes: false,
  scope: 'read',
  isDangerous: false,
  http: { method: 'GET', path: '/connections/{connection}/hand-overs' },
  result: v.object({ handOvers: v.array(shape) }),
  judge: null,
  run: async ({ db }, { connection }) => {
    const known = await findKnownConnection(db, connection)
    return known.ok ? ok(await listHandOvers(db, connection)) : known
  },
  show: (handOvers, { now }) => ({
    facts: { handOvers: handOvers.map((each) => factsOf(each, now)) },
    view: [
      handOvers.length === 0
        ? sentence('There is no hand-over link.')
        : tableOf(handOvers, {
            id: ({ id }) => id,
            for: ({ label }) => label,
            state: (each) => stateOf(each, now),
            made: ({ createdAt }) => ({ at: createdAt }),
            opened: ({ openedAt }) => ({ at: openedAt }),
            until: ({ expiresAt }) => ({ at: expiresAt }),
          }),
    ],
  }),
  undo: null,
  explain: explainUnknownConnection,
})

export const handoverRevoke = defineOperation({
  name: 'handover revoke',
  summary: 'end a hand-over link and its session',
  details: 'What was done by it stays. A SCIM token that it made is revoked on its own.',
  examples: [{ says: 'the wrong person has it', input: { id: '5f0cbe7a' } }],
  subject: 'id',
  fields: { id: requiredText('id', 'as handover list shows it') },
  changes: true,
  scope: 'connections',
  isDangerous: false,
  http: { method: 'DELETE', path: '/hand-overs/{id}' },
  result: v.object({ revoked: v.string() }),
  judge: null,
  run: async (context, { id }) => {
    const ended = await endHandOver(context.db, { id, why: 'revoked' }, context.now)
    if (!ended) return err(id)
    await record(context, {
      command: 'handover revoke',
      connection: ended.connection,
      user: null,
      facts: { handOver: id, label: ended.label },
    })
    return ok(ended)
  },
  show: ({ id, label }) => ({
    facts: { revoked: id },
    view: [sentence(`The hand-over to ${label} has ended. Its link and its session work no more.`)],
  }),
  undo: null,
  explain: (id) =>
    refusal('not-found', 'unknown-handover', `There is no open hand-over "${id}".`, {
      operation: 'handover list',
      asks: 'connection',
    }),
})
