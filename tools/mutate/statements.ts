/** Finds each condition in the SQL of a source file, and turns it both ways. */
import type { Site } from './sites.ts'

export interface Mutant extends Omit<Site, 'id'> {
  /** The whole source with one condition turned. */
  readonly code: string
}

/** A statement, or a part of one that statements share. */
const statements = /`[^`]*\b(?:SELECT|UPDATE|DELETE|FROM|JOIN|json_object|IS NULL)\b[^`]*`/g
const begins = /\b(?:WHERE|AND|OR|ON|NOT EXISTS|EXISTS)\b\s*|^`(?=[\w.]+ IS NULL)/g
/** A condition ends where the next one begins, at the next clause, or where its brackets close. */
const ends = /\b(?:AND|OR|ORDER|GROUP|UNION|LIMIT|RETURNING|(?:LEFT |CROSS )?JOIN|WHERE|THEN|AS)\b/y

export function turnStatements(file: string, source: string): readonly Mutant[] {
  return [...source.matchAll(statements)].flatMap((statement) =>
    [...statement[0].matchAll(begins)].flatMap(({ index, 0: word }) => {
      const start = statement.index + index + word.length
      const end = endOf(source, start)
      const text = source.slice(start, end).trimEnd()
      const line = source.slice(0, start).split('\n').length
      return ['true', 'false'].map((way) => ({
        file,
        line,
        check: `SQL: ${text.replaceAll(/\s+/g, ' ')} (always ${way})`,
        code: `${source.slice(0, start)}${way} ${source.slice(start + text.length)}`,
      }))
    }),
  )
}

function endOf(source: string, start: number): number {
  let depth = 0
  for (let at = start; at < source.length; at++) {
    const letter = source.charAt(at)
    if (letter === '(') depth++
    if (depth === 0 && isPartAt(source, start, at)) return at
    if (letter === '`' || (letter === ',' && depth === 0) || (letter === ')' && --depth < 0))
      return at
    ends.lastIndex = at
    if (depth === 0 && /\W/.test(source.charAt(at - 1)) && ends.test(source)) return at
  }
  return source.length
}

/** Whether a part that statements share follows: `… = s.id ${ofSession}`, but not `… = ${id}`. */
const isPartAt = (source: string, start: number, at: number): boolean =>
  source.startsWith('${', at) &&
  /[\w')] +$/.test(source.slice(start, at)) &&
  !/ (?:IN|IS|NOT) +$/.test(source.slice(start, at))
