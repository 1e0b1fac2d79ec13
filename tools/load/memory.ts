/** The memory of workerd over time. */
import { residentMegabytes } from '../bench/process.ts'

export interface Sample {
  readonly seconds: number
  readonly megabytes: number
}

export interface MemoryWatch {
  readonly samples: readonly Sample[]
  readonly stop: () => void
}

const EVERY_MILLISECONDS = 2000

export function watchMemory(pid: number): MemoryWatch {
  const from = performance.now()
  const samples: Sample[] = []
  const take = () => {
    const seconds = (performance.now() - from) / 1000
    samples.push({ seconds, megabytes: residentMegabytes(pid) })
  }
  take()
  const timer = setInterval(take, EVERY_MILLISECONDS)
  const stop = () => {
    clearInterval(timer)
    take()
  }
  return { samples, stop }
}

/** Least squares: MiB in a minute. */
export function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [time, size] = [mean(({ seconds }) => seconds), mean(({ megabytes }) => megabytes)]
  const along = samples.reduce((sum, s) => sum + (s.seconds - time) * (s.megabytes - size), 0)
  const across = samples.reduce((sum, { seconds }) => sum + (seconds - time) ** 2, 0)
  return (along / across) * 60
}
