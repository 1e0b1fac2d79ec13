/** Asks the deployed gate itself: is it ready, and does it let nobody in without a session? */
import * as v from 'valibot'
import type { Config } from '../../src/config.ts'
import { HEALTH_PATH, READY_PATH } from '../../src/lib/paths.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { certificateFault, codeOf } from '../unreachable.ts'

export interface Question {
  readonly url: string
  /** `ready`, `alive`: a health document. `closed`: a page that nobody may open without a session. */
  readonly kind: 'ready' | 'alive' | 'closed'
}

/** What came back, or the code of Node's error. */
export type Reply =
  | {
      readonly status: number
      readonly type: string
      readonly challenge: string
      readonly body: string
    }
  | { readonly fault: string }

export interface Asking {
  readonly ask: (url: string) => Promise<Reply>
  readonly pause: (seconds: number) => Promise<unknown>
  /** Told once, before the first pause. */
  readonly note: (faults: readonly string[]) => void
  /** How long to go on. A new host name takes minutes to spread. */
  readonly seconds: number
}

/** A site of many labels has no address that is known here. */
export function questionsOf({ loginHost, sites }: Config): readonly Question[] {
  const single = sites.filter(({ url }) => !url.includes('*'))
  return [
    { kind: 'ready', url: loginHost.url + READY_PATH },
    ...single.map(({ url, routes }): Question => {
      const closed = routes.find(({ policy }) => needsSession(policy))
      return closed
        ? { kind: 'closed', url: url + closed.path.replaceAll('*', 'gatehouse-check') }
        : { kind: 'alive', url: url + HEALTH_PATH }
    }),
  ]
}

const needsSession = (policy: Policy): boolean =>
  policy.kind === 'signed-in' ||
  policy.kind === 'rule' ||
  (policy.kind === 'by-method' && !policy.methods.includes('GET'))

/** @returns what is not as it must be after all this time; empty: all is well. */
export async function askGate(
  questions: readonly Question[],
  { ask, pause, note, seconds }: Asking,
): Promise<readonly string[]> {
  for (let waited = 0, next = 2; ; waited += next, next = Math.min(next * 2, 20)) {
    const judged = await Promise.all(
      questions.map(async (question) => judgeReply(question, await ask(question.url))),
    )
    const faults = judged.filter((fault) => fault !== null)
    if (faults.length === 0 || waited + next > seconds) return faults
    if (waited === 0) note(faults)
    await pause(next)
  }
}

const checks = v.looseObject({
  status: v.string(),
  checks: v.optional(
    v.record(v.string(), v.array(v.looseObject({ status: v.optional(v.string()) }))),
    {},
  ),
})

/** null: it is as it must be. */
export function judgeReply({ url, kind }: Question, reply: Reply): string | null {
  if ('fault' in reply) return `${url} ${explainFault(reply.fault)}`
  const { status, type, challenge, body } = reply
  if (kind === 'closed') {
    if (status === 401 && /(^|,\s*)Gatehouse /.test(challenge)) return null
    const without = `${url} answered ${status} to a request without a session`
    return status < 400
      ? `${without}: that is not Gatehouse. THE SITE IS OPEN to everybody at this address. Look at routes in the file of wrangler: they must cover the whole host.`
      : `${without}, where Gatehouse asks for a sign-in with 401. Something else answers at this address, or in front of it.`
  }
  const health = type.includes('health+json')
    ? v.safeParse(v.pipe(v.string(), v.parseJson(), checks), body)
    : null
  if (!health?.success) {
    return `${url} answered ${status}, and not as Gatehouse does. Something else answers at this address, or in front of it.`
  }
  if (status === 200 && health.output.status === 'pass') return null
  const failing = Object.entries(health.output.checks).flatMap(([name, list]) =>
    list.some((each) => each.status === 'fail') ? [name.split(':')[0]?.toUpperCase() ?? name] : [],
  )
  return `${url} says that it does not reach ${failing.join(' and ') || 'its stores'}. npx wrangler tail shows the reason.`
}

function explainFault(code: string): string {
  if (/^(ENOTFOUND|EAI_AGAIN)$/.test(code)) return 'is a name that nobody knows yet.'
  if (certificateFault(code) !== null || /^ERR_(SSL|TLS)|EPROTO/.test(code)) {
    return 'has no certificate yet.'
  }
  return `does not answer (${code || 'no reason given'}).`
}

const BODY_BYTES = 16_384
const TIMEOUT_MS = 10_000

/** As a script asks: without a cookie, and no redirect is followed. */
export async function askOverNetwork(url: string): Promise<Reply> {
  try {
    const response = await fetch(url, {
      headers: { Accept: 'application/json', 'User-Agent': 'gatehouse-deploy' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return {
      status: response.status,
      type: response.headers.get('Content-Type') ?? '',
      challenge: response.headers.get('WWW-Authenticate') ?? '',
      body: await readStart(response),
    }
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    return { fault: isLate ? 'ETIMEDOUT' : codeOf(error) }
  }
}

async function readStart({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    bytes += chunk.length
    if (bytes > BODY_BYTES) break
  }
  return text
}
