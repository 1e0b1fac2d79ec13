/** A request that is made for one person is refused when another person is signed in. */
import type { LiveSession } from '../session/session.ts'

/**
 * The id of the person that the page belongs to (`id` of `/.gatehouse/me`). Otherwise a page that
 * one person has left open would act for the next person who signs in in this browser.
 */
const PERSON_HEADER = 'X-Gatehouse-Person'

export function isForOther({ headers }: Request, { session }: LiveSession): boolean {
  const person = headers.get(PERSON_HEADER)
  return person !== null && person !== session.userId
}
