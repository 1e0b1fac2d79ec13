/**
 * Each kind of request while KV or D1 fails, is slow, locked or full: the whole Worker, with the
 * fault in front of the real stores (docs/faults.md).
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { said } from '../../tools/stage/evidence.ts'
import { storeFaults, type StoreFault } from './faults.ts'
import { paths, type Path } from './paths.ts'
import { createIsolate, createWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})

const faults = Object.entries(storeFaults)
/** What a request does not need stands for itself once: it fails, and nobody notices. */
const faultsFor = ({ needs }: Path) =>
  faults.filter(
    ([name, { lost }]) =>
      name.endsWith('fails') ||
      (lost !== 'some' && lost.some((each) => needs.includes(each))) ||
      (name.includes('takes') && needs.some((each) => each.startsWith(name.slice(0, 2)))),
  )
/** Of the time that the Worker waits for: see src/lib/in-time.ts. */
const mostSeconds = { visitor: 30, program: 90 }

/** Whether the fault stops this request; null: that depends on how often it asks. */
function isStopped({ lost }: StoreFault, { needs }: Path): boolean | null {
  return lost === 'some' ? null : lost.some((each) => needs.includes(each))
}

/** The answer says that it is not the visitor's fault and what to do, and lets nobody in. */
async function expectRefusal(answer: Response, path: Path): Promise<void> {
  expect(answer.headers.getSetCookie().join()).not.toContain('__Host-gatehouse=')
  const text = await answer.text()
  if (path.isMonitored) return
  expect(answer.headers.get('Retry-After')).toBe('5')
  const isPage = answer.headers.get('Content-Type')?.includes('html') ?? false
  expect(text).toContain('Try again in a few seconds')
  if (isPage) expect(text.includes('href="">Try again</a>')).toBe(!path.isForm)
}

describe.each(Object.entries(paths))('%s', (_, path) => {
  it.each(faultsFor(path))(
    'while %s: is answered in time, and works again afterwards',
    async (...given) => {
      const [name, storeFault] = given
      const isolate = createIsolate()
      const ask = await path.arrange(isolate, world)
      await isolate.settled()
      const [from, before] = [said.length, Date.now()]
      const reached = isolate.sent.length
      isolate.fault = storeFault.fault
      const answer = await ask()
      const seconds = (Date.now() - before) / 1000
      await isolate.settled()
      isolate.fault = null

      expect(seconds).toBeLessThanOrEqual(mostSeconds[path.waits])
      const stopped = isStopped(storeFault, path) ?? answer.status === 503
      expect(answer.status).toBe(stopped ? 503 : path.answers)
      if (stopped) {
        await expectRefusal(answer, path)
        expect(isolate.sent.length).toBe(reached)
        const told = said.slice(from).filter((line) => line.startsWith('{"audit":"store-unavail'))
        if (!path.isMonitored) expect(told.join('\n')).toContain(name.slice(0, 2))
      }

      vi.setSystemTime(Date.now() + 5000)
      const again = path.isOnce ? await path.arrange(isolate, world) : ask
      expect((await again()).status).toBe(path.answers)
      await isolate.settled()
    },
  )
})
