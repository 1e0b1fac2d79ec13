import { secondsBetween, type Instant } from '../lib/instant.ts'

/** Of an isolate's 128 MB, for all WebSockets together; one message may have 32 MiB. */
const MOST_BYTES = 40 * 1024 * 1024
/** What a message takes beside its bytes, as measured with empty ones. */
const BYTES_PER_MESSAGE = 128
/** A sender that reported nothing for so long is gone: one that has something unsent does each second. */
const KEPT_SECONDS = 10

/** How much of an isolate's memory waits for the readers of its WebSockets. */
export interface Unsent {
  /**
   * Whether a message of that size may be added to what waits already. A sender that has nothing
   * waiting may take all that is free. With more, it may have as much as stays free, so that many
   * slow readers leave each other room.
   */
  readonly admit: (sender: object, waiting: number, size: number) => boolean
  readonly report: (sender: object, waiting: number) => void
}

/** One isolate's. */
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

/** Sends by one socket, as far as its reader and `unsent` allow. */
export interface Sender {
  /** @returns whether it was taken. */
  readonly send: (data: string | ArrayBuffer) => boolean
  /** Tells `unsent` now, not within a second, how many bytes wait; returns them. */
  readonly report: () => number
  /** When nothing more is sent. */
  readonly stop: () => void
}

const REPORT_MILLISECONDS = 1000

/** As many bytes and messages, since the socket was opened. */
interface Sent {
  readonly bytes: number
  readonly messages: number
}

/**
 * `bufferedAmount` tells bytes and no messages, and empty messages take memory too. So a message
 * counts as unsent until it, or a later one, is known to have gone: its last byte has.
 */
export function createSender(socket: WebSocket, unsent: Unsent): Sender {
  const id = {}
  let timer: ReturnType<typeof setTimeout> | null = null
  let sent: Sent = { bytes: 0, messages: 0 }
  let gone = 0
  /** Up to the last message with bytes, and up to an earlier one. */
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
