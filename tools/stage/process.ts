/** Processes and ports that a test holds as long as it runs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'

export interface Running {
  readonly hasEnded: () => boolean
  /** What it printed, of late. */
  readonly said: () => string
  readonly stop: () => Promise<void>
}

const SAID_CHARACTERS = 4000

/** It ends when it is stopped, and with these tests however they end. */
export function startProcess(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Running {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
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
      if (hasEnded()) return
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
      // libfaketime's own, which it leaves behind when it is killed.
      for (const name of ['faketime_shm_', 'sem.faketime_sem_']) {
        await rm(`/dev/shm/${name}${child.pid}`, { force: true })
      }
    },
  }
}

/** For the environment of a process whose clock is to be wrong; what `faketime` itself sets. */
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
