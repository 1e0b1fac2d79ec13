import { describe, expect, it } from 'vitest'
import { isDraft } from '../../src/connection/connection.ts'
import { hintWayOf } from '../../src/connection/hint.ts'
import { parseChanges, parseDraft, parseNewConnection } from '../../src/connection/input.ts'
import { warningsOf } from '../../src/connection/warnings.ts'
import { faultsOf, accepted, file, idpFields, inputOf, now } from './stage.ts'

async function begun() {
  const draft = await parseDraft('acme', 'Acme', now)
  if (!draft.ok) throw new Error(JSON.stringify(draft.error))
  return draft.value
}

describe('a draft of a connection', () => {
  it('has a name and no identity provider, and nobody may sign in with it', async () => {
    const draft = await begun()
    expect(draft).toMatchObject({ id: 'acme', displayName: 'Acme', enabled: false })
    expect([isDraft(draft), draft.certificates, draft.ssoUrl]).toEqual([true, [], ''])
    expect([warningsOf(draft, now), hintWayOf(draft)]).toEqual([[], 'none'])
  })

  it('needs a good id and a good name', async () => {
    const bad = await parseDraft('Acme_', 'x'.repeat(101), now)
    expect(bad.ok ? [] : bad.error.map(({ field }) => field)).toEqual(['id', 'display-name'])
    // The console has a page of this name beside the pages of connections.
    expect((await parseDraft('new', null, now)).ok).toBe(false)
  })

  it('keeps being one where other fields change', async () => {
    const { connection } = accepted(
      await parseChanges(await begun(), inputOf({ domain: ['acme.com'] }), now),
    )
    expect([isDraft(connection), connection.enabled, connection.domains]).toEqual([
      true,
      false,
      ['acme.com'],
    ])
  })

  it('is enabled when it gets its identity provider, unless it is said not to be', async () => {
    const given = { certificates: [file('rsa2048')] }
    const whole = accepted(await parseChanges(await begun(), inputOf(idpFields, given), now))
    expect([isDraft(whole.connection), whole.connection.enabled]).toEqual([false, true])
    const off = inputOf({ ...idpFields, enabled: false }, given)
    expect(accepted(await parseChanges(await begun(), off, now)).connection.enabled).toBe(false)
    // It was disabled after that: metadata that come later do not enable it.
    const { connection } = accepted(await parseChanges(await begun(), off, now))
    const more = inputOf({}, { certificates: [file('p256')] })
    expect(accepted(await parseChanges(connection, more, now)).connection.enabled).toBe(false)
  })

  it('cannot be enabled before, nor given half an identity provider', async () => {
    const fieldsOf = async (input: ReturnType<typeof inputOf>) =>
      faultsOf(await parseChanges(await begun(), input, now)).map(([field]) => field)
    expect(await fieldsOf(inputOf({ enabled: true }))).toEqual([
      'entity-id',
      'sso-url',
      'certificate',
    ])
    expect(await fieldsOf(inputOf(idpFields))).toEqual(['certificate'])
    expect(await fieldsOf(inputOf({}, { certificates: [file('rsa2048')] }))).toEqual([
      'entity-id',
      'sso-url',
    ])
  })

  it('is not what a new connection without an identity provider becomes', async () => {
    const fields = faultsOf(await parseNewConnection('acme', inputOf(), now)).map(([name]) => name)
    expect(fields).toEqual(['entity-id', 'sso-url', 'certificate'])
  })
})
