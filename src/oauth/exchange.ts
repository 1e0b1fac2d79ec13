/** The token endpoint (RFC 6749 §5) and revocation (RFC 7009). */
import type { Audit } from '../audit/event.ts'
import { hashText } from '../lib/bytes.ts'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import { answerJson, refuseJson } from './answer.ts'
import { judgeScope, SCOPE } from './ask.ts'
import type { Call } from './call.ts'
import type { OauthDeps } from './deps.ts'
import { pollDevice } from './device-store.ts'
import { auditEnd } from './grants.ts'
import {
  endByClient,
  endByCode,
  endByReuse,
  redeemCode,
  redeemRefresh,
  removeAccess,
  type Issue,
} from './redeem-store.ts'
import { findResource } from './resource.ts'
import {
  hashAccess,
  hashCode,
  newAccessToken,
  newRefreshToken,
  nextRefreshToken,
  parseRefreshToken,
  type RefreshToken,
} from './token.ts'

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

export interface Exchange extends Call {
  readonly now: Instant
  readonly audit: Audit
}

export async function exchange(asked: Exchange, deps: OauthDeps): Promise<Response> {
  const { given } = asked
  const fault = judgeScope(given.get('scope') ?? null)
  if (fault) return refuseJson(fault)
  const resource = given.get('resource') ?? null
  const site = resource === null ? null : findResource(deps.sites, resource)
  if (resource !== null && !site) {
    const why = 'resource must be the URL of the site that the grant is for.'
    return refuseJson({ error: 'invalid_target', why })
  }
  const authority = site?.authority ?? null
  switch (given.get('grant_type')) {
    case 'authorization_code':
      return byCode(asked, authority, deps)
    case 'refresh_token':
      return byRefresh(asked, authority, deps)
    case DEVICE_GRANT:
      return byDevice(asked, authority, deps)
    case undefined:
      return refuseJson({ error: 'invalid_request', why: 'grant_type is missing.' })
    default:
      return refuseJson({
        error: 'unsupported_grant_type',
        why: `grant_type must be authorization_code, refresh_token or ${DEVICE_GRANT}.`,
      })
  }
}

async function byCode(
  { caller, given, now, audit }: Exchange,
  site: string | null,
  { db, terms }: OauthDeps,
): Promise<Response> {
  const verifier = given.get('code_verifier') ?? ''
  const codeHash = await hashCode(given.get('code') ?? '', 'code')
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) {
    const why = 'code_verifier must have 43 to 128 characters of A-Z, a-z, 0-9, -, ., _ and ~.'
    return refuseJson({ error: 'invalid_request', why })
  }
  if (codeHash === null) return invalidGrant('The code is not one of this server.')
  const issue = await toIssue(now, terms.accessSeconds)
  const expiresAt = await redeemCode(db, {
    ...issue.kept,
    codeHash,
    client: caller.id,
    site,
    bound: { redirect: given.get('redirect_uri') ?? null, challenge: await hashText(verifier) },
  })
  if (expiresAt !== null) return issued(issue, expiresAt)
  const ended = await endByCode(db, codeHash)
  if (ended) auditEnd(ended, 'code', audit)
  return invalidGrant(
    'The code is used or expired, or it is not for this client, redirect_uri, code_verifier and resource. It is not valid any more.',
  )
}

async function byRefresh(
  { caller, given, now, audit }: Exchange,
  site: string | null,
  { db, terms }: OauthDeps,
): Promise<Response> {
  const old = await parseRefreshToken(given.get('refresh_token') ?? '')
  if (!old) return invalidGrant('The refresh token is not one of this server.')
  const { accessSeconds, idleSeconds } = terms
  const issue = await toIssue(now, accessSeconds, old)
  const asked = { ...issue.kept, old, client: caller.id, site, idleSeconds }
  const expiresAt = await redeemRefresh(db, asked)
  if (expiresAt !== null) return issued(issue, expiresAt)
  const ended = await endByReuse(db, old)
  if (ended) auditEnd(ended, 'refresh', audit)
  return invalidGrant(
    'The grant has ended, the refresh token was used before, or it is not for this client and resource. Ask the person again.',
  )
}

/** RFC 8628 §3.4 and §3.5 */
async function byDevice(
  { caller, given, now, audit }: Exchange,
  site: string | null,
  { db, terms }: OauthDeps,
): Promise<Response> {
  const codeHash = await hashCode(given.get('device_code') ?? '', 'device')
  if (codeHash === null) return invalidGrant('The device code is not one of this server.')
  const poll = await pollDevice(db, { codeHash, client: caller.id, now })
  if (poll) {
    const wait = (error: string, why: string) => refuseJson({ error, why })
    if (poll.isExpired) return wait('expired_token', 'Nobody entered the code in time.')
    if (poll.isRefused) return wait('access_denied', 'The person refused.')
    if (poll.isHasty) return wait('slow_down', 'Wait five seconds longer between polls.')
    return wait('authorization_pending', 'Nobody has entered the code yet.')
  }
  const issue = await toIssue(now, terms.accessSeconds)
  const taken = { ...issue.kept, codeHash, client: caller.id, site, bound: null }
  const expiresAt = await redeemCode(db, taken)
  if (expiresAt !== null) return issued(issue, expiresAt)
  const ended = await endByCode(db, codeHash)
  if (ended) auditEnd(ended, 'code', audit)
  return invalidGrant('The device code is used or expired, or it is not for this client.')
}

interface Made {
  readonly access: string
  readonly kept: Issue
}

async function toIssue(
  now: Instant,
  accessSeconds: number,
  old: RefreshToken | null = null,
): Promise<Made> {
  const access = newAccessToken()
  const refresh = await (old ? nextRefreshToken(old.text) : newRefreshToken())
  return { access, kept: { refresh, accessHash: await hashText(access), accessSeconds, now } }
}

/** RFC 6749 §5.1 */
const issued = ({ access, kept }: Made, expiresAt: Instant): Response =>
  answerJson(200, {
    access_token: access,
    token_type: 'Bearer',
    expires_in: Math.floor(secondsBetween(kept.now, expiresAt)),
    refresh_token: kept.refresh.text,
    scope: SCOPE,
  })

const invalidGrant = (why: string): Response => refuseJson({ error: 'invalid_grant', why })

/** RFC 7009 §2.2: the answer is the same for a token that is none. */
export async function revoke(
  { caller, given, audit }: Exchange,
  { db }: OauthDeps,
): Promise<Response> {
  const token = given.get('token')
  if (token === undefined) return refuseJson({ error: 'invalid_request', why: 'token is missing.' })
  const refresh = await parseRefreshToken(token)
  const access = await hashAccess(token)
  const ended = refresh && (await endByClient(db, refresh, caller.id))
  if (ended) auditEnd(ended, 'client', audit)
  if (access !== null) await removeAccess(db, access, caller.id)
  return answerJson(200, {})
}
