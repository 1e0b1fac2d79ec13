import { describe, expect, it } from 'vitest'
import { parseNewConnection } from '../../src/connection/input.ts'
import { findSecret } from '../../src/connection/secrets.ts'
import { utf8 } from '../../src/lib/bytes.ts'
import { faultsOf, inputOf, now } from './stage.ts'

const dashes = '-----'
const token = `gatehouse_scim_${'A'.repeat(43)}`

describe('a secret in what somebody pastes as metadata', () => {
  it.each([
    [`${dashes}BEGIN PRIVATE KEY${dashes}\nMIIE`, 'private key'],
    [`<x>${dashes}BEGIN RSA PRIVATE KEY${dashes}</x>`, 'private key'],
    [`${dashes}BEGIN ENCRYPTED PRIVATE KEY${dashes}`, 'private key'],
    [`${dashes}BEGIN OPENSSH PRIVATE KEY${dashes}`, 'private key'],
    ['<EntityDescriptor><ds:PrivateKey>MIIE</ds:PrivateKey></EntityDescriptor>', 'private key'],
    [`<EntityDescriptor>${token}</EntityDescriptor>`, 'token of Gatehouse'],
    ['{"client_id":"x","client_secret":"s3cr3t"}', 'a secret'],
  ])('is found: %s', (text, what) => {
    expect(findSecret(text)).toContain(what)
    expect(findSecret(utf8(text))).toContain(what)
  })

  it.each([
    '<EntityDescriptor entityID="https://idp.example/PRIVATE"/>',
    `${dashes}BEGIN CERTIFICATE${dashes}\nMIID\n${dashes}END CERTIFICATE${dashes}`,
    `${dashes}BEGIN PUBLIC KEY${dashes}`,
    '<md:EntityDescriptor><ds:RSAKeyValue><ds:Modulus>x</ds:Modulus></ds:RSAKeyValue></md:EntityDescriptor>',
  ])('is not found where there is none: %s', (text) => {
    expect(findSecret(text)).toBeNull()
  })

  it('has the input refused, in words that do not repeat it', async () => {
    const xml = utf8(`<EntityDescriptor>${token}</EntityDescriptor>`)
    const given = inputOf({}, { metadata: { xml, url: null, entityId: null } })
    const faults = faultsOf(await parseNewConnection('acme', given, now))
    expect(faults).toEqual([['metadata', expect.stringContaining('It was not kept')]])
    expect(JSON.stringify(faults)).not.toContain(token)
  })
})
