/** What a change tells the next page, once: a sealed cookie carries it through the redirect. */
import * as v from 'valibot'
import type { Undo } from '../admin/operation.ts'
import { decodeUtf8, utf8 } from '../lib/bytes.ts'
import { readCookies, setCookie } from '../lib/cookie.ts'
import type { Instant } from '../lib/instant.ts'
import type { DailySealer } from '../lib/seal.ts'

export const FLASH_PURPOSE = 'console flash'

export interface Flash {
  readonly isProblem: boolean
  readonly sentences: readonly string[]
  /** Shown once. */
  readonly secret: string | null
  readonly undo: Undo | null
}

const schema = v.object({
  isProblem: v.boolean(),
  sentences: v.array(v.string()),
  secret: v.nullable(v.string()),
  undo: v.nullable(
    v.object({
      operation: v.string(),
      input: v.record(v.string(), v.union([v.string(), v.array(v.string())])),
    }),
  ),
})

const NAME = '__Host-gatehouse-flash'
const SECONDS = 60
/** A browser drops a larger cookie without a word. */
const MOST_CHARACTERS = 3800

/** @param session of the admin: nobody else can open it. */
export async function flashCookie(
  flash: Flash,
  sealer: DailySealer,
  { session, now }: { readonly session: string; readonly now: Instant },
): Promise<string> {
  const sealed = await sealer.seal(utf8(JSON.stringify(flash)), session, now)
  if (sealed.length > MOST_CHARACTERS) {
    const less = { ...flash, sentences: flash.sentences.slice(0, 1), undo: null }
    if (less.sentences.length < flash.sentences.length || flash.undo) {
      return flashCookie(less, sealer, { session, now })
    }
    return clearedFlash
  }
  return setCookie({ name: NAME, value: sealed, sameSite: 'Lax', maxAgeSeconds: SECONDS })
}

export const clearedFlash = setCookie({ name: NAME, value: '', sameSite: 'Lax', maxAgeSeconds: 0 })

/** null: there is none. */
export async function readFlash(
  headers: Headers,
  sealer: DailySealer,
  { session, now }: { readonly session: string; readonly now: Instant },
): Promise<Flash | null> {
  const [sealed] = readCookies(headers, `${NAME}=`)
  const opened = sealed ? await sealer.open(sealed, session, now) : null
  const text = opened?.ok ? decodeUtf8(opened.value) : null
  if (!text?.ok) return null
  const flash = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text.value)
  return flash.success ? flash.output : null
}
