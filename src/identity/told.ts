import { utf8 } from '../lib/bytes.ts'

/**
 * Percent-encodes (UTF-8) what is not visible ASCII, the percent sign, and spaces at the ends: one
 * header value per text, and none that is two lines.
 */
export const encodeText = (text: string): string =>
  text.toWellFormed().replace(/[^\x20-\x7e]+|%|^ +|(?<! ) +$/g, (part) => encodeURIComponent(part))

/**
 * Many origins take no header line over 8 KiB. A token is a third longer than its JSON, which has
 * more to say than groups; a header line is up to three times as long as its UTF-8.
 */
const GROUPS_IN_TOKEN_BYTES = 4096
export const MOST_HEADER_BYTES = 7168

/** The groups that an origin is told, or null where they are too many for one request. */
export function groupsToTell(groups: readonly string[]): readonly string[] | null {
  const listed = JSON.stringify(groups)
  const fits =
    utf8(listed).length <= GROUPS_IN_TOKEN_BYTES && encodeText(listed).length <= MOST_HEADER_BYTES
  return fits ? groups : null
}
