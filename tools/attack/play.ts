/** Sends the messages to a service provider, and interprets its answers. */
import type { Bytes } from '../../src/lib/bytes.ts'
import { createTestIdp } from '../signing/saml-signer.ts'
import { catalogue } from './catalogue.ts'
import {
  build,
  missing,
  response,
  type Entry,
  type Message,
  type Seed,
  type Stage,
} from './entry.ts'
import { genuineUnder } from './parts.ts'
import { idpKey, resigned } from './signing.ts'
import { FORGED, elementIn, put, setAttribute } from './text.ts'
import { toStage } from './fixtures.ts'

export interface Material {
  readonly seed: Seed
  /**
   * With this key every message starts from a fresh response, so that none is refused as a replay.
   */
  readonly idpKey: Bytes | null
  readonly encryptionKey: CryptoKey | null
}

/** The parts of an answer that distinguish a session from a refusal. */
export interface Answer {
  readonly status: number
  /** The redirect's target without query and fragment; '' without a redirect. */
  readonly location: string
  /** Sorted names of the cookies that are set; deleted ones are not included. */
  readonly cookies: readonly string[]
  /** The beginning of the body. */
  readonly body: string
}

export type Send = (message: Message) => Promise<Answer | null>

/**
 * How to recognize that a user was signed in, if comparing with the answer to the valid response is
 * not enough. null: not checked.
 */
export interface Signs {
  readonly status: number | null
  readonly location: string | null
  readonly cookie: string | null
  readonly text: string | null
}

export type Verdict = 'accepted' | 'refused' | 'unclear' | 'no answer'

export interface Row {
  readonly entry: Pick<Entry, 'id' | 'class' | 'correct' | 'says'>
  readonly verdict: Verdict
  readonly answer: Answer | null
  /** The message was accepted against a rule, or a forged name came out. */
  readonly isWrong: boolean
}

export interface Played {
  readonly valid: Answer | null
  readonly broken: Answer | null
  readonly rows: readonly Row[]
  /** Entries that were not sent, because something they need was not given. */
  readonly skipped: readonly Entry[]
  /** Why the rows prove nothing; null: they are valid. */
  readonly inconclusive: string | null
}

const REPLAY = {
  id: 'replay-second',
  class: 'replay',
  correct: 'refuse',
  says: 'the valid response a second time',
} as const

export interface PlayOptions {
  readonly signs: Signs
  readonly isValidFirst: boolean
  readonly isChosen: (entry: Pick<Entry, 'id' | 'class'>) => boolean
  readonly onSent: (id: string) => void
}

/**
 * Sends one message after the other, each once. Messages that must be refused come before those
 * that may be accepted.
 */
export async function play(material: Material, send: Send, options: PlayOptions): Promise<Played> {
  const attacker = await createTestIdp()
  const first = await stageOf(material, attacker)
  const chosen = catalogue.filter((entry) => options.isChosen(entry) && entry.id !== 'replay')
  const playable = chosen.filter((entry) => isPlayable(entry, first))
  const answers = new Map<string, Answer | null>()
  const sendAll = async (entries: readonly Entry[]) => {
    for (const entry of entries) {
      options.onSent(entry.id)
      const message = await build(entry, await stageOf(material, attacker))
      if (message && isSendable(message)) answers.set(entry.id, await send(message))
    }
  }

  const broken = await send(response(genuineUnder(first, spoiled)))
  const genuine = response((await stageOf(material, attacker)).seed.xml)
  const early = options.isValidFirst ? await send(genuine) : null
  await sendAll(
    playable.filter(({ correct, class: of }) => correct === 'refuse' && of !== 'resource'),
  )
  const valid = early ?? (await send(genuine))
  const again = options.isChosen(REPLAY) ? await send(genuine) : null
  await sendAll(
    playable.filter(({ correct, class: of }) => correct !== 'refuse' && of !== 'resource'),
  )
  await sendAll(playable.filter(({ class: of }) => of === 'resource'))

  const inconclusive = whyInconclusive(valid, broken, options.signs)
  const rowOf = (entry: Row['entry'], answer: Answer | null): Row => {
    const told = toVerdict(answer, valid, broken, options.signs)
    const verdict = inconclusive === null || answer === null ? told : 'unclear'
    const isForged = verdict === 'accepted' && answer !== null && namesForged(answer)
    return { entry, verdict, answer, isWrong: isForged || isWrong(entry, verdict) }
  }
  const sent = playable.filter(({ id }) => answers.has(id))
  return {
    valid,
    broken,
    rows: [
      ...sent.map((entry) => rowOf(entry, answers.get(entry.id) ?? null)),
      ...(again ? [rowOf(REPLAY, again)] : []),
    ],
    skipped: chosen.filter((entry) => !answers.has(entry.id)),
    inconclusive,
  }
}

