/** Searches for the smallest document that still shows the finding. */
import { concatBytes, decodeUtf8, utf8, type Bytes } from '../../src/lib/bytes.ts'
import { endOf, readTag, tokenize, writeTag } from './tokens.ts'

type Shows = (smaller: Bytes) => Promise<boolean>

const MOST_TRIES = 4000

export async function minimise(bytes: Bytes, shows: Shows): Promise<Bytes> {
  const text = decodeUtf8(bytes)
  const fewer = text.ok ? utf8((await fewerTokens(tokenize(text.value), shows)).join('')) : bytes
  return fewerBytes(fewer, shows)
}

/** Removes whole elements, then tags but not their content, then attributes. */
async function fewerTokens(whole: readonly string[], shows: Shows): Promise<readonly string[]> {
  let tokens = whole
  const attempt = async (smaller: readonly string[]): Promise<boolean> => {
    const good = await shows(utf8(smaller.join('')))
    if (good) tokens = smaller
    return good
  }
  for (let at = 0; at < tokens.length;) {
    const end = endOf(tokens, at) ?? at + 1
    if (await attempt(tokens.toSpliced(at, end - at))) continue
    if (end > at + 1) {
      const unwrapped = tokens.toSpliced(end - 1, 1).toSpliced(at, 1)
      if (await attempt(unwrapped)) continue
    }
    const count = readTag(tokens[at] ?? '')?.attributes.length ?? 0
    for (let i = count - 1; i >= 0; i--) {
      const tag = readTag(tokens[at] ?? '')
      if (!tag) break
      const attributes = tag.attributes.toSpliced(i, 1)
      await attempt(tokens.with(at, writeTag({ ...tag, attributes })))
    }
    at++
  }
  return tokens
}

/** Removes pieces, large ones first, and keeps each removal after which the finding still shows. */
async function fewerBytes(bytes: Bytes, shows: Shows): Promise<Bytes> {
  let smallest = bytes
  let tries = 0
  for (let size = Math.ceil(smallest.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.length && tries < MOST_TRIES;) {
      tries++
      const smaller = concatBytes(smallest.slice(0, at), smallest.slice(at + size))
      if (await shows(smaller)) smallest = smaller
      else at += size
    }
  }
  return smallest
}
