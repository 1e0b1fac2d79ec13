/** A request that brings a token of ours: who comes, and may they. There is no way to a sign-in page. */
import type { Audit } from '../audit/event.ts'
import { LIMIT_SECONDS } from '../lib/limits.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { decide, type Decision } from '../policy/decide.ts'
import { describeMissing } from '../policy/describe.ts'
import { toFacts, type Asks } from '../policy/facts.ts'
import type { SettledPolicy } from '../policy/policy.ts'
import type { Arrival, ProgramReader, ProgramReading } from '../program/reader.ts'
import type { LiveSession } from '../session/session.ts'
import type { SiteVisit } from '../site/visit.ts'
import { otherPerson, tellProgram } from './answers.ts'
import { invalidToken, signInAnew } from './challenge.ts'
import { isForOther } from './person.ts'
import { judgeScope, type ScopePart } from './scope.ts'

export interface ProgramDeps {
  readonly readProgram: ProgramReader
  readonly audit: (visit: SiteVisit) => Audit
}

/** Programs at the gate. */
export interface Programs extends Pick<ProgramReader, 'again' | 'alive' | 'forget'> {
  /** The session that a program has by its token, or the answer that refuses it. */
  readonly admit: (
    arrival: Arrival,
    visit: SiteVisit,
    asks: ProgramAsks,
  ) => Promise<Result<LiveSession, Response>>
  /** The answer where access has ended before the origin answered. */
  readonly end: (request: Request, visit: SiteVisit, decision: Decision<LiveSession>) => Response
}

export interface ProgramAsks {
  readonly policy: SettledPolicy
  readonly asks: Asks
}

export function createPrograms(deps: ProgramDeps): Programs {
  const { again, alive, forget } = deps.readProgram
  return {
    admit: (arrival, visit, asks) => admitProgram(arrival, visit, asks, deps),
    end: endProgram,
    again,
    alive,
    forget,
  }
}

async function admitProgram(
  arrival: Arrival,
  visit: SiteVisit,
  { policy, asks }: ProgramAsks,
  { readProgram, audit }: ProgramDeps,
): Promise<Result<LiveSession, Response>> {
  const { request } = arrival
  const reading = await readProgram(arrival, visit)
  if (reading.kind !== 'live') {
    if (reading.kind === 'refused') auditRefusal(visit, reading, audit)
    return err(refuseToken(request, visit, reading))
  }
  const { live } = reading
  const part = live.via && judgeScope(request, visit, asks.methods, live.via.scope)
  if (part) {
    auditDenied(visit, live, `outside the token's ${plural[part]}`, audit)
    // To a client of OAuth, a token of another resource is no token (RFC 8707 §2): it asks for one.
    const isForeign = part === 'site' && live.via?.kind === 'oauth'
    return err(
      isForeign
        ? refuseToken(request, visit, {
            kind: 'refused',
            reason: visit.site.oauth ? 'foreign' : 'no-oauth-here',
          })
        : outOfScope(request, visit, part),
    )
  }
  const decision = decide(policy, toFacts(reading, visit.site.connections, asks), visit.now)
  if (decision.kind === 'allow') {
    if (!isForOther(request, live)) return ok(live)
    auditDenied(visit, live, 'the request is for another person', audit)
    return err(otherPerson(request, visit))
  }
  const reason =
    decision.kind === 'login' ? decision.reason : `needs ${describeMissing(decision.why)}`
  auditDenied(visit, live, reason, audit)
  return err(denyProgram(request, visit, decision))
}

const endProgram = (
  request: Request,
  visit: SiteVisit,
  decision: Decision<LiveSession>,
): Response =>
  decision.kind === 'login' && decision.reason !== 'other-connection'
    ? refuseToken(request, visit, { kind: 'refused', reason: decision.reason })
    : denyProgram(request, visit, decision)

function denyProgram(
  request: Request,
  visit: SiteVisit,
  decision: Decision<LiveSession>,
): Response {
  if (decision.kind === 'anew' && decision.live.via?.kind === 'oauth') {
    const answer = tellProgram(request, visit, {
      status: 401,
      error: 'sign-in-anew',
      message: 'The person has to sign in again for this address. Ask them for a new token.',
    })
    answer.headers.set('WWW-Authenticate', signInAnew(visit))
    return answer
  }
  const isShown = visit.site.denied.rule === 'shown' && decision.kind !== 'login' && decision.why
  const needs = isShown ? ` It needs ${describeMissing(isShown)}.` : ''
  return tellProgram(request, visit, {
    status: 403,
    error: 'access-denied',
    message: `The owner of this token has no access to this address, or the token has none.${needs}`,
  })
}

const plural = { site: 'sites', path: 'paths', method: 'methods' } as const

const outOfScope = (request: Request, visit: SiteVisit, part: ScopePart): Response =>
  tellProgram(request, visit, {
    status: 403,
    error: `${part}-not-in-scope`,
    message: `This token is not for this ${part}. Make one whose ${plural[part]} include it.`,
  })

type Refused = Extract<ProgramReading, { readonly kind: 'refused' }>
type Limited = Extract<ProgramReading, { readonly kind: 'limited' }>

function refuseToken(
  request: Request,
  visit: SiteVisit,
  reading: Limited | { readonly kind: 'refused'; readonly reason: string },
): Response {
  if (reading.kind === 'limited') {
    const answer = tellProgram(request, visit, {
      status: 429,
      error: 'too-many-failures',
      message: 'Too many requests with tokens that are not known here. Wait a minute.',
    })
    answer.headers.set('Retry-After', String(LIMIT_SECONDS))
    return answer
  }
  const { reason } = reading
  const answer = tellProgram(request, visit, {
    status: 401,
    error: 'invalid-token',
    message: sayWhy[reason] ?? 'This token does not count, or counts no more. Ask for a new one.',
  })
  answer.headers.set('WWW-Authenticate', invalidToken(request, visit))
  return answer
}

/** The reader of such a message has the token, or sent a text that is no token. */
const sayWhy: Readonly<Record<string, string | undefined>> = {
  misspelt: 'This token is misspelt: its checksum is wrong. Copy it again, as a whole.',
  misplaced:
    'Send one token, in one place: as Bearer, as the password of Basic, or in CF-Access-Client-Secret.',
  'browser-password':
    'Browsers may not send a token as a password. Sign in, or send it as a Bearer token.',
  'wrong-id': 'CF-Access-Client-Id is not the id of the token in CF-Access-Client-Secret.',
  foreign: 'This token is for another site. Ask for one whose resource is this site.',
  'no-oauth-here':
    'This token is for another site, and this site takes none of OAuth. Use a service token.',
  expired: 'This token has expired. Ask for a new one.',
}

function auditRefusal(
  visit: SiteVisit,
  { reason, live }: Refused,
  audit: ProgramDeps['audit'],
): void {
  audit(visit)({
    kind: 'token-refused',
    site: visit.site.authority,
    connection: live?.session.connection ?? null,
    token: live?.session.id ?? null,
    name: live ? nameOf(live) : null,
    reason,
  })
}

function auditDenied(
  visit: SiteVisit,
  live: LiveSession,
  reason: string,
  audit: ProgramDeps['audit'],
): void {
  audit(visit)({
    kind: 'access-denied',
    site: visit.site.authority,
    connection: live.session.connection,
    user: live.session.userId,
    session: live.session.id,
    path: visit.url.pathname,
    reason: `${reason}, asked by ${nameOf(live)}`,
  })
}

/** As the audit names a program. */
const nameOf = ({ via }: LiveSession): string =>
  via?.kind === 'oauth' ? `client ${via.client}` : `service ${via?.name ?? ''}`