const isWrong = ({ correct }: Row['entry'], verdict: Verdict): boolean =>
  correct === 'refuse' && verdict === 'accepted'

export function toVerdict(
  answer: Answer | null,
  valid: Answer | null,
  broken: Answer | null,
  signs: Signs,
): Verdict {
  if (!answer) return 'no answer'
  if (hasSigns(signs)) return showsSigns(answer, signs) ? 'accepted' : 'refused'
  if (valid && looksLike(answer, valid)) return 'accepted'
  if (broken && looksLike(answer, broken)) return 'refused'
  return namesForged(answer) || (valid && broken && isLetIn(answer, valid, broken))
    ? 'accepted'
    : 'unclear'
}

/** Compares cookies only: the target of a redirect may differ for each user. */
function isLetIn({ cookies }: Answer, valid: Answer, broken: Answer): boolean {
  const session = valid.cookies.filter((name) => !broken.cookies.includes(name))
  return session.length > 0 && session.every((name) => cookies.includes(name))
}

const namesForged = ({ status, location, body }: Answer): boolean =>
  status < 400 && [body, location, location.replaceAll('%40', '@')].some((t) => t.includes(FORGED))

const looksLike = (a: Answer, b: Answer): boolean =>
  a.status === b.status && a.location === b.location && a.cookies.join() === b.cookies.join()

const hasSigns = (signs: Signs): boolean => Object.values(signs).some((sign) => sign !== null)

const showsSigns = (answer: Answer, { status, location, cookie, text }: Signs): boolean =>
  (status === null || answer.status === status) &&
  (location === null || answer.location.startsWith(location)) &&
  (cookie === null || answer.cookies.includes(cookie)) &&
  (text === null || answer.body.includes(text))

function whyInconclusive(valid: Answer | null, broken: Answer | null, signs: Signs): string | null {
  if (!valid || !broken) return 'The service provider did not answer.'
  if (hasSigns(signs)) {
    if (!showsSigns(valid, signs)) return 'The valid response was not accepted by the signs given.'
    return showsSigns(broken, signs) ? 'A broken signature shows the signs of acceptance.' : null
  }
  return looksLike(valid, broken)
    ? 'The valid response and one with a broken signature got the same answer.'
    : null
}

/** The signature with its last byte changed. */
function spoiled(signature: string): string {
  const value = elementIn(signature, 'SignatureValue')
  const wrong = value.replace(
    /([A-Za-z0-9+/]{4})(=*\s*<\/[^>]*>)$/,
    (_, four: string, end: string) => {
      const other = four.startsWith('A') ? 'B' : 'A'
      return other + four.slice(1) + end
    },
  )
  return put(signature, value, wrong)
}

/** Leaves out messages for which the service provider would need another configuration. */
const isPlayable = (entry: Entry, stage: Stage): boolean => missing(entry, stage).length === 0
const isSendable = (message: Message): boolean =>
  message.kind !== 'response' || message.certificates === null

/** A stage with a fresh response if there is a key, else with the given response. */
export async function stageOf(
  { seed, idpKey: pkcs8, encryptionKey }: Material,
  attacker: Stage['attacker'],
): Promise<Stage> {
  if (!pkcs8) return toStage(seed, attacker, { encryptionKey })
  const idp = idpKey(pkcs8, seed.idpEntityId, seed.certificate)
  const given = toStage(seed, attacker, { idp, encryptionKey })
  const id = () => `_${crypto.randomUUID()}`
  const xml = await resigned(given, (text) =>
    setAttribute(setAttribute(text, 'Response', 'ID', id()), 'Assertion', 'ID', id()),
  )
  return toStage({ ...seed, xml }, attacker, { idp, encryptionKey })
}
