/** How an event looks on a terminal. */
import { asText, type ToldEvent } from '../../src/admin/audit-export.ts'
import type { Facts } from '../../src/audit/event.ts'
import { toIso } from '../../src/lib/instant.ts'
import { toPlainJson } from '../../src/lib/plain.ts'
import { plain } from '../text.ts'
import { withAdvice } from './advice.ts'

/** `time kind name=value …`; a value with blanks or hidden characters is in quotes. */
export function eventLine(event: ToldEvent): string {
  const { at, kind, facts, connection, user, requestId, dropped } = withAdvice(event)
  const named = { connection, user, ...facts, request: requestId, dropped: dropped || null }
  const pairs = Object.entries(named).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${shown(value)}`],
  )
  return `${toIso(at)}  ${kind.padEnd(17)}  ${pairs.join(' ')}\n`
}

function shown(value: Facts[string]): string {
  const text = asText(value)
  return /^[^\s"=]+$/.test(text) && plain(text) === text ? text : toPlainJson(text)
}
