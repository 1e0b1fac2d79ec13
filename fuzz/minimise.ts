/** The smallest document, of those tried, that still shows the same thing. */
import { concatBytes, type Bytes } from '../src/lib/bytes.ts'

const MOST_TRIES = 4000

/** Takes pieces out, large ones first, for as long as it still shows. */
export async function minimise(
  bytes: Bytes,
  stillShows: (smaller: Bytes) => Promise<boolean>,
): Promise<Bytes> {
  let smallest = bytes
  let tries = 0
  for (let size = Math.ceil(smallest.length / 2); size >= 1; size = Math.floor(size / 2)) {
    let again = true
    while (again) {
      again = false
      for (let at = 0; at < smallest.length && tries < MOST_TRIES;) {
        tries++
        const smaller = concatBytes(smallest.slice(0, at), smallest.slice(at + size))
        if (await stillShows(smaller)) {
          smallest = smaller
          again = size > 1
        } else at += size
      }
    }
  }
  return smallest
}
