/**
 * A test sign-in: an operator's browser goes to the identity provider of a connection for real, and
 * its answer is judged as a sign-in is. Nobody is signed in, and no user is made.
 */
import { html } from 'hono/html'
import { takeTest } from '../attempt/test-store.ts'
import { areGroupsOmitted } from '../connection/attributes.ts'
import { findConnection } from '../connection/store.ts'
import { decideUser } from '../directory/provision-store.ts'
import { renderPage, type Reader } from '../lib/page.ts'
import { signInPath, TEST_PATH } from '../lib/paths.ts'
import { english } from '../lib/words/speech.ts'
import type { PostedResponse } from '../saml/incoming/form.ts'
import { hashToken, parseSessionToken } from '../session/token.ts'
import type { Visit } from '../site/visit.ts'
import { admit, readAnswer } from './admit.ts'
import type { AnswerDeps } from './answer.ts'
import { explain } from './error.ts'
import { nobody, refuseLogin } from './refuse.ts'
import { HOME } from './return-to.ts'
import { sendToIdp } from './start.ts'
import { toTold } from './told.ts'
import { forgetTest, keepTest, readTest, toTestHandle } from './try-pending.ts'

/** What operators read is in English, as the console is. */
const forOperator = ({ learn, words }: Visit, requestId: string): Reader => ({
  learn,
  words: () => ({ ...words(), ...english }),
  requestId,
})

/** A link may be opened by a program that only looks at it, so the test begins with a button. */
export const testPage = (visit: Visit, code: string): Promise<Response> =>
  renderPage(forOperator(visit, visit.requestId), {
    status: 200,
    title: 'Test the sign-in?',
    body: html`<p>
        You will sign in at the identity provider, but not here. What it says of you is kept for a
        few days, for the operators of this site.
      </p>
      <form method="post" action="${TEST_PATH}">
        <input type="hidden" name="code" value="${code}" />
        <button>Start the test</button>
      </form>`,
    formAction: "'self'",
  })

/** @param code as the operator's link has it. */
export async function beginTest(visit: Visit, code: string, deps: AnswerDeps): Promise<Response> {
  const { now } = visit
  const { stores, sealer, findSpKeys, newId } = deps
  const token = parseSessionToken(code)
  const test = token && (await takeTest(stores.db, await hashToken(token), now))
  const connection = test && (await findConnection(stores.db, test.connection))
  if (!test || !connection) {
    return renderPage(forOperator(visit, visit.requestId), {
      status: 400,
      title: 'This test is over',
      body: html`<p>
        Each link begins one test, within ten minutes. Make another one where you made this one.
      </p>`,
    })
  }
  const pending = {
    handle: toTestHandle(newId()),
    requestId: `_${newId()}`,
    connection: connection.id,
    startedAt: now,
    id: test.id,
  }
  const cookie = await keepTest(pending, sealer, visit)
  const ask = { connection, email: null, isForm: true }
  const response = await sendToIdp(visit, { ...pending, returnTo: HOME }, ask, findSpKeys)
  response.headers.append('Set-Cookie', cookie)
  return response
}

export interface TestAnswer {
  readonly form: PostedResponse
  /** RelayState. */
  readonly handle: string
  /** Of the ACS URL. The connection may be disabled. */
  readonly connection: string
  readonly headers: Headers
}

export async function answerTest(
  visit: Visit,
  { form, handle, connection: id, headers }: TestAnswer,
  deps: AnswerDeps,
): Promise<Response> {
  const { stores, sealer, hosts } = deps
  const { db } = stores
  const asked = await readTest(headers, handle, sealer, visit)
  const connection = await findConnection(db, id)
  if (!asked || !connection || asked.connection !== id) {
    const refusal = nobody({ reason: asked && connection ? 'other-connection' : 'unknown-login' })
    return refuseLogin(visit, { connection, refusal, returnTo: HOME }, deps)
  }
  const { samlResponse } = form
  const reading = await readAnswer(visit, { samlResponse, connection, asked }, deps)
  const { subject, findings } = reading
  const admitted = subject.ok
    ? await admit(subject.value, { connection, asked, now: visit.now }, db, (_, known) =>
        Promise.resolve(decideUser(known, connection.provisioning)),
      )
    : ({ ok: false, error: nobody({ reason: 'response', error: subject.error }) } as const)
  const told = admitted.ok ? null : toTold(admitted.error, explain(admitted.error.error))
  const named = admitted.ok ? admitted.value.named : admitted.error.named
  const person = admitted.ok ? admitted.value.person : null
  deps.keepAttempt(visit, {
    id: asked.id,
    kind: 'test',
    host: visit.host.authority,
    connection: id,
    reason: told?.reason ?? null,
    user: named?.user ?? null,
    person: named?.person ?? null,
    facts: {
      ...told?.facts,
      isEnabled: connection.enabled,
      isListed: hosts.take(id),
      areGroupsOmitted: subject.ok && areGroupsOmitted(subject.value),
      ...(person && {
        comesAs: admitted.ok && admitted.value.user ? 'known' : 'created',
        subject: person.subject,
        userName: person.userName,
        email: person.email,
        displayName: person.displayName,
        groups: person.groups,
        groupCount: person.groups.length,
      }),
    },
    seen: { reading, posted: samlResponse },
  })
  const failed = findings.filter(({ error }) => error !== null).length
  const passed = findings.length - failed
  const page = await renderPage(forOperator(visit, asked.id), {
    status: 200,
    title: 'The test is done',
    body: html`<p>
        ${told ? 'A sign-in would be refused' : 'A sign-in would be accepted'}. Of the checks of the
        answer, ${passed} passed and ${failed} failed. Nobody was signed in.
      </p>
      ${told ? html`<p>${told.facts['explained']}</p>` : ''}
      <p><a class="button" href="${signInPath(asked.id)}">See every check</a></p>`,
  })
  page.headers.append('Set-Cookie', forgetTest(asked))
  return page
}
