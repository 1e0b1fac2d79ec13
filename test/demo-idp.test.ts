/** Whom the demo's identity provider answers: nobody there has a password. */
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readAuthnRequest } from '../demo/idp/saml.ts'

const asked = (issuer: string, acsUrl: string) =>
  readAuthnRequest(
    deflateRawSync(
      `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="2026-11-24T12:00:00Z" AssertionConsumerServiceURL="${acsUrl}"><saml:Issuer>${issuer}</saml:Issuer></samlp:AuthnRequest>`,
    ).toString('base64'),
    new Map([['https://known.example.com/metadata', 'https://known.example.com/acs']]),
  )
const gate = 'http://localhost:8787/.gatehouse/saml/demo'

describe("the demo's identity provider answers", () => {
  it.each([
    ['https://known.example.com/metadata', 'https://known.example.com/acs'],
    [`${gate}/metadata`, `${gate}/acs`],
    [
      'https://wiki.example.com.localhost:8787/.gatehouse/saml/a/metadata',
      'https://wiki.example.com.localhost:8787/.gatehouse/saml/a/acs',
    ],
  ])('%s', async (issuer, acsUrl) => {
    expect(await asked(issuer, acsUrl)).toMatchObject({ id: '_1', issuer, acsUrl })
  })
})

describe("the demo's identity provider refuses", () => {
  it.each([
    ['an answer elsewhere', 'https://known.example.com/metadata', 'https://evil.example.com/acs'],
    ['a gate on another machine', gate.replace('localhost', 'x.example.com') + '/metadata', gate],
    ['a gate here that names another place', `${gate}/metadata`, 'https://evil.example.com/acs'],
    ['another path of this machine', `${gate}/metadata`, `${gate}/acs2`],
    [
      'a name that only begins so',
      'http://localhost.evil.example/.gatehouse/saml/a/metadata',
      gate,
    ],
    ['a person before the host', `http://localhost@evil.example/.gatehouse/saml/a/metadata`, gate],
  ])('%s', async (_, issuer, acsUrl) => {
    const acs = acsUrl === gate ? issuer.replace(/metadata$/, 'acs') : acsUrl
    expect(await asked(issuer, acs)).toBeNull()
  })
})
