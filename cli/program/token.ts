/** Access tokens: from a code, from a refresh token, and given back. */
import { ok, type Result } from '../../src/lib/result.ts'
import { refused, type Failure } from '../command.ts'
import { countField, postForm, textField, whyOf, type Reply } from './ask.ts'
import { inTurn, readKept, removeKept, saveKept, type Kept } from './kept.ts'
import type { Server } from './site.ts'

/** A token that is used now should still be valid when the request arrives. */
const SPARE_MS = 30_000

export interface Asked {
  readonly site: string
  readonly server: Pick<Server, 'issuer' | 'token' | 'revoke'>
  readonly client: string
}

/** @returns null: the answer has no tokens. */
export function toKept({ site, server, client }: Asked, { fields }: Reply): Kept | null {
  const access = textField(fields, 'access_token')
  const refresh = textField(fields, 'refresh_token')
  const seconds = countField(fields, 'expires_in') ?? 0
  if (access === null || refresh === null) return null
  const { issuer, token, revoke } = server
  const accessUntil = Date.now() + seconds * 1000
  return { site, issuer, client, token, revoke, refresh, access, accessUntil }
}

/** A valid access token. @returns null: nobody has signed in at the site here. */
export async function findAccess(site: string): Promise<Result<Kept | null, Failure>> {
  const known = await readKept(site)
  if (!known.ok || !known.value || isFresh(known.value)) return known
  return inTurn(site, async () => {
    // Another command may have asked for a new one meanwhile.
    const kept = await readKept(site)
    return kept.ok && kept.value && !isFresh(kept.value) ? renew(kept.value) : kept
  })
}

async function renew(kept: Kept): Promise<Result<Kept, Failure>> {
  const { site, client, refresh: old } = kept
  const answer = await postForm(kept.token, {
    grant_type: 'refresh_token',
    client_id: client,
    refresh_token: old,
    resource: `${site}/`,
  })
  if (!answer.ok) return answer
  const { status, fields } = answer.value
  const next = toKept({ site, client, server: kept }, answer.value)
  if (status === 200 && next) {
    await saveKept(next)
    return ok(next)
  }
  const error = textField(fields, 'error')
  if (error !== 'invalid_grant' && error !== 'invalid_client') {
    return refused(`${new URL(kept.token).host} gave no token: ${whyOf(answer.value)}`)
  }
  await removeKept(site)
  return refused(
    `Your access to ${site} by programs has ended: it has expired, was taken back, or your account was disabled. Sign in again: gatehouse login ${site}`,
  )
}

/** The next command asks for a new one. */
export const dropAccess = (site: string, access: string): Promise<void> =>
  inTurn(site, async () => {
    const kept = await readKept(site)
    if (kept.ok && kept.value?.access === access) await saveKept({ ...kept.value, accessUntil: 0 })
  })

/** RFC 7009: the whole grant ends. @returns null: nobody has signed in at the site here. */
export const giveBack = (site: string): Promise<Result<'given back' | null, Failure>> =>
  inTurn(site, async () => {
    const kept = await readKept(site)
    if (!kept.ok || !kept.value) return kept.ok ? ok(null) : kept
    const { client, refresh: token, revoke } = kept.value
    const answer = await postForm(revoke, { client_id: client, token })
    // A client that was removed has no tokens any more.
    const isDone =
      answer.ok &&
      (answer.value.status === 200 || textField(answer.value.fields, 'error') === 'invalid_client')
    await removeKept(site)
    if (isDone) return ok('given back')
    const why = answer.ok ? whyOf(answer.value) : answer.error.message
    return refused(
      `The tokens are removed from this computer, but the login host was not told: ${why} Take the access back on the home page of the login host.`,
    )
  })

const isFresh = ({ accessUntil }: Kept): boolean => accessUntil - Date.now() > SPARE_MS
