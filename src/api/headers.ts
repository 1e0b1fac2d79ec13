/** The headers of a request that say how it is to be answered. */
import { ok, type Result } from '../lib/result.ts'
import type { Problem } from '../lib/problem.ts'
import { notAcceptable, noVersions, severalVersions } from './problems.ts'

/** An answer with the words for people too, as the command line shows it. */
export const ANSWER_TYPE = 'application/vnd.gatehouse.answer+json'
export const JSON_TYPE = 'application/json'
export type AnswerType = typeof ANSWER_TYPE | typeof JSON_TYPE

/** RFC 9110 §12.5.1. Any JSON of the API goes with a range that includes application/json. */
export function readAccept(header: string | null): Result<AnswerType, Problem> {
  const ranges = (header ?? JSON_TYPE)
    .toLowerCase()
    .split(',')
    .flatMap((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
      return parameters.some((each) => /^q=0(\.0*)?$/.test(each)) ? [] : [type]
    })
  if (ranges.includes(ANSWER_TYPE)) return ok(ANSWER_TYPE)
  const isJson = ranges.some((type) => [JSON_TYPE, 'application/*', '*/*'].includes(type))
  return isJson ? ok(JSON_TYPE) : notAcceptable
}

/** A strong entity tag that no character of a version can break. */
export const toEntityTag = (version: string): string => `"${encodeURIComponent(version)}"`

/**
 * RFC 9110 §13.1.1.
 *
 * @returns the version that the change asks for. null: any.
 */
export function readIfMatch(
  header: string | null,
  heedsVersion: boolean,
): Result<string | null, Problem> {
  if (header === null) return ok(null)
  if (!heedsVersion) return noVersions
  if (header.trim() === '*') return ok(null)
  const [, version] = /^\s*"([\w.!~*'()%-]+)"\s*$/.exec(header) ?? []
  try {
    return version === undefined ? severalVersions : ok(decodeURIComponent(version))
  } catch {
    return severalVersions
  }
}
