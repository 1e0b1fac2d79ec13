/** Sign-ins, pages, WebSockets, changes of a directory and revocations, all at the same time. */
import type { Stage } from '../stage/stage.ts'
import { createChanges, pick } from './changes.ts'
import { leaveAndReturn } from './leaver.ts'
import {
  echo,
  openTalk,
  readPage,
  signIn,
  type NextPort,
  type Person,
  type Scim,
} from './person.ts'
import type { Tally } from './tally.ts'

/** In a second. */
const RATES = { pages: 40, signIns: 2, changes: 4 }
/** Whose pages are read, and who talk over a WebSocket. */
const RESIDENTS = 40
const TALKERS = 12
const SAY_EVERY_MILLISECONDS = 500
/** Who are deactivated. */
const LEAVERS = 4
const MOST_AT_ONCE = 400

export interface Traffic {
  readonly stage: Stage
  readonly ports: readonly [number, ...number[]]
  readonly scim: Scim
  readonly tally: Tally
  readonly revocationSeconds: number
  /** Times the usual rates. */
  readonly rate: number
}

export interface Settled {
  readonly run: (seconds: number) => Promise<void>
  /** Fails the tally for each change of the directory that is lost. */
  readonly verify: () => Promise<void>
}

interface Inside {
  readonly person: Person
  cookie: string
}

/** Makes the people, and signs them in. */
export async function settle(traffic: Traffic): Promise<Settled> {
  const { stage, ports, scim, tally, rate } = traffic
  let turn = 0
  const nextPort: NextPort = () => pick(ports, turn++)
  const people: Person[] = []
  for (let i = 0; i < RESIDENTS + LEAVERS; i++) {
    const userName = `person-${i}@example.test`
    const made = await scim('POST', '/Users', nextPort(), { userName, active: true })
    people.push({ userName, id: String(made['id']), address: `10.0.0.${i + 1}` })
  }
  const members = people.map(({ id }) => ({ value: id }))
  await scim('POST', '/Groups', nextPort(), { displayName: 'engineering', members })
  const [leavers, others] = [people.slice(0, LEAVERS), people.slice(LEAVERS)]
  const changes = await createChanges(others, scim, nextPort, tally)
  const residents: Inside[] = []
  for (const person of others) {
    residents.push({ person, cookie: await signIn(person, stage.idp, nextPort) })
  }

  let reader = 0
  const readOne = (due: number) =>
    tally.time('page', due, async () => {
      const { person, cookie } = pick(residents, (reader += 7))
      const status = await readPage(person, cookie, nextPort())
      if (status !== 200) throw new Error(`the page answers ${status}`)
    })
  let comer = 0
  const signInOne = async (due: number) => {
    const inside = pick(residents, (comer += 3))
    const cookie = await tally.time('sign-in', due, () =>
      signIn(inside.person, stage.idp, nextPort),
    )
    if (cookie !== null) inside.cookie = cookie
  }

  async function run(seconds: number): Promise<void> {
    const end = performance.now() + seconds * 1000
    const until = async (work: () => Promise<unknown>) => {
      while (performance.now() < end) await work()
    }
    const leaving = { ...traffic, idp: stage.idp, nextPort }
    const stopEchoes = echoAll(stage.origin.sockets)
    await Promise.all([
      every(RATES.pages * rate, end, readOne),
      every(RATES.signIns * rate, end, signInOne),
      every(RATES.changes * rate, end, changes.next),
      ...residents.slice(0, TALKERS).map((inside) => converse(inside, nextPort(), tally, until)),
      ...leavers.map((person) => until(() => leaveAndReturn(person, leaving))),
    ])
    stopEchoes()
  }
  return { run, verify: changes.verify }
}

async function converse(
  { person, cookie }: Inside,
  port: number,
  tally: Tally,
  until: (work: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const talk = await tally.time('WebSocket, opened', performance.now(), () =>
    openTalk(person, cookie, port),
  )
  if (talk === null) return
  let nth = 0
  await until(async () => {
    await tally.time('WebSocket, there and back', performance.now(), () =>
      talk.say(`${person.userName} ${nth++}`),
    )
    await pause(SAY_EVERY_MILLISECONDS)
  })
  talk.end()
}

/** The origin's ends, as they come. @returns stops it. */
function echoAll(sockets: Stage['origin']['sockets']): () => void {
  let next = 0
  const timer = setInterval(() => {
    for (; next < sockets.length; next++) {
      const socket = sockets[next]
      if (socket) void echo(socket).catch(() => undefined)
    }
  }, 5)
  return () => clearInterval(timer)
}

/**
 * Begins work at an even rate, whether or not what came before is done. Work that begins late counts
 * from when it was due.
 */
async function every(
  perSecond: number,
  end: number,
  work: (due: number) => Promise<unknown>,
): Promise<void> {
  const running = new Set<Promise<unknown>>()
  for (let due = performance.now(); performance.now() < end; due += 1000 / perSecond) {
    await pause(due - performance.now())
    if (running.size >= MOST_AT_ONCE) await Promise.race(running)
    const one = work(due).finally(() => running.delete(one))
    running.add(one)
  }
  await Promise.all(running)
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)))
