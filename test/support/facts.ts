import { toInstant, type Instant } from '../../src/lib/instant.ts'
import type { Asks, Facts, Nobody, Person } from '../../src/policy/facts.ts'
import { parseIp } from '../../src/policy/ip.ts'

/** Friday. */
export const friday: Instant = toInstant(Date.UTC(2026, 10, 27, 12))

export const listed = (values: readonly string[] | null) => ({
  values: values ?? [],
  isComplete: values !== null,
})

export const personOf = (fields: Partial<Person> = {}): Person => ({
  service: null,
  connection: 'okta',
  email: 'ada@example.com',
  groups: listed(['staff']),
  groupIds: listed([]),
  attributes: {},
  signedInAt: toInstant(friday - 600_000),
  authnInstant: toInstant(friday - 600_000),
  authnContext: null,
  isDeviceBound: false,
  ...fields,
})

export const asksOf = (fields: Partial<Asks> = {}): Asks => ({
  methods: ['GET'],
  country: 'DE',
  ip: parseIp('192.0.2.7'),
  ...fields,
})

export const factsOf = (
  person: Partial<Person> | Nobody['reason'] = {},
  asks: Partial<Asks> = {},
): Facts<string> => ({
  who:
    typeof person === 'string'
      ? { kind: 'nobody', reason: person }
      : { kind: 'person', person: personOf(person), live: 'session-1' },
  asks: asksOf(asks),
})
