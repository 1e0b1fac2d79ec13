import { describe, expect, it } from 'vitest'
import { knownIdps } from '../../src/connection/labels.ts'
import { idpOf, metadataPlaces, parseIdp, scimLabelsFor } from '../../src/connection/set-up.ts'

const BASE = 'https://login.example.com/.gatehouse/scim/acme/v2'

describe('the identity provider of a connection', () => {
  it.each([
    ['okta', 'okta'],
    ['acme-google', 'google'],
    ['acme-oktal', 'generic'],
  ])('is guessed by the id of a draft: %s', (id, idp) => {
    expect(idpOf({ id, idpEntityId: '' })).toBe(idp)
  })

  it('is known by its entity ID once there are metadata, whatever its id is', () => {
    const idpEntityId = 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/'
    expect(idpOf({ id: 'okta', idpEntityId })).toBe('entra')
  })

  it('is one of those that are known, and no other word', () => {
    expect(knownIdps.map(parseIdp)).toEqual(knownIdps)
    expect([parseIdp('ping'), parseIdp(null), parseIdp('constructor')]).toEqual([null, null, null])
  })
})

describe('the directory', () => {
  it('is given the base URL under the label of each identity provider that speaks SCIM', () => {
    const labels = knownIdps.map((idp) => scimLabelsFor(idp, BASE)?.paste[0])
    expect(labels).toEqual(
      [
        'Base URL, Tenant URL, Endpoint',
        'SCIM connector base URL',
        'SCIM Base URL',
        'Tenant URL',
        null,
        null,
      ].map((label) => (label === null ? undefined : { label, value: BASE })),
    )
  })

  it('Google and Keycloak show their metadata before they ask for our addresses', () => {
    expect(knownIdps.filter((idp) => metadataPlaces[idp].isFirst)).toEqual(['google', 'keycloak'])
  })
})
