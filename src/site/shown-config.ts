/** How the home page shows a site, in gatehouse.config.ts. */
import * as v from 'valibot'
import { hasHidden } from '../lib/plain.ts'
import type { Shown } from './site.ts'

export const line = (most: number) => {
  const problem = `must be one line of text, with at most ${most} characters`
  return v.pipe(
    v.string(problem),
    v.check((text) => text.trim() !== '' && text.length <= most, problem),
    v.check((text) => !hasHidden(text), problem),
  )
}

const MOST_ICON_LENGTH = 8192
const image = /^data:image\/(?:svg\+xml|png|webp|jpeg|gif)[;,][\x21-\x7e]+$/
const isImage = (text: string, most: number): boolean => text.length <= most && image.test(text)

/** Our pages load nothing from elsewhere. */
export const imageUrl = (most: number) => {
  const problem = `must be an image as a data: URL of at most ${most} characters (data:image/svg+xml;base64,…). Our pages load no images, so an address of one is not possible`
  return v.pipe(
    v.string(problem),
    v.check((text) => isImage(text, most), problem),
  )
}

/**
 * The first letter, digit or emoji of a text. An emoji may have several code points, some of them
 * invisible. To read its pattern takes some 30 ms, even unused, so it is read where a text needs it.
 */
const firstOf = (text: string): string | null =>
  (/[^\x20-\x7e]/.test(text) ? new RegExp('[\\p{L}\\p{N}]|\\p{RGI_Emoji}', 'v') : /[a-z\d]/i).exec(
    text,
  )?.[0] ?? null

export const shownFields = {
  name: v.exactOptional(line(60)),
  description: v.exactOptional(line(200)),
  icon: v.exactOptional(
    v.pipe(
      v.string('must be text'),
      v.check(
        (icon) => firstOf(icon) === icon || isImage(icon, MOST_ICON_LENGTH),
        `must be one letter, one emoji, or an image as a data: URL of at most ${MOST_ICON_LENGTH} characters (data:image/svg+xml;base64,…). The home page loads no images, so an address of one is not possible`,
      ),
    ),
  ),
}

interface ShownOptions {
  readonly url: string
  readonly name?: string
  readonly description?: string
  readonly icon?: string
}

export function toShown({ url, name, description, icon }: ShownOptions): Shown {
  const shown = name ?? new URL(url).host
  return {
    name: shown,
    description: description ?? null,
    icon: icon ?? firstOf(shown)?.toUpperCase() ?? '•',
  }
}
