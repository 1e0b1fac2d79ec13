/** Attempts to sign in, as the Worker kept them: who could not, and why. */
import * as v from 'valibot'
import type { KeptAttempt } from '../attempt/attempt.ts'
import { listAttempts, type AttemptFilter, type ListedAttempt } from '../attempt/read-store.ts'
import { KEPT_DAYS } from '../attempt/pool.ts'
import { plusSeconds, toInstant, toIso, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { parseDayOrTime } from '../lib/time.ts'
import { showAttempt, type ShownCertificate } from './attempt-shown.ts'
import { explainUnknownConnection, findConnectionIfNamed } from './connections.ts'
import { limitField, onOff, oneValue, optionalText, requiredText, type Field } from './field.ts'
import { defineOperation, refusal } from './operation.ts'
import { cursorField, readPage, type Page } from './page.ts'
import { time } from './shape.ts'
import { sentence, tableOf, type Block } from './view.ts'

const knownShape = v.object({
  id: v.string(),
  at: time,
  kind: v.picklist(['sign-in', 'test']),
  host: v.string(),
  connection: v.nullable(v.string()),
  isAccepted: v.boolean(),
  reason: v.nullable(v.string()),
  user: v.nullable(v.string()),
  person: v.nullable(v.string()),
})

const knownFacts = ({ at, reason, ...rest }: Omit<ListedAttempt, 'explained'>) => ({
  ...rest,
  at: toIso(at),
  isAccepted: reason === null,
  reason,
})

const unitSeconds: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 }
const LENGTH = /^([1-9]\d{0,3})([mhd])$/

type Since = { readonly ago: number } | { readonly at: Instant } | null

const sinceField: Field<Since> = oneValue(
  {
    meaning: 'attempts since then: 30m, 12h, 7d, 2026-11-24 or 2026-11-24T12:00:00Z',
    placeholder: 'time',
    isRequired: false,
    schema: { type: 'string', maxLength: 40 },
  },
  (given): Result<Since, string> => {
    if (given === null) return ok(null)
    const [, digits, unit = ''] = LENGTH.exec(given) ?? []
    if (digits !== undefined) return ok({ ago: Number(digits) * (unitSeconds[unit] ?? 0) })
    const at = parseDayOrTime(given)
    return at === null
      ? err(
          `must be a length such as 30m, 12h or 7d, a day, or a time with a zone; it is "${given}"`,
        )
      : ok({ at })
  },
)

const placeOf = ({ at, id }: ListedAttempt): readonly string[] => [String(at), id]

/** @param cursor null: the first page. */
export function pageAttempts(
  db: D1Database,
  filter: AttemptFilter,
  { cursor, limit }: { readonly cursor: readonly string[] | null; readonly limit: number },
): Promise<Page<ListedAttempt>> {
  const [at, id = ''] = cursor ?? []
  const after = at === undefined ? null : { at: toInstant(Number(at)), id }
  return readPage(limit, placeOf, (most) => listAttempts(db, filter, { after, limit: most }))
}

export const signInList = defineOperation({
  name: 'sign-in list',
  summary: 'the last attempts to sign in, and the tests of connections',
  details: `They are kept for ${KEPT_DAYS} days, within bounds. \`attempts\` of gatehouse.config.ts says how much of each.`,
  examples: [
    { says: 'the refusals of a day', input: { refused: '', since: '1d' } },
    { says: 'those of one person', input: { person: 'ada@acme.com' } },
  ],
  subject: null,
  fields: {
    connection: optionalText('id', 'attempts at that connection only'),
    person: optionalText(
      'person',
      'a name or address as the identity provider said it, or a user id',
    ),
    search: optionalText(
      'text',
      "the number on the visitor's page or its beginning, or the beginning of a name or address",
      320,
    ),
    refused: onOff('refusals only'),
    since: sinceField,
    cursor: cursorField(2),
    limit: limitField(50),
  },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/sign-ins' },
  result: v.object({
    attempts: v.array(v.object({ ...knownShape.entries, explained: v.nullable(v.string()) })),
  }),
  judge: null,
  run: async ({ db, now }, { connection, person, search, refused, since, cursor, limit }) => {
    const known = await findConnectionIfNamed(db, connection)
    if (!known.ok) return known
    const from = since === null ? null : 'at' in since ? since.at : plusSeconds(now, -since.ago)
    const filter = { connection, person, search, onlyRefused: refused, since: from }
    return ok(await pageAttempts(db, filter, { cursor, limit }))
  },
  show: ({ items, next }) => ({
    facts: {
      attempts: items.map(({ explained, ...known }) => ({ ...knownFacts(known), explained })),
    },
    view: [
      items.length === 0
        ? sentence('There is no such attempt.')
        : tableOf(items, {
            at: ({ at }) => ({ at }),
            connection: (each) => each.connection,
            person: (each) => each.person,
            result: ({ kind, reason }) =>
              `${kind === 'test' ? 'test: ' : ''}${reason ?? 'accepted'}`,
            number: ({ id }) => id,
          }),
    ],
    next,
  }),
  explain: explainUnknownConnection,
})

