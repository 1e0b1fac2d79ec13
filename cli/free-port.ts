/** Ports that no other program has. */
import { createServer, type AddressInfo } from 'node:net'

const TRIES = 20
/** The three ports of a demo stay neighbours when another demo has the first ones. */
const STEP = 10

/**
 * Finds a port for a program that opens it itself. The port is free on both loopback addresses,
 * because browsers use either for `localhost`.
 */
export const findFreePort = (from: number): Promise<number> =>
  onFreePort(from, async (port) => {
    const chosen = await tryPort(port, '127.0.0.1')
    await tryPort(chosen, '::1').catch((error: unknown) => {
      // A machine may lack IPv6, so other errors are ignored.
      if (codeOf(error) === 'EADDRINUSE') throw error
    })
    return chosen
  })

/** Tries port after port until one is not taken. @param from 0: the system chooses. */
export async function onFreePort<T>(from: number, open: (port: number) => Promise<T>): Promise<T> {
  for (let tried = 0; tried < TRIES; tried++) {
    try {
      return await open(from === 0 ? 0 : from + tried * STEP)
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') throw error
    }
  }
  throw new Error(`none of ${TRIES} ports from ${from} on is free`)
}

const tryPort = (port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = createServer()
    socket.once('error', reject)
    socket.listen(port, host, () => {
      const chosen = portOf(socket.address())
      socket.close(() => resolve(chosen))
    })
  })

export function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address) return address.port
  throw new Error('no port') // unreachable: these servers listen on ports
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error && 'code' in error ? error.code : null
