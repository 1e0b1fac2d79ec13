/** Real applications behind the gate: each a process on this machine, started for one test file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser as Chromium, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launchChromium } from '../../browser/chromium.ts'
import { openGate, type Gate, type Guarded } from '../gate.ts'
import type { Person } from '../people.ts'
import {
  freePort,
  startProcess,
  whenListening,
  type Running,
} from '../../../tools/stage/process.ts'
import { connect } from '../stage.ts'

/** Where an application is started: a port of 127.0.0.1, and a directory that is removed afterwards. */
export interface Place {
  readonly port: number
  readonly directory: string
  /** The address that visitors type. */
  readonly publicUrl: string
}

export interface App {
  /** Writes what the application reads, and says which processes it is. The last one listens. */
  readonly start: (place: Place) => Promise<readonly AppProcess[]>
  /** What the operator writes into the config for this application, beside where it stands. */
  readonly site: Omit<Guarded['site'], 'origin'>
  /**
   * Whose name it sees in Host: its own, or the public one. The public one comes by a service
   * binding here; `originHost: 'public'` needs the DNS of Cloudflare.
   */
  readonly sees: 'its own host' | 'the public host'
}

export interface AppProcess {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Guard {
  readonly gate: Gate
  readonly place: Place
  /** Chromium at a page of the site, after a sign-in at the identity provider. */
  readonly visit: (path: string, person: Person) => Promise<Page>
  /** The Cookie header of a person who has signed in, for a program. */
  readonly cookiesOf: (person: Person) => Promise<string>
}

/** The id of the connection that every person of these tests comes by. */
export const CONNECTION = 'samlp-both'

/** For a test file: an application, the built gate before it, an identity provider and a browser. */
export function useGuard(app: App): Guard {
  const cleanUp: (() => Promise<unknown>)[] = []
  const processes: Running[] = []
  let gate: Gate | null = null
  let place: Place | null = null
  let chromium: Chromium | null = null

  beforeAll(async () => {
    gate = await openGate(async (publicUrl) => {
      const directory = await mkdtemp(join(tmpdir(), 'gatehouse-app-'))
      cleanUp.unshift(() => rm(directory, { recursive: true, force: true }))
      place = { port: await freePort(), directory, publicUrl }
      for (const each of await app.start(place)) {
        const running = startProcess(each.command, each.env ?? {})
        cleanUp.unshift(() => running.stop())
        processes.push(running)
      }
      await whenListening(place.port, processes)
      const { port } = place
      return app.sees === 'the public host'
        ? { site: { ...app.site, origin: { service: 'APP' } }, boundPort: port }
        : { site: { ...app.site, origin: `http://127.0.0.1:${port}` }, boundPort: null }
    })
    const opened = gate
    cleanUp.unshift(() => opened.close())
    const { idp } = await connect(gate, 'samlp', { signs: 'both' })
    // The connection goes with the gate's store.
    cleanUp.unshift(() => idp.stop())
    const browser = await launchChromium()
    chromium = browser
    cleanUp.unshift(() => browser.close())
  })

  afterAll(async () => {
    for (const step of cleanUp) await step()
  })

  const started = <T>(what: T | null): T => {
    if (what === null) throw new Error('nothing is started yet')
    return what
  }
  return {
    get gate() {
      return started(gate)
    },
    get place() {
      return started(place)
    },
    async visit(path, { uid, password }) {
      const context = await started(chromium).newContext()
      const page = await context.newPage()
      await page.goto(started(gate).url + path)
      await page.locator('input[name=username]').fill(uid)
      await page.locator('input[name=password]').fill(password)
      await page.getByRole('button').click()
      await page.waitForURL((url) => url.host === new URL(started(gate).url).host)
      await page.waitForURL((url) => !url.pathname.startsWith('/.gatehouse/'))
      return page
    },
    async cookiesOf(person) {
      const { url, browser } = started(gate)
      const visitor = browser()
      await visitor.visit(url, person)
      return visitor.cookies(url)
    },
  }
}
