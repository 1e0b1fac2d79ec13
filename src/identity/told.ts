import { utf8 } from '../lib/bytes.ts'

/**
 * Percent-encodes (as UTF-8) the percent sign, spaces at the ends, and every character outside
 * printable ASCII. So a value never spans two lines, and different texts stay different.
 */
export const encodeText = (text: string): string =>
  text.toWellFormed().replace(/[^\x20-\x7e]+|%|^ +|(?<! ) +$/g, (part) => encodeURIComponent(part))

/**
 * Many origins refuse a header line over 8 KiB. A token is a third longer than its JSON, which
 * contains more than groups. A percent-encoded header is up to three times as long as its UTF-8.
 */
const GROUPS_IN_TOKEN_BYTES = 4096
export const MOST_HEADER_BYTES = 7168

/** The groups to send to an origin; null: they are too many for one request. */
export function groupsToTell(groups: readonly string[]): readonly string[] | null {
  const listed = JSON.stringify(groups)
  const fits =
    utf8(listed).length <= GROUPS_IN_TOKEN_BYTES && encodeText(listed).length <= MOST_HEADER_BYTES
  return fits ? groups : null
}
