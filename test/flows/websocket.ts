/** As much of RFC 6455 as two ends need that send each other short messages. */
import { createHash, randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'

/** RFC 6455 §4.2.2. */
export const acceptKey = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

export const upgradeHeaders = (): Record<string, string> => ({
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
})

export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
}
export const TEXT = 1
export const CLOSE = 8

/** A frame of up to 125 bytes; a client masks it (§5.3), a server does not. */
export function frame(opcode: number, payload: Buffer, isMasked: boolean): Buffer {
  const head = Buffer.of(0x80 | opcode, (isMasked ? 0x80 : 0) | payload.length)
  if (!isMasked) return Buffer.concat([head, payload])
  const mask = randomBytes(4)
  return Buffer.concat([head, mask, unmask(payload, mask)])
}

/** Frames as they come, pings left out. */
export async function* framesOf(socket: Duplex, head: Buffer): AsyncGenerator<Frame> {
  let buffered = head
  const chunks = socket[Symbol.asyncIterator]()
  for (;;) {
    const parsed = parseFrame(buffered)
    if (parsed) {
      buffered = buffered.subarray(parsed.length)
      if (parsed.frame.opcode === TEXT || parsed.frame.opcode === CLOSE) yield parsed.frame
      continue
    }
    const { done, value } = await chunks.next()
    if (done) return
    buffered = Buffer.concat([buffered, value])
  }
}

function parseFrame(bytes: Buffer): { frame: Frame; length: number } | null {
  if (bytes.length < 2) return null
  const isMasked = (bytes.readUInt8(1) & 0x80) !== 0
  const size = bytes.readUInt8(1) & 0x7f
  if (size > 125) throw new Error('a longer frame than these tests send')
  const start = isMasked ? 6 : 2
  if (bytes.length < start + size) return null
  const raw = bytes.subarray(start, start + size)
  const payload = isMasked ? unmask(raw, bytes.subarray(2, 6)) : Buffer.from(raw)
  return { frame: { opcode: bytes.readUInt8(0) & 0x0f, payload }, length: start + size }
}

const unmask = (payload: Buffer, mask: Buffer): Buffer =>
  Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)))
