/** Whoever is out is out at every isolate within revocationSeconds, and nothing comes back by cache. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  causes,
  enter,
  leave,
  openDirectory,
  PAGE,
  type Directory,
} from '../../tools/stage/kill-switch.ts'
import { signIn } from '../../tools/stage/sign-in.ts'
import { ask, createStage, REVOCATION_SECONDS, type Stage } from '../../tools/stage/stage.ts'

let stage: Stage
let directory: Directory
beforeAll(async () => {
  stage = await createStage()
  directory = await openDirectory(stage)
})
afterAll(() => stage.stop())

const pass = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
const outOf = (status: number) => [status, status]

describe.each(causes)('$name', ({ act, undo, status, isSessionKept }) => {
  it('closes the page at both isolates within revocationSeconds, and what was open with 4401', async () => {
    const inside = await enter(stage, directory)
    await act(stage, directory, inside)
    await pass(REVOCATION_SECONDS)
    expect(await inside.statuses()).toEqual(outOf(status))
    expect(await inside.socket).toBe(4401)
    await inside.events
    await pass(REVOCATION_SECONDS)
    expect(await inside.statuses()).toEqual(outOf(status))

    if (undo) {
      await undo(directory, inside)
      await pass(REVOCATION_SECONDS)
      // What ended stays over; what was only closed is open again to the same session.
      expect(await inside.statuses()).toEqual(outOf(isSessionKept ? 200 : 401))
      const { cookie } = await signIn(stage, PAGE)
      const [port] = stage.ports
      expect((await ask(PAGE, { port, headers: { Cookie: cookie } })).status).toBe(200)
    }
    await leave(directory, inside)
  })
})
