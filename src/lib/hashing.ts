/** Hashes bytes that come in pieces. */
import { concatBytes, type Bytes } from './bytes.ts'

export interface Hashing {
  readonly write: (bytes: Bytes) => Promise<void>
  /** The digest. Nothing may be written afterwards. */
  readonly end: () => Promise<Bytes>
}

/** Workers hash while they read. The command line, on Node, has the memory to keep all pieces. */
export function startHashing(hash: string): Hashing {
  if (Reflect.has(crypto, 'DigestStream')) {
    const stream = new crypto.DigestStream(hash)
    const writer = stream.getWriter()
    return {
      write: (bytes) => writer.write(bytes),
      async end() {
        await writer.close()
        return new Uint8Array(await stream.digest)
      },
    }
  }
  const pieces: Bytes[] = []
  return {
    write: (bytes) => Promise.resolve(void pieces.push(bytes)),
    end: async () => new Uint8Array(await crypto.subtle.digest(hash, concatBytes(...pieces))),
  }
}
