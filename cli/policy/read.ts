/** People and requests as operators write them. */
import * as v from 'valibot'
import type { Config } from '../../src/config.ts'
import { toInstant, type Instant } from '../../src/lib/instant.ts'
import { options, text } from '../../src/lib/options.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import type { Listed, Person } from '../../src/policy/facts.ts'
import { parseIp } from '../../src/policy/ip.ts'
import { parseDuration } from '../../src/policy/rule-config.ts'
import type { Question } from './verdict.ts'

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
  signedIn: v.exactOptional(duration),
})

/** Their sign-in was so long before `now` as they say. */
export function toPerson(given: v.InferOutput<typeof personSchema>, now: Instant): Person {
  const ago = given.signedIn === undefined ? 0 : (parseDuration(given.signedIn) ?? 0)
  const at = toInstant(now - ago * 1000)
  return {
    connection: given.connection,
    email: given.email ?? null,
    groups: listed(given.groups),
    groupIds: listed(given.groupIds),
    attributes: given.attributes
      ? Object.fromEntries(
          Object.entries(given.attributes).map(([name, value]) => [name, [value].flat()]),
        )
      : null,
    authnContext: given.authnContext ?? null,
    authnInstant: at,
    signedInAt: at,
  }
}

export const listed = (values: readonly string[] | undefined): Listed => ({
  values: values ?? [],
  isComplete: values !== undefined,
})

/** `GET https://wiki.example.com/admin`; without a method it is GET, and a path is of the first site. */
export function parseRequest(
  given: string,
  config: Config,
): Result<Pick<Question, 'method' | 'url'>, string> {
  const [, method = 'GET', address = ''] = /^(?:([A-Za-z-]+) +)?(\S+)$/.exec(given.trim()) ?? []
  const [site] = config.sites
  const isAddress = address.startsWith('/') || /^https?:\/\//.test(address)
  if (!isAddress || !URL.canParse(address, site?.url)) {
    return err(`must be a method and an address, such as GET ${site?.url ?? ''}/`)
  }
  const name = method.toUpperCase()
  return name === 'TRACE' || name === 'CONNECT' || name === 'TRACK'
    ? err(`has ${name}, which the gate always refuses`)
    : ok({ method: name, url: new URL(address, site?.url) })
}

export function parseMoment(given: string): Result<Instant, string> {
  const at = /^\d{4}-\d\d-\d\dT/.test(given) ? Date.parse(given) : NaN
  return Number.isNaN(at)
    ? err('must be a moment, such as 2026-11-27T12:00:00Z')
    : ok(toInstant(at))
}

export interface From {
  readonly country?: string | undefined
  readonly ip?: string | undefined
}

export function parseFrom({ country, ip }: From): Result<Pick<Question, 'country' | 'ip'>, string> {
  const address = ip === undefined ? null : parseIp(ip)
  if (ip !== undefined && address === null) return err('has no IP address of IPv4 or IPv6')
  return country === undefined || /^([A-Z]{2}|T1)$/.test(country)
    ? ok({ country: country ?? null, ip: address })
    : err('has no country code of two upper-case letters')
}
