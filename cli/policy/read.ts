/** People as operators write them in a file. */
import * as v from 'valibot'
import { toInstant, type Instant } from '../../src/lib/instant.ts'
import { options, text } from '../../src/lib/options.ts'
import { listed, type Person } from '../../src/policy/facts.ts'
import { parseDuration } from '../../src/policy/rule-config.ts'

const texts = v.array(text, 'must be a list of texts')
const duration = v.pipe(
  text,
  v.check((value) => parseDuration(value) !== null, 'must be a duration, such as 15m, 2h or 7d'),
)

export const personSchema = options({
  connection: text,
  email: v.exactOptional(text),
  groups: v.exactOptional(texts),
  groupIds: v.exactOptional(texts),
  attributes: v.exactOptional(v.record(v.string(), v.union([v.string(), v.array(v.string())]))),
  authnContext: v.exactOptional(text),
  deviceBound: v.exactOptional(v.boolean('must be true or false')),
  signedIn: v.exactOptional(duration),
  service: v.exactOptional(text),
})

/** Their sign-in was so long before `now` as they say. */
export function toPerson(given: v.InferOutput<typeof personSchema>, now: Instant): Person {
  const ago = given.signedIn === undefined ? 0 : (parseDuration(given.signedIn) ?? 0)
  const { service = null } = given
  // A service token is no sign-in.
  const at = service === null ? toInstant(now - ago * 1000) : null
  return {
    service,
    connection: given.connection,
    email: given.email ?? null,
    groups: listed(given.groups ?? null),
    groupIds: listed(given.groupIds ?? null),
    attributes: given.attributes
      ? Object.fromEntries(
          Object.entries(given.attributes).map(([name, value]) => [name, [value].flat()]),
        )
      : null,
    authnContext: given.authnContext ?? null,
    isDeviceBound: given.deviceBound ?? null,
    authnInstant: at,
    signedInAt: at,
  }
}