export const signInShow = defineOperation({
  name: 'sign-in show',
  summary: 'one attempt to sign in: every check, and what to do',
  details: "It is found by the request number on the visitor's page, or by the id of a test.",
  examples: [
    {
      says: 'the number that a visitor read out',
      input: { number: '3d9a2195-fdf1-4445-a705-ec75e18fc56e' },
    },
  ],
  subject: 'number',
  fields: {
    number: requiredText('number', "the number on the visitor's page, or the id of a test", 60),
  },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/sign-ins/{number}' },
  result: v.object({
    ...knownShape.entries,
    explained: v.nullable(v.string()),
    steps: v.array(
      v.object({
        check: v.string(),
        outcome: v.picklist(['ok', 'failed', 'warning', 'not reached']),
        says: v.nullable(v.string()),
      }),
    ),
    facts: v.record(v.string(), v.unknown()),
    certificates: v.array(
      v.object({ fingerprint: v.string(), notAfter: time, isKnown: v.boolean() }),
    ),
    document: v.nullable(v.array(v.string())),
    routes: v.nullable(
      v.array(v.object({ site: v.string(), path: v.string(), access: v.string() })),
    ),
  }),
  judge: null,
  run: (context, { number }) => showAttempt(context, number),
  show: ({ attempt, steps, document, certificates, routes }) => {
    const { facts, findings: _, document: kept, ...known } = attempt
    const { explained, ...others } = facts
    const advice = typeof explained === 'string' ? explained : null
    return {
      facts: {
        ...knownFacts(known),
        explained: advice,
        steps,
        facts: others,
        certificates: certificates.map((each) => ({ ...each, notAfter: toIso(each.notAfter) })),
        document: kept === null ? null : document,
        routes,
      },
      view: [
        headOf(attempt),
        ...(advice === null ? [] : [sentence(advice)]),
        tableOf(steps, {
          verdict: ({ outcome }) => outcome,
          check: ({ check }) => check,
          remark: ({ says }) => says,
        }),
        ...certificateBlocks(certificates),
        ...(routes === null || routes.length === 0
          ? []
          : [
              tableOf(routes, {
                site: ({ site }) => site,
                path: ({ path }) => path,
                access: ({ access }) => access,
              }),
            ]),
        ...(document.length === 0 ? [] : [{ kind: 'lines', lines: document } as const]),
      ],
    }
  },
  explain: ({ reason, number }) =>
    refusal(
      'not-found',
      reason,
      `There is no attempt to sign in with the number "${number}". They are kept for ${KEPT_DAYS} days, and in a flood some are left out; the audit may still have its event. If this is not the whole number, look in the list.`,
      { operation: 'sign-in list', asks: null },
    ),
})

const headOf = ({ id, at, kind, host, connection, reason, person, user }: KeptAttempt): Block => ({
  kind: 'values',
  rows: [
    ['number', id],
    ['at', { at }],
    ['host', host],
    ['connection', connection],
    ['person', person],
    ['user', user],
    [kind === 'test' ? 'test' : 'result', reason === null ? 'accepted' : `refused: ${reason}`],
  ],
})

const certificateBlocks = (certificates: readonly ShownCertificate[]): readonly Block[] =>
  certificates.length === 0
    ? []
    : [
        tableOf(certificates, {
          'certificate in the response': ({ fingerprint }) => fingerprint,
          ends: ({ notAfter }) => ({ at: notAfter }),
          'of the connection': ({ isKnown }) => (isKnown ? 'yes' : 'no'),
        }),
      ]
