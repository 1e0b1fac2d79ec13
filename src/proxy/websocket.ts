import type { Watch } from './watch.ts'
import { createSender, type Sender, type Unsent } from './unsent.ts'

/**
 * Close codes (RFC 6455 §7.4). 4401 is for private use, named after the status 401; 1013 is "try
 * again later".
 */
export const SESSION_OVER = 4401
const TRY_AGAIN_LATER = 1013
const INTERNAL_ERROR = 1011

/**
 * When the gate closes both sockets, it waits this long for unsent messages and the answers to the
 * close.
 */
const LEAVE_WITHIN_SECONDS = 5

export interface RelayTerms {
  readonly watch: Watch
  /** Called for each message of the visitor. */
  readonly heard: () => void
  readonly unsent: Unsent
  /** Drops both sockets, and their unsent messages. */
  readonly breakOff: () => void
}

/**
 * Passes messages and closes between the origin's socket and the visitor's. A Worker cannot slow
 * down what arrives on a socket, so messages that a side has not read yet wait in memory, as many
 * as `unsent` allows.
 */
export function relayWebSocket(origin: WebSocket, headers: Headers, terms: RelayTerms): Response {
  const { 0: visitorsEnd, 1: visitor } = new WebSocketPair()
  const sides = [origin, visitor] as const
  for (const socket of sides) {
    socket.binaryType = 'arraybuffer'
    // Half open: the other side answers a close, not the runtime.
    socket.accept({ allowHalfOpen: true })
  }
  const toOrigin = createSender(origin, terms.unsent)
  const toVisitor = createSender(visitor, terms.unsent)
  let leaving: ReturnType<typeof setTimeout> | null = null

  function settle(): void {
    // Until both sockets are closed, the visitor may still be getting messages, so the watch goes
    // on.
    if (sides.some(({ readyState }) => readyState !== WebSocket.CLOSED)) return
    terms.watch.stop()
    if (leaving !== null) clearTimeout(leaving)
    toOrigin.stop()
    toVisitor.stop()
  }
  function leave(code: number, reason: string): void {
    terms.watch.stop()
    for (const socket of sides) close(socket, code, reason)
    leaving ??= setTimeout(() => {
      toOrigin.stop()
      toVisitor.stop()
      terms.breakOff()
    }, LEAVE_WITHIN_SECONDS * 1000)
    settle()
  }
  // The last reports may be old: a large message in the other direction may have left the memory
  // since.
  function taken(data: string | ArrayBuffer, sender: Sender): boolean {
    if (sender.send(data)) return true
    toOrigin.report()
    toVisitor.report()
    return sender.send(data)
  }
  function passOn(from: WebSocket, to: WebSocket, sender: Sender, heard?: () => void): void {
    from.addEventListener('message', ({ data }) => {
      heard?.()
      if (
        to.readyState !== WebSocket.OPEN ||
        (typeof data === 'object' && !(data instanceof ArrayBuffer))
      )
        return
      if (!taken(data, sender)) leave(TRY_AGAIN_LATER, 'too much unread')
    })
    from.addEventListener('close', ({ code, reason }) => {
      close(to, code, reason)
      close(from, code, reason)
      settle()
    })
    from.addEventListener('error', () => {
      close(to, INTERNAL_ERROR, '')
      settle()
    })
  }

  terms.watch.whileOpen((ending) =>
    ending === 'over'
      ? leave(SESSION_OVER, 'session over')
      : leave(TRY_AGAIN_LATER, 'try again later'),
  )
  passOn(origin, visitor, toVisitor)
  passOn(visitor, origin, toOrigin, terms.heard)
  return new Response(null, { status: 101, webSocket: visitorsEnd, headers })
}

/**
 * 1005, 1006 and 1015 say that a socket ended without a code. They must not be sent, and other
 * numbers that are no codes must not either.
 */
function close(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState === WebSocket.CLOSED) return
  const isCode = code >= 1000 && code < 5000 && ![1004, 1006, 1015].includes(code)
  if (code === 1005) socket.close()
  else if (isCode) socket.close(code, reason)
  else socket.close(INTERNAL_ERROR)
}
