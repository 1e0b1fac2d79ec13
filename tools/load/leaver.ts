/** A person who is deactivated again and again, and each time is out at every isolate. */
import type { TestIdp } from '../signing/saml-signer.ts'
import {
  openTalk,
  patch,
  readPage,
  signIn,
  type NextPort,
  type Person,
  type Scim,
} from './person.ts'
import type { Tally } from './tally.ts'

export interface Leaving {
  readonly idp: TestIdp
  readonly ports: readonly number[]
  readonly nextPort: NextPort
  readonly scim: Scim
  readonly tally: Tally
  /** The bound that Gatehouse publishes. */
  readonly revocationSeconds: number
}

const POLL_MILLISECONDS = 100

export async function leaveAndReturn(person: Person, leaving: Leaving): Promise<void> {
  const { idp, ports, nextPort, scim, tally, revocationSeconds } = leaving
  const setActive = (active: boolean) => () =>
    scim('PATCH', `/Users/${person.id}`, nextPort(), patch({ op: 'replace', value: { active } }))
  const cookie = await tally.time('sign-in', performance.now(), () => signIn(person, idp, nextPort))
  if (cookie === null) return
  const talk = await tally.time('WebSocket, opened', performance.now(), () =>
    openTalk(person, cookie, nextPort()),
  )
  if (talk === null) return
  // Now each isolate remembers the session.
  for (const port of ports) {
    const status = await readPage(person, cookie, port)
    if (status !== 200) tally.fail('page', `the page answers ${status}`)
  }
  await tally.time('SCIM, a person deactivated', performance.now(), setActive(false))
  const told = performance.now()
  const isOut = async (port: number): Promise<void> => {
    for (;;) {
      const sent = performance.now()
      const status = await readPage(person, cookie, port)
      if (status === 302 || status === 401) return
      if (status !== 200) throw new Error(`the page answers ${status}`)
      // What was sent before the end of the bound may have been answered from memory.
      if (sent >= told + revocationSeconds * 1000) throw new Error('in after the bound')
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS))
    }
  }
  await Promise.all([
    ...ports.map((port) => tally.time('revocation, a page is refused', told, () => isOut(port))),
    tally.time('revocation, a WebSocket is closed', told, async () => {
      const code = await talk.closed
      if (code !== 4401) throw new Error(`closed with ${code}`)
    }),
  ])
  const refusal = await signIn(person, idp, nextPort).catch((error: Error) => error.message)
  if (refusal !== '/.gatehouse/saml/okta/acs answers 403') {
    tally.fail('sign-in', 'a deactivated person is not refused with 403')
  }
  await tally.time('SCIM, a person activated', performance.now(), setActive(true))
}
