/**
 * RSA operations that WebCrypto does not offer: signatures with MD5, and PKCS#1 v1.5 encryption.
 * Their messages must be refused.
 */
import { concatBytes, decodeBase64Url, type Bytes } from '../../src/lib/bytes.ts'

const MD5_PREFIX = [
  0x30, 0x20, 0x30, 0x0c, 6, 8, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5, 5, 0, 4, 16,
]

/** RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.1) over a given MD5 digest. */
export async function signMd5(pkcs8: Bytes, digest: Bytes): Promise<Bytes> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign'])
  const { n, d } = await numbersOf(key)
  const size = sizeOf(n)
  const info = concatBytes(Uint8Array.from(MD5_PREFIX), digest)
  const filling = new Uint8Array(size - info.length - 3).fill(0xff)
  return power(concatBytes(Uint8Array.of(0, 1), filling, Uint8Array.of(0), info), d, n)
}

/** RSAES-PKCS1-v1_5 (RFC 8017 §7.2.1). */
export async function encryptPkcs1(publicKey: CryptoKey, message: Bytes): Promise<Bytes> {
  const { n, e } = await numbersOf(publicKey)
  const filling = crypto
    .getRandomValues(new Uint8Array(sizeOf(n) - message.length - 3))
    .map((byte) => byte || 1)
  return power(concatBytes(Uint8Array.of(0, 2), filling, Uint8Array.of(0), message), e, n)
}

async function numbersOf(key: CryptoKey): Promise<{ n: bigint; e: bigint; d: bigint }> {
  const jwk = await crypto.subtle.exportKey('jwk', key)
  if (jwk instanceof ArrayBuffer) throw new Error('a JWK is no buffer')
  return { n: toBigInt(jwk.n), e: toBigInt(jwk.e), d: toBigInt(jwk.d) }
}

function toBigInt(base64url: string | undefined): bigint {
  const bytes = decodeBase64Url(base64url ?? '')
  if (!bytes.ok) throw new Error('a JWK has base64url')
  return fromBytes(bytes.value)
}

const fromBytes = (bytes: Uint8Array): bigint =>
  bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n)

const sizeOf = (modulus: bigint): number => Math.ceil(modulus.toString(2).length / 8)

function power(message: Bytes, exponent: bigint, modulus: bigint): Bytes {
  let result = 1n
  let base = fromBytes(message) % modulus
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * base) % modulus
    base = (base * base) % modulus
  }
  const bytes = new Uint8Array(sizeOf(modulus))
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(result & 255n)
    result >>= 8n
  }
  return bytes
}

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
const SINES = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32))

/** MD5 (RFC 1321). */
export function md5(message: Uint8Array): Bytes {
  const blocks = new Uint8Array(((message.length + 8) >> 6) * 64 + 64)
  blocks.set(message)
  blocks[message.length] = 0x80
  const words = new DataView(blocks.buffer)
  words.setUint32(blocks.length - 8, message.length << 3, true)
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  for (let start = 0; start < blocks.length; start += 64) {
    let [a = 0, b = 0, c = 0, d = 0] = state
    for (let i = 0; i < 64; i++) {
      const round = i >> 4
      const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round] ?? 0
      const at = [i, 5 * i + 1, 3 * i + 5, 7 * i].map((index) => index % 16)[round] ?? 0
      const sum = (a + mixed + (SINES[i] ?? 0) + words.getUint32(start + at * 4, true)) | 0
      const shift = SHIFTS[round * 4 + (i % 4)] ?? 0
      ;[a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0]
    }
    for (const [i, word] of [a, b, c, d].entries()) state[i] = ((state[i] ?? 0) + word) | 0
  }
  const digest = new DataView(new ArrayBuffer(16))
  for (const [i, word] of state.entries()) digest.setInt32(i * 4, word, true)
  return new Uint8Array(digest.buffer)
}
