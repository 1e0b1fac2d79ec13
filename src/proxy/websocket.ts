import type { Watch } from './watch.ts'
import { createSender, type Sender, type Unsent } from './unsent.ts'

/** Close codes (RFC 6455 §7.4): private use, as 401 is for requests; and "try again later". */
export const SESSION_OVER = 4401
const TRY_AGAIN_LATER = 1013
const INTERNAL_ERROR = 1011

/** How long an end that we make may take, for what is unsent and for the other side's answer. */
const LEAVE_WITHIN_SECONDS = 5

export interface RelayTerms {
  readonly watch: Watch
  /** The visitor has sent something. */
  readonly heard: () => void
  readonly unsent: Unsent
  /** Drops both sockets, and what is unsent on them. */
  readonly breakOff: () => void
}

/**
 * Stands between the origin's socket and the visitor's, and passes on messages and the close of
 * either. Sockets of Workers cannot be read slower than they send, so what a side does not take waits
 * in memory, as much of it as `unsent` allows.
 */
export function relayWebSocket(origin: WebSocket, headers: Headers, terms: RelayTerms): Response {
  const { 0: visitorsEnd, 1: visitor } = new WebSocketPair()
  const sides = [origin, visitor] as const
  for (const socket of sides) {
    socket.binaryType = 'arraybuffer'
    // Half open, so that an answer to a close is the other side's, not the runtime's.
    socket.accept({ allowHalfOpen: true })
  }
  const toOrigin = createSender(origin, terms.unsent)
  const toVisitor = createSender(visitor, terms.unsent)
  let leaving: ReturnType<typeof setTimeout> | null = null

  function settle(): void {
    // What waits for the visitor is watched until the visitor has it.
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
  // A large message that has just gone the other way may have left the memory since its last report.
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

  terms.watch.onEnd((standing) =>
    standing === 'over'
      ? leave(SESSION_OVER, 'session over')
      : leave(TRY_AGAIN_LATER, 'try again later'),
  )
  passOn(origin, visitor, toVisitor)
  passOn(visitor, origin, toOrigin, terms.heard)
  return new Response(null, { status: 101, webSocket: visitorsEnd, headers })
}

/** 1005, 1006 and 1015 say how a socket ended without a code; none may be sent, nor what is no code. */
function close(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState === WebSocket.CLOSED) return
  const isCode = code >= 1000 && code < 5000 && ![1004, 1006, 1015].includes(code)
  if (code === 1005) socket.close()
  else if (isCode) socket.close(code, reason)
  else socket.close(INTERNAL_ERROR)
}
