/** A person and a request, as an operator names them. */
import type { KnownPerson } from '../directory/people-store.ts'
import { requestMethodProblem } from '../lib/methods.ts'
import { toInstant, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { listed, type Person } from '../policy/facts.ts'
import { parseIp } from '../policy/ip.ts'
import type { DeployedConfig } from './context.ts'
import type { Question } from './verdict.ts'

export interface Somebody {
  readonly name: string
  /** False: they are disabled, or their connection is, so nothing is open to them. */
  readonly mayComeIn: boolean
  readonly person: Person
}

/** The person as if they signed in now. Attributes come only with a sign-in: they are not known. */
export function toSomebody(known: KnownPerson, now: Instant): Somebody {
  const { connection, email, userName, groups, assertedGroups, mayComeIn } = known
  const names = groups?.map(({ displayName }) => displayName) ?? assertedGroups
  return {
    name: email ?? userName,
    mayComeIn,
    person: {
      service: null,
      connection,
      email,
      groups: listed(names),
      groupIds: listed(groups?.map(({ id }) => id) ?? null),
      attributes: null,
      isDeviceBound: null,
      authnContext: null,
      authnInstant: now,
      signedInAt: now,
    },
  }
}

/** `GET https://wiki.example.com/admin`; without a method it is GET, and a path is of the first site. */
export function parseRequest(
  given: string,
  { sites }: Pick<DeployedConfig, 'sites'>,
): Result<Pick<Question, 'method' | 'url'>, string> {
  const [, method = 'GET', address = ''] = /^(?:([A-Za-z-]+) +)?(\S+)$/.exec(given.trim()) ?? []
  const [site] = sites
  const isAddress = address.startsWith('/') || /^https?:\/\//.test(address)
  if (!isAddress || !URL.canParse(address, site?.url)) {
    return err(`must be a method and an address, such as GET ${site?.url ?? ''}/`)
  }
  const name = method.toUpperCase()
  const problem = requestMethodProblem(name)
  if (problem !== null) return err(`has ${name}, which ${problem}`)
  return name === 'TRACE'
    ? err('has TRACE, which the gate always refuses')
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
