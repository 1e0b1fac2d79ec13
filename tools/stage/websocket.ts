/** The part of RFC 6455 that two ends need to exchange whole messages. */
import { createHash, randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'

/** Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 §4.2.2). */
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
export const BINARY = 2
export const CLOSE = 8

/** A frame with a whole message. A client masks it (§5.3), a server does not. */
export function frame(opcode: number, payload: Buffer, isMasked: boolean): Buffer {
  const head = Buffer.of(0x80 | opcode, ...lengthOf(payload.length))
  if (!isMasked) return Buffer.concat([head, payload])
  head.writeUInt8(head.readUInt8(1) | 0x80, 1)
  const mask = randomBytes(4)
  return Buffer.concat([head, mask, unmask(payload, mask)])
}

/** The payload length (RFC 6455 §5.2). */
function lengthOf(size: number): readonly number[] {
  if (size < 126) return [size]
  if (size < 65_536) return [126, size >> 8, size & 0xff]
  const long = Buffer.alloc(8)
  long.writeBigUInt64BE(BigInt(size))
  return [127, ...long]
}

/** Frames as they arrive, without pings. */
export async function* framesOf(socket: Duplex, head: Buffer): AsyncGenerator<Frame> {
  let buffered = head
  const chunks = socket[Symbol.asyncIterator]()
  for (;;) {
    const parsed = parseFrame(buffered)
    if (typeof parsed === 'object') {
      buffered = buffered.subarray(parsed.length)
      if ([TEXT, BINARY, CLOSE].includes(parsed.frame.opcode)) yield parsed.frame
      continue
    }
    const waiting = [buffered]
    for (let size = buffered.length; size < parsed;) {
      const { done, value } = await chunks.next()
      if (done) return
      waiting.push(value)
      size += value.length
    }
    buffered = Buffer.concat(waiting)
  }
}

/** Parses one frame. If bytes are missing: the number of bytes needed to continue. */
function parseFrame(bytes: Buffer): { frame: Frame; length: number } | number {
  if (bytes.length < 2) return 2
  const isMasked = (bytes.readUInt8(1) & 0x80) !== 0
  const short = bytes.readUInt8(1) & 0x7f
  const extra = short < 126 ? 0 : short === 126 ? 2 : 8
  const start = 2 + extra + (isMasked ? 4 : 0)
  if (bytes.length < start) return start
  const size =
    extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (bytes.length < start + size) return start + size
  const raw = bytes.subarray(start, start + size)
  const payload = isMasked ? unmask(raw, bytes.subarray(start - 4, start)) : Buffer.from(raw)
  return { frame: { opcode: bytes.readUInt8(0) & 0x0f, payload }, length: start + size }
}

const unmask = (payload: Buffer, mask: Buffer): Buffer =>
  Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)))
