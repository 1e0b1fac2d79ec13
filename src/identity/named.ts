/** Identity headers with names that the operator chose, instead of a dialect. */
import { utf8 } from '../lib/bytes.ts'
import { control } from '../lib/pattern.ts'
import type { LiveSession } from '../session/session.ts'
import type { NamedHeader } from '../site/site.ts'
import { encodeText, groupsToTell, MOST_HEADER_BYTES } from './told.ts'

/**
 * The value of the header; null: there is no value, or none that is safe in a header, so the header
 * is left out.
 */
export function valueOf(
  { value, encoding }: NamedHeader,
  token: string,
  live: LiveSession,
): string | null {
  if (value === 'token') return token
  const write = encoding === 'raw' ? rawText : encodeItem
  const items = itemsOf(value, live).flatMap((item) => write(item) ?? [])
  const text = items.join(',')
  return text === '' || utf8(text).length > MOST_HEADER_BYTES ? null : text
}

function itemsOf(value: NamedHeader['value'], { session, groups }: LiveSession): readonly string[] {
  if (typeof value === 'object') {
    const { attribute } = value
    return Object.hasOwn(session.attributes, attribute) ? (session.attributes[attribute] ?? []) : []
  }
  switch (value) {
    case 'id':
      return [session.userId]
    case 'userName':
      return [session.userName]
    case 'email':
      return [session.email ?? '']
    case 'name':
      return [session.displayName ?? '']
    case 'groups':
      return groupsToTell(groups) ?? []
    case 'connection':
      return [session.connection]
    case 'token':
      return []
  }
}

const encodeItem = (item: string): string | null =>
  item === '' ? null : encodeText(item).replaceAll(',', '%2C')

/**
 * The item unencoded, in UTF-8. null: a header cannot hold it, a reader would trim it into another
 * user's name, or a comma would make it two items.
 */
const rawText = (item: string): string | null =>
  item !== '' &&
  item === item.trim() &&
  item.isWellFormed() &&
  !item.includes(',') &&
  !control.test(item)
    ? item
    : null
