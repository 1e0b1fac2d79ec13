/** A test sign-in: prints its link, waits until somebody has signed in by it, and shows every check. */
import * as v from 'valibot'
import { connectionTry } from '../../src/admin/connection-try.ts'
import { signInShow } from '../../src/admin/sign-ins.ts'
import { ok } from '../../src/lib/result.ts'
import { refused, textOf, usage, type Input, type Outcome, type World } from '../command.ts'
import { perform } from '../perform.ts'
import { viewText } from '../shown.ts'
import { findShownHost } from './face.ts'

const LOOK_SECONDS = 2
/** The link is followed within ten minutes, and then somebody signs in at the identity provider. */
const MOST_SECONDS = 900

const prepared = v.object({ id: v.string() })
const judged = v.object({ isAccepted: v.boolean() })

export async function testSignIn(input: Input, world: World): Promise<Outcome> {
  const [connection = ''] = input.positionals
  if (textOf(input, 'at') !== null) return usage('--at goes with --response only.')
  const made = await perform(connectionTry, new Map([['connection', [connection]]]), world, {
    findHost: () => findShownHost(input, world),
    ifVersion: null,
  })
  if (!made.ok) return made
  const { facts, view, secret } = made.value.answer
  const { id } = v.parse(prepared, facts)
  const link = `${viewText(view)}\n\nLink: ${secret ?? ''}\n\nWaiting for the sign-in (Ctrl-C ends this) …`
  if (input.switches.has('json')) world.note(link)
  else if (!(await world.write(`${link}\n`))) return refused('Nobody reads the link.')
  return waitFor(id, world)
}

async function waitFor(id: string, world: World): Promise<Outcome> {
  for (let waited = 0; waited < MOST_SECONDS; waited += LOOK_SECONDS) {
    if (!(await world.pause(LOOK_SECONDS))) break
    const shown = await perform(signInShow, new Map([['number', [id]]]), world)
    if (!shown.ok && shown.error.facts['reason'] !== 'unknown-attempt') return shown
    if (!shown.ok) continue
    const { facts, view } = shown.value.answer
    const { isAccepted } = v.parse(judged, facts)
    const verdict = isAccepted
      ? 'It would be accepted. Nobody was signed in.'
      : 'It would be refused.'
    return ok({ text: `\n${viewText(view)}\n\n${verdict}`, json: facts, isRefusal: !isAccepted })
  }
  return refused(
    `Nobody has signed in by the link. After a sign-in: \`npx gatehouse sign-in show ${id}\``,
    { test: id },
  )
}
