/** Logout addresses of metadata that is read again. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Connection, Slo } from '../../src/connection/connection.ts'
import { noSlo } from '../../src/connection/slo.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { apply, reasonsToWait } from '../../src/upkeep/decide.ts'
import type { Found, MetadataState } from '../../src/upkeep/metadata-store.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { createTestIdp } from '../../tools/signing/saml-signer.ts'

const at = (host: string): Slo => {
  const location = `https://${host}/slo`
  return { ...noSlo, redirect: { location, responseLocation: location } }
}
const now = toInstant(1000)
const state: MetadataState = {
  connection: 'okta',
  url: 'https://idp.example.test/metadata',
  edition: 1,
  nextAt: now,
  readAt: null,
  goodAt: null,
  validUntil: null,
  etag: null,
  pinned: null,
  signer: null,
  listed: null,
  leaving: {},
  waiting: null,
  fault: null,
}

let okta: Connection
beforeAll(async () => {
  okta = connectionOf(await createTestIdp())
})
const foundWith = (slo: Slo | null, entityId = okta.idpEntityId): Found => ({
  entityId,
  ssoUrl: okta.ssoUrl,
  ssoBinding: okta.ssoBinding,
  slo,
  certificates: [...okta.certificates],
  signer: null,
})
const applied = (connection: Connection, found: Found) =>
  apply(connection, state, found, { now, isAccepted: false }).connection.slo

describe('logout addresses of metadata that is read again', () => {
  it('are taken at the host of sign-in, and at the host of before', () => {
    expect(reasonsToWait(okta, state, foundWith(at('idp.example.test')))).toEqual([])
    expect(applied(okta, foundWith(at('idp.example.test')))).toEqual(at('idp.example.test'))
    const known = { ...okta, slo: at('out.example.test') }
    expect(reasonsToWait(known, state, foundWith(at('out.example.test')))).toEqual([])
  })

  it('wait for a person at any other host: names of people go there', () => {
    expect(reasonsToWait(okta, state, foundWith(at('evil.example')))).toEqual(['slo-host'])
    const answers = at('idp.example.test')
    const redirect = {
      location: 'https://idp.example.test/slo',
      responseLocation: 'https://evil.example/',
    }
    expect(reasonsToWait(okta, state, foundWith({ ...answers, redirect }))).toEqual(['slo-host'])
  })

  it('stay where the metadata names none, and where the operator wants none', () => {
    const known = { ...okta, slo: at('idp.example.test') }
    expect(applied(known, foundWith(null))).toEqual(known.slo)
    expect(applied({ ...okta, slo: noSlo }, foundWith(at('idp.example.test')))).toEqual(noSlo)
  })

  it('of another identity provider go with it', () => {
    const known = { ...okta, slo: at('idp.example.test') }
    expect(applied(known, foundWith(null, 'https://another.example'))).toBeNull()
  })
})
