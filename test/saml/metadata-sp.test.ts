import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { spMetadata } from '../../src/saml/metadata/sp.ts'
import { parseIdpMetadata } from '../../src/saml/metadata/idp.ts'
import { HTTP_POST, METADATA } from '../../src/saml/names.ts'
import {
  attributeOf,
  childElements,
  childrenNamed,
  parseXml,
  textOf,
} from '../../src/saml/xml/reader.ts'
import { descendants } from '../../src/saml/xml/tree.ts'

describe('our own metadata', () => {
  /** Whatever XML can hold in one line: attributes lose line breaks when they are read. */
  const name = fc.string({ unit: 'binary', minLength: 1 }).map((text) =>
    // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
    text.replaceAll(/[\u0000-\u001f\ufffe\uffff]/g, '<&">'),
  )

  it('reads back as it was meant, whatever the names', () => {
    fc.assert(
      fc.property(name, name, fc.option(name), (entityId, acsUrl, nameIdFormat) => {
        const parsed = parseXml(
          utf8(
            spMetadata({
              entityId,
              acsUrl,
              slo: null,
              signsRequests: false,
              nameIdFormat,
              signing: [],
              encryption: [],
            }),
          ),
        )
        if (!parsed.ok) throw new Error(parsed.error)
        const [descriptor, ...others] = childElements(parsed.value)
        expect(others).toEqual([])
        expect(parsed.value).toMatchObject({ namespace: METADATA, local: 'EntityDescriptor' })
        expect(attributeOf(parsed.value, 'entityID')).toBe(entityId)
        if (!descriptor) throw new Error('it has no role')
        expect(descriptor).toMatchObject({ namespace: METADATA, local: 'SPSSODescriptor' })
        expect(attributeOf(descriptor, 'AuthnRequestsSigned')).toBe('false')
        expect(attributeOf(descriptor, 'WantAssertionsSigned')).toBe('true')
        const children = childElements(descriptor)
        const service = children.at(-1)
        if (!service) throw new Error('it has no service')
        expect(service.local).toBe('AssertionConsumerService')
        expect(service.attributes.map((each) => [each.name, each.value])).toEqual([
          ['Binding', HTTP_POST],
          ['Location', acsUrl],
          ['index', '0'],
          ['isDefault', 'true'],
        ])
        expect(children.slice(0, -1).map((child) => [child.local, textOf(child)])).toEqual(
          nameIdFormat === null ? [] : [['NameIDFormat', nameIdFormat]],
        )
      }),
    )
  })

  it('has the keys that sign, and those to encrypt for with the methods that open', () => {
    const xml = spMetadata({
      entityId: 'https://app.example.com',
      acsUrl: 'https://app.example.com/acs',
      slo: null,
      signsRequests: true,
      nameIdFormat: null,
      signing: ['AAAA', 'BBBB'],
      encryption: ['CCCC'],
    })
    const parsed = parseXml(utf8(xml))
    const [descriptor] = parsed.ok ? childElements(parsed.value) : []
    if (!descriptor) throw new Error('it has no role')
    expect(attributeOf(descriptor, 'AuthnRequestsSigned')).toBe('true')
    const keys = childrenNamed(descriptor, METADATA, 'KeyDescriptor')
    const certificates = keys.map((key) => [
      attributeOf(key, 'use'),
      [...descendants(key)].find(({ local }) => local === 'X509Certificate'),
    ])
    expect(
      certificates.map(([use, found]) => [
        use,
        typeof found === 'object' && found && textOf(found),
      ]),
    ).toEqual([
      ['signing', 'AAAA'],
      ['signing', 'BBBB'],
      ['encryption', 'CCCC'],
    ])
    const methods = keys.map((key) => childrenNamed(key, METADATA, 'EncryptionMethod'))
    expect(methods.map(({ length }) => length)).toEqual([0, 0, 8])
    const named = methods[2]?.map((method) => [
      attributeOf(method, 'Algorithm')?.replace(/^.*#/, ''),
      ...childElements(method).map((child) => attributeOf(child, 'Algorithm')?.replace(/^.*#/, '')),
    ])
    expect(named).toEqual([
      ['aes256-gcm'],
      ['aes192-gcm'],
      ['aes128-gcm'],
      ['aes256-cbc'],
      ['aes192-cbc'],
      ['aes128-cbc'],
      ['rsa-oaep', 'sha256', 'mgf1sha256'],
      ['rsa-oaep-mgf1p', 'sha1'],
    ])
  })

  it('is not an IdP to anybody', () => {
    const xml = spMetadata({
      entityId: 'https://app.example.com/.gatehouse/saml/okta/metadata',
      acsUrl: 'https://app.example.com/.gatehouse/saml/okta/acs',
      slo: null,
      signsRequests: false,
      nameIdFormat: null,
      signing: [],
      encryption: [],
    })
    const parsed = parseIdpMetadata(xml, { entityId: null, now: new Date('2026-11-24T12:00:00Z') })
    expect(parsed).toMatchObject({ ok: false, error: { reason: 'not-an-idp' } })
  })
})
