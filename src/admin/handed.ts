/**
 * What a hand-over may do to its connection, and nothing else: the connection comes from the
 * session, never from a form.
 */
import { isDraft } from '../connection/connection.ts'
import { noFields, type InputFault } from '../connection/fields.ts'
import type { KnownIdp } from '../connection/labels.ts'
import { presets } from '../connection/set-up.ts'
import { utf8 } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { withStop } from '../lib/sentence.ts'
import { parseIdpMetadata } from '../saml/metadata/idp.ts'
import { SCIM_TOKEN_BYTES, type ScimToken } from '../scim/token.ts'
import {
  findKnownConnection,
  updateConnection,
  type ConnectionRefusal,
  type UpdatedConnection,
} from './connections.ts'
import { record, type Context, type Operator } from './context.ts'
import { claimToken, endHandOver, type HandOver } from './handover-store.ts'
import { findSetUp } from './set-up.ts'
import { createToken } from './tokens.ts'

/** In the audit, each change of a hand-over is by this name. It has no scope: it calls no operation. */
export const handedOperator = ({ label }: HandOver): Operator => ({
  name: `hand-over (${label})`,
  face: 'console',
  scopes: [],
  user: null,
})

export interface GivenMetadata {
  /** An address, or the document itself. */
  readonly text: string
  readonly idp: KnownIdp
}

/** The error is a sentence for the people that the link is for. */
export async function giveMetadata(
  context: Context,
  handOver: HandOver,
  { text, idp }: GivenMetadata,
): Promise<Result<UpdatedConnection, string>> {
  const known = await findKnownConnection(context.db, handOver.connection)
  if (!known.ok) return err(GONE)
  const before = known.value
  const xml = await readGiven(context, text.trim())
  if (!xml.ok) return xml
  const parsed = parseIdpMetadata(xml.value, { entityId: null, now: new Date(context.now) })
  const entityId = parsed.ok ? parsed.value.entityId : null
  const isOther = !isDraft(before) && entityId !== null && entityId !== before.idpEntityId
  if (isOther && (await findSetUp(context, before)).signedInAt !== null) {
    return err(
      `This metadata is of another identity provider than people sign in with now. Only the people who sent you the link can change that: ask ${handOver.madeBy}.`,
    )
  }
  const updated = await updateConnection(context, before.id, {
    fields: { ...noFields, ...(isDraft(before) ? presets[idp] : {}) },
    metadata: { xml: xml.value, url: isAddress(text.trim()) ? text.trim() : null, entityId },
    certificates: [],
    replaceCertificates: isOther,
    removeCertificates: [],
  })
  return updated.ok ? updated : err(explain(updated.error))
}

const GONE = 'The connection is gone. Ask the people who sent you the link.'

const isAddress = (text: string): boolean => /^https?:\/\/\S+$/i.test(text)

async function readGiven(
  { fetchMetadata }: Context,
  text: string,
): Promise<Result<Uint8Array, string>> {
  if (text === '') return err('Give the address of the metadata, a file, or its text.')
  if (!isAddress(text)) return ok(utf8(text))
  return (
    fetchMetadata?.(text, null) ?? err('Metadata is not fetched here. Give the document itself.')
  )
}

function explain(refused: ConnectionRefusal): string {
  switch (refused.reason) {
    case 'input':
      return refused.faults.map(sentenceOf).join(' ')
    case 'connection-changed':
      return 'The connection was changed at the same time, so your change was not made. Try again.'
    case 'unknown-connection':
    case 'connection-gone':
      return GONE
    case 'connection-exists':
    case 'domains-taken':
      return 'The connection could not be changed. Ask the people who sent you the link.'
  }
}

/** Some problems are sentences. Others go on from the name of the field. */
function sentenceOf({ field, problem }: InputFault): string {
  return withStop(/^["A-Z]/.test(problem) ? problem : `The ${field} ${problem}`)
}

/** @returns null: this hand-over may make no token, or has made its one. */
export async function makeHandedToken(
  context: Context,
  handOver: HandOver,
): Promise<{ readonly secret: ScimToken } | null> {
  const { db, now, newId, random } = context
  const id = newId()
  if (!(await claimToken(db, { id: handOver.id, token: id }, now))) return null
  const created = await createToken(context, {
    connection: handOver.connection,
    label: handedOperator(handOver).name,
    expires: 'in-a-year',
    id,
    random: random(SCIM_TOKEN_BYTES),
  })
  return created.ok ? { secret: created.value.secret } : null
}

/** The session says that it is done. */
export async function finishHandOver(context: Context, { id }: HandOver): Promise<void> {
  const ended = await endHandOver(context.db, { id, why: 'done' }, context.now)
  if (ended) await tell(context, ended, 'handover done')
}

/** For the audit: the link was opened. */
export const tellOpened = (context: Context, handOver: HandOver): Promise<void> =>
  tell(context, handOver, 'handover open')

const tell = (context: Context, { id, connection }: HandOver, command: string): Promise<void> =>
  record(context, { command, connection, user: null, facts: { handOver: id } })
