/** Starts processes and finds free ports for a test. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'

export interface Running {
  readonly hasEnded: () => boolean
  /** The last output of the process. */
  readonly said: () => string
  readonly stop: () => Promise<void>
}

const SAID_CHARACTERS = 4000

/** Starts a process that ends with `stop`, or when the test process ends for any reason. */
export function startProcess(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Running {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    // A group of its own: nginx, Apache and PHP have workers, which would outlive it.
    detached: true,
  })
  let said = ''
  const hear = (chunk: string) => {
    said = (said + chunk).slice(-SAID_CHARACTERS)
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  child.on('error', (error) => hear(error.message))
  const hasEnded = () =>
    child.pid === undefined || child.exitCode !== null || child.signalCode !== null
  return {
    hasEnded,
    said: () => said,
    async stop() {
      if (hasEnded() || child.pid === undefined) return
      // Not `close`: a process that it began may have the pipes open still.
      const ended = once(child, 'exit')
      process.kill(-child.pid, 'SIGKILL')
      await ended
      // libfaketime leaves these files behind when it is killed.
      for (const name of ['faketime_shm_', 'sem.faketime_sem_']) {
        await rm(`/dev/shm/${name}${child.pid}`, { force: true })
      }
    },
  }
}

/**
 * The environment for a process with a wrong clock: the variables that the command `faketime` sets.
 */
export const wrongClock = (offset: string): Readonly<Record<string, string>> => ({
  LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1',
  FAKETIME: offset,
})

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const PATIENCE_MS = 180_000

/** Waits until something listens on a port of this machine. The last of the processes is to. */
export async function whenListening(port: number, processes: readonly Running[]): Promise<void> {
  const until = Date.now() + PATIENCE_MS
  while (!(await isListening(port))) {
    if (processes.some(({ hasEnded }) => hasEnded()) || Date.now() > until) {
      throw new Error(`it does not start:\n${processes.map(({ said }) => said()).join('\n')}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
