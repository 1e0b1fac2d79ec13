import { secondsBetween, type Instant } from '../lib/instant.ts'

/**
 * The limit for all WebSockets of this isolate together. The isolate has 128 MB; one message may
 * have 32 MiB.
 */
const MOST_BYTES = 40 * 1024 * 1024
/** The memory that a message takes beside its bytes, measured with empty messages. */
const BYTES_PER_MESSAGE = 128
/**
 * A sender with unsent bytes reports every second. One that has not reported for this long is gone.
 */
const KEPT_SECONDS = 10

/** Counts how much of the isolate's memory holds messages that its WebSockets have not sent yet. */
export interface Unsent {
  /**
   * Whether a sender with `waiting` unsent bytes may add a message of `size` bytes. A sender
   * without unsent bytes may take all free memory. With unsent bytes, its total may not exceed what
   * is free, so that many slow readers leave each other room.
   */
  readonly admit: (sender: object, waiting: number, size: number) => boolean
  readonly report: (sender: object, waiting: number) => void
}

/** @param most bytes for all senders of this isolate together. */
export function createUnsent(clock: () => Instant, most: number = MOST_BYTES): Unsent {
  const senders = new Map<object, { readonly bytes: number; readonly at: Instant }>()
  let total = 0

  function report(sender: object, bytes: number): void {
    total += bytes - (senders.get(sender)?.bytes ?? 0)
    senders.delete(sender)
    if (bytes > 0) senders.set(sender, { bytes, at: clock() })
  }

  function forgetTheGone(): void {
    const now = clock()
    for (const [sender, { at }] of senders) {
      if (secondsBetween(at, now) < KEPT_SECONDS) break
      report(sender, 0)
    }
  }

  const fits = (waiting: number, size: number): boolean =>
    waiting === 0 ? size <= most - total : waiting + size <= most - total

  return {
    report,
    admit(sender, waiting, size) {
      report(sender, waiting)
      if (!fits(waiting, size)) forgetTheGone()
      if (!fits(waiting, size)) return false
      report(sender, waiting + size)
      return true
    },
  }
}

/** Sends messages on one socket, as long as `unsent` has room for them. */
export interface Sender {
  /** @returns false: there was no room, so nothing was sent. */
  readonly send: (data: string | ArrayBuffer) => boolean
  /**
   * Reports to `unsent` at once, not at the next second.
   *
   * @returns the unsent bytes.
   */
  readonly report: () => number
  /** Call this when nothing more will be sent. */
  readonly stop: () => void
}

const REPORT_MILLISECONDS = 1000

/** Totals since the socket was opened. */
interface Sent {
  readonly bytes: number
  readonly messages: number
}

/**
 * `bufferedAmount` counts bytes, not messages, but an empty message takes memory too. So a message
 * counts as unsent until its last byte, or the last byte of a later message, has left the buffer.
 */
export function createSender(socket: WebSocket, unsent: Unsent): Sender {
  const id = {}
  let timer: ReturnType<typeof setTimeout> | null = null
  let sent: Sent = { bytes: 0, messages: 0 }
  let gone = 0
  /** Totals up to the last message with bytes (`last`), and up to an earlier one (`mark`). */
  let last = sent
  let mark = sent

  function waiting(): number {
    const left = socket.bufferedAmount
    const out = sent.bytes - left
    if (out >= mark.bytes) {
      gone = mark.messages
      mark = last
    }
    if (out >= last.bytes) gone = last.messages
    return left + BYTES_PER_MESSAGE * (sent.messages - gone)
  }

  function reportLater(): void {
    timer ??= setTimeout(() => {
      timer = null
      if (report() > 0) reportLater()
    }, REPORT_MILLISECONDS)
  }
  function report(): number {
    const left = waiting()
    unsent.report(id, left)
    return left
  }

  return {
    report,
    send(data) {
      const size = typeof data === 'string' ? data.length : data.byteLength
      if (!unsent.admit(id, waiting(), size + BYTES_PER_MESSAGE)) return false
      const before = socket.bufferedAmount
      socket.send(data)
      const added = socket.bufferedAmount - before
      sent = { bytes: sent.bytes + added, messages: sent.messages + 1 }
      if (added > 0) last = sent
      reportLater()
      return true
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
      unsent.report(id, 0)
    },
  }
}
