/**
 * `npm run bench:kill-switch [revocationSeconds] [rounds]`: how many seconds after each cause a
 * user is refused. Runs the built Worker twice over one KV and one D1.
 */
import { causes, enter, leave, openDirectory } from '../stage/kill-switch.ts'
import { createStage } from '../stage/stage.ts'

const revocationSeconds = Number(process.argv[2] ?? 15)
const rounds = Number(process.argv[3] ?? 3)
const EVERY_MILLISECONDS = 100

const stage = await createStage(undefined, revocationSeconds)
try {
  const directory = await openDirectory(stage)
  const rows = []
  for (const { name, act } of causes) {
    const times = {
      first: [] as number[],
      second: [] as number[],
      socket: [] as number[],
      events: [] as number[],
    }
    for (let round = 0; round < rounds; round++) {
      const inside = await enter(stage, directory)
      // Varies the moment, so that it is not always just after the isolates have asked D1.
      await pause((revocationSeconds * 1000 * round) / rounds)
      await inside.statuses()
      const from = performance.now()
      const since = () => (performance.now() - from) / 1000
      await act(stage, directory, inside)
      const refused = (isolate: number) => async () => {
        while ((await inside.statuses())[isolate] === 200) await pause(EVERY_MILLISECONDS)
      }
      const timed = async (list: number[], done: () => Promise<unknown>) => {
        await done()
        list.push(since())
      }
      await Promise.all([
        timed(times.first, refused(0)),
        timed(times.second, refused(1)),
        timed(times.socket, () => inside.socket),
        timed(times.events, () => inside.events),
      ])
      await leave(directory, inside)
    }
    const most = (list: readonly number[]) => `${Math.max(...list).toFixed(1)} s`
    rows.push([name, most(times.first), most(times.second), most(times.socket), most(times.events)])
  }
  console.log(`revocationSeconds ${revocationSeconds}, the longest of ${rounds} rounds`)
  console.table(
    rows.map(([cause, first, second, socket, events]) => ({
      cause,
      'isolate a': first,
      'isolate b': second,
      WebSocket: socket,
      'event stream': events,
    })),
  )
} finally {
  await stage.stop()
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
