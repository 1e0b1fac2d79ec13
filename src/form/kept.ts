/**
 * A form that was posted after the session had ended. The browser keeps it, sealed, while the person
 * signs in; the gate stores nothing. Sealed, nobody can change where it goes, what it says or whose
 * it is.
 */
import * as v from 'valibot'
import { concatBytes, decodeUtf8, utf8, type Bytes } from '../lib/bytes.ts'
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import { MAX_RETURN_LENGTH } from '../lib/paths.ts'
import type { DailySealer } from '../lib/seal.ts'
import type { Visit } from '../site/visit.ts'

export interface KeptForm {
  /** Used up when the form is sent. */
  readonly id: string
  readonly keptAt: Instant
  /** The person of the session that had ended; null: unknown. */
  readonly userId: string | null
  /** Path and query that it was posted to. */
  readonly target: string
  /** Path and query of the page that it was on. */
  readonly from: string
  readonly contentType: string
  readonly body: Bytes
}

export const MAX_FORM_BYTES = 64 * 1024
const KEPT_SECONDS = 3600
/** Base64url of a form with the longest addresses. */
export const MAX_SEALED = Math.ceil((MAX_FORM_BYTES + 4 * MAX_RETURN_LENGTH + 1024) * (4 / 3))

/** After that the form cannot be sent, so its id need not be remembered. */
export const endOf = ({ keptAt }: KeptForm): Instant => plusSeconds(keptAt, KEPT_SECONDS)

const headSchema = v.strictTuple([
  v.string(),
  v.pipe(v.number(), v.transform(toInstant)),
  v.nullable(v.string()),
  v.string(),
  v.string(),
  v.string(),
])

type FormVisit = Pick<Visit, 'host' | 'now'>
const LINE_FEED = 10

export function sealForm(
  { id, keptAt, userId, target, from, contentType, body }: KeptForm,
  { host, now }: FormVisit,
  sealer: DailySealer,
): Promise<string> {
  // JSON has no line feed, so the body begins after the first one.
  const head = JSON.stringify([id, keptAt, userId, target, from, contentType])
  return sealer.seal(concatBytes(utf8(`${head}\n`), body), host.url, now)
}

/** Null: not sealed by us for this host, or too old. */
export async function openForm(
  sealed: string,
  { host, now }: FormVisit,
  sealer: DailySealer,
): Promise<KeptForm | null> {
  if (sealed.length > MAX_SEALED) return null
  const opened = await sealer.open(sealed, host.url, now)
  if (!opened.ok) return null
  const end = opened.value.indexOf(LINE_FEED)
  const head = decodeUtf8(opened.value.slice(0, end))
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), headSchema), head.ok ? head.value : '')
  if (!read.success) return null
  const [id, keptAt, userId, target, from, contentType] = read.output
  const body = opened.value.slice(end + 1)
  const form = { id, keptAt, userId, target, from, contentType, body }
  return now < endOf(form) ? form : null
}

/** Whether the form may be another person's. */
export const isOfOther = ({ userId }: KeptForm, signedIn: string): boolean =>
  userId !== null && userId !== signedIn

/** A sign-in that a policy asks for. */
export interface Again {
  readonly connection: string
  /** AuthnContextClassRefs, each of which is enough; empty: each is. */
  readonly contexts: readonly string[]
}
