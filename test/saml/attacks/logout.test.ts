/** The attacks on Single Logout of attack/, each played to Gatehouse. */
import { describe, expect, it } from 'vitest'
import { openLogoutAsGatehouse } from '../../../tools/attack/gatehouse.ts'
import { logoutCatalogue } from '../../../tools/attack/logout/catalogue.ts'
import {
  answered,
  answerXml,
  byQuery,
  createLogoutStage,
  genuineQuery,
  ZOE,
  type LogoutEntry,
} from '../../../tools/attack/logout/stage.ts'
import { catalogue } from '../../../tools/attack/catalogue.ts'
import { signedQuery } from '../../../tools/signing/logout.ts'

const stage = await createLogoutStage()
const genuine = await openLogoutAsGatehouse(byQuery(await genuineQuery(stage)), stage)
const genuineAnswer = await openLogoutAsGatehouse(
  answered({
    binding: 'redirect',
    query: await signedQuery(stage.idp, answerXml(stage), { parameter: 'SAMLResponse' }),
  }),
  stage,
)

/** `accepted`: with all that the genuine message says, and nothing else. */
async function outcomeOf(entry: LogoutEntry): Promise<string> {
  const message = await entry.make(stage)
  const opened = await openLogoutAsGatehouse(message, stage)
  if (!opened.ok) return opened.error
  if (message.as === 'LogoutResponse') {
    expect(opened.value).toEqual(genuineAnswer.ok && genuineAnswer.value)
    return 'accepted'
  }
  const byRedirect = 'received' in message && message.received.binding === 'redirect'
  expect(opened.value).toEqual({
    ...(genuine.ok && genuine.value),
    nameId: entry.nameId ?? ZOE,
    ...(byRedirect ? {} : { relayState: null }),
  })
  return 'accepted'
}

describe('the catalogue of Single Logout', () => {
  it('starts from messages that are accepted', () => {
    expect([genuine.ok, genuineAnswer.ok]).toEqual([true, true])
  })

  it('has each id once, none of the other catalogue, and never has a must-refuse accepted', () => {
    const ids = [...logoutCatalogue, ...catalogue].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(logoutCatalogue.length).toBeGreaterThan(120)
    const taken = logoutCatalogue.filter(
      ({ correct, gatehouse }) => correct === 'refuse' && gatehouse === 'accepted',
    )
    expect(taken).toEqual([])
  })

  it('takes no signature inside a message for that of the query', () => {
    const inside = logoutCatalogue.filter(({ id }) => id.startsWith('slo-enveloped-'))
    expect(inside.map(({ gatehouse }) => gatehouse)).toEqual([
      'logout-unsigned',
      'signature-mismatch',
    ])
  })

  it.each(logoutCatalogue.map((entry) => [entry.id, entry] as const))('%s', async (_, entry) => {
    expect(await outcomeOf(entry)).toBe(entry.gatehouse)
  })
})
