/** Reads the resources of a server from the kernel: all its processes and threads. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** CPU nanoseconds since the start. */
export function processorTime(pid: number): number {
  return sum(
    family(pid).flatMap((each) =>
      readdirSync(`/proc/${each}/task`).map((task) =>
        Number(read(`/proc/${each}/task/${task}/schedstat`).split(' ')[0]),
      ),
    ),
  )
}

/** MiB in memory now. Memory that several processes share is counted once per process. */
export const residentMegabytes = (pid: number): number => memory(pid, 'VmRSS')

/** The largest MiB since `forgetPeak`. */
export const peakMegabytes = (pid: number): number => memory(pid, 'VmHWM')

export function forgetPeak(pid: number): void {
  for (const each of family(pid)) writeFileSync(`/proc/${each}/clear_refs`, '5')
}

/** The machine's one-minute load average. Every table should show it. */
export const load = (): string => read('/proc/loadavg').split(' ')[0] ?? ''

const memory = (pid: number, field: string): number =>
  sum(
    family(pid).map((each) => {
      const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(read(`/proc/${each}/status`))
      return Number(line?.[1] ?? 0) / 1024
    }),
  )

/** The only child process that runs workerd. */
export function workerdOf(pid: number): number {
  const found = childrenOf(pid).filter((child) => read(`/proc/${child}/comm`).trim() === 'workerd')
  const [child] = found
  if (child === undefined || found.length > 1)
    throw new Error(`${found.length} workerd are running`)
  return child
}

const family = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(family)]

const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  )

/** A thread may end after it was listed and before it is read; then ''. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0)
