import type { Watch } from './standing.ts'

/** Close codes (RFC 6455 §7.4): private use, as 401 is for requests; and "try again later". */
export const SESSION_OVER = 4401
const TRY_AGAIN_LATER = 1013
const INTERNAL_ERROR = 1011

/**
 * Stands between the origin's socket and the visitor's, and passes on messages and the close of
 * either. Sockets of Workers know no back pressure: what one side does not take waits in memory.
 */
export function relayWebSocket(origin: WebSocket, headers: Headers, watch: Watch): Response {
  const { 0: visitorsEnd, 1: visitor } = new WebSocketPair()
  for (const socket of [origin, visitor]) {
    socket.binaryType = 'arraybuffer'
    // Half open, so that an answer to a close is the other side's, not the runtime's.
    socket.accept({ allowHalfOpen: true })
  }
  const stop = watch((standing) => {
    const [code, reason] =
      standing === 'over' ? [SESSION_OVER, 'session over'] : [TRY_AGAIN_LATER, 'try again later']
    close(visitor, code, reason)
    close(origin, code, reason)
  })
  passOn(origin, visitor, stop)
  passOn(visitor, origin, stop)
  return new Response(null, { status: 101, webSocket: visitorsEnd, headers })
}

function passOn(from: WebSocket, to: WebSocket, stop: () => void): void {
  from.addEventListener('message', ({ data }) => {
    if (to.readyState === WebSocket.OPEN) to.send(data)
  })
  from.addEventListener('close', ({ code, reason }) => {
    stop()
    close(to, code, reason)
    close(from, code, reason)
  })
  from.addEventListener('error', () => {
    stop()
    close(to, INTERNAL_ERROR, '')
  })
}

/** 1005, 1006 and 1015 say how a socket ended without a code; none may be sent, nor what is no code. */
function close(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState === WebSocket.CLOSED) return
  const isCode = code >= 1000 && code < 5000 && ![1004, 1006, 1015].includes(code)
  if (code === 1005) socket.close()
  else if (isCode) socket.close(code, reason)
  else socket.close(INTERNAL_ERROR)
}
