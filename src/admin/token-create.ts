/** `scim token create`, as every face offers it. */
import * as v from 'valibot'
import { parseDayOrTime } from '../lib/time.ts'
import { scimPath } from '../lib/paths.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { SCIM_TOKEN_BYTES } from '../scim/token.ts'
import { hostsFor } from './connection-shown.ts'
import { explainUnknownConnection } from './connections.ts'
import { oneValue } from './field.ts'
import { defineOperation, refusal, type Refusal } from './operation.ts'
import { directoryField, tokenFacts, tokenShape } from './token-operations.ts'
import { createToken, judgeLabel, type NewToken, type TokenRefusal } from './tokens.ts'
import { sentence } from './view.ts'

const labelField = oneValue(
  {
    meaning: 'what it is for, to tell it from others',
    placeholder: 'text',
    isRequired: true,
    schema: { type: 'string', minLength: 1, maxLength: 100 },
  },
  (given): Result<string, string> => {
    if (given === null) return err('is missing: say what the token is for, such as "Okta 2027"')
    const problem = judgeLabel(given)
    return problem === null ? ok(given) : err(problem)
  },
)

const A_DAY = 'must be a day to come, such as 2027-12-31, or never'

const expiresField = oneValue(
  {
    meaning: 'the day from which the token is refused, or never (default: in a year)',
    placeholder: 'date',
    isRequired: false,
    schema: { type: 'string', maxLength: 40 },
  },
  (given): Result<NewToken['expires'], string> => {
    if (given === null) return ok('in-a-year')
    if (given === 'never') return ok('never')
    const end = parseDayOrTime(given)
    return end === null ? err(`${A_DAY}; it is "${given}"`) : ok(end)
  },
)

export const tokenCreate = defineOperation({
  name: 'scim token create',
  summary: 'a token for the directory of an identity provider',
  details:
    'The token is shown only once. A jit connection becomes jit+scim. To rotate: create another token, enter it at the identity provider, then revoke the old one. Until then both are accepted.',
  examples: [{ says: 'the first one', input: { connection: 'okta', label: 'Okta 2027' } }],
  subject: 'connection',
  fields: { connection: directoryField, label: labelField, expires: expiresField },
  changes: true,
  scope: 'connections',
  changesTrust: true,
  isDangerous: true,
  http: { method: 'POST', path: '/connections/{connection}/scim-tokens', creates: true },
  secretName: 'Token',
  result: v.object({
    ...tokenShape.entries,
    baseUrls: v.array(v.string()),
    provisioning: v.picklist(['jit', 'scim', 'jit+scim']),
    warnings: v.array(v.object({ kind: v.string(), text: v.string() })),
  }),
  judge: null,
  run: async (context, { connection, label, expires }) => {
    const { config, newId, random } = context
    const bytes = random(SCIM_TOKEN_BYTES)
    const created = await createToken(context, {
      connection,
      label,
      expires,
      id: newId(),
      random: bytes,
    })
    if (!created.ok) return created
    const hosts = hostsFor(config, connection)
    return ok({ ...created.value, baseUrls: hosts.map(({ url }) => url + scimPath(connection)) })
  },
  show: ({ secret, token, provisioning, isFirst, baseUrls }) => {
    const warnings = provisioning === 'scim' ? [] : [othersMayComeBack]
    const { connection, expiresAt } = token
    return {
      secret,
      facts: { ...tokenFacts(token), baseUrls, provisioning, warnings },
      view: [
        {
          kind: 'values',
          rows: [
            ...(baseUrls.length > 0 ? baseUrls : [`<your login host>${scimPath(connection)}`]).map(
              (url) => ['Base URL', url] as const,
            ),
            ['Expires', { at: expiresAt }],
          ],
        },
        sentence('The token is not shown again: Gatehouse keeps only a hash of it.'),
        ...(isFirst
          ? [sentence(`${connection} is jit+scim from now on: sign-ins ask the directory.`)]
          : []),
        ...warnings.map(({ text }) =>
          sentence(`Warning: ${text} Compare the names.`, {
            operation: 'join preview',
            asks: null,
            input: { connection },
          }),
        ),
      ],
    }
  },
  undo: null,
  explain: explainToken,
})

/** With `jit+scim` a name that the directory did not send becomes a new user. */
const othersMayComeBack = {
  kind: 'others-may-come-back',
  text: 'a person who signs in under a name that the directory did not send may come back after the directory deactivates the person. When everybody is sent, let only provisioned people sign in: provisioning scim.',
}

function explainToken(refused: TokenRefusal): Refusal {
  const { reason } = refused
  switch (reason) {
    case 'unknown-connection':
      return explainUnknownConnection(refused)
    case 'label':
      return {
        ...refusal('invalid', reason, `The label ${LABEL}.`),
        faults: [{ field: 'label', problem: LABEL }],
      }
    case 'expiry-past':
      return {
        ...refusal('invalid', reason, `The end ${A_DAY}.`),
        faults: [{ field: 'expires', problem: A_DAY }],
      }
  }
}

const LABEL = judgeLabel('') ?? ''
