/**
 * Runs the real command many times in one process: a process for each would spend nearly all its
 * time on starting Node, loading wrangler and opening the store. run.ts has the process of its own.
 */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Ran } from './run.ts'

export interface Asked {
  readonly args: readonly string[]
  readonly stdin: string
  /** Beside the environment of the tests. */
  readonly env: Readonly<Record<string, string>>
}

export interface Shell {
  readonly run: (
    args: readonly string[],
    options?: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> },
  ) => Promise<Ran>
  readonly end: () => Promise<void>
}

export function openShell(): Shell {
  const child = fork(join(import.meta.dirname, 'shell-process.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve())
  })
  const runNext = (asked: Asked): Promise<Ran> =>
    new Promise((resolve, reject) => {
      child.once('message', (ran: Ran) => resolve(ran))
      void ended.then(() => reject(new Error('the process that runs the commands has ended')))
      child.send(asked)
    })
  let last: Promise<unknown> = Promise.resolve()
  return {
    run: (args, { stdin = '', env = {} } = {}) => {
      const ran = last.then(() => runNext({ args, stdin, env }))
      last = ran.catch(() => undefined)
      return ran
    },
    end: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
