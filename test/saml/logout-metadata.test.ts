/** The endpoints of Single Logout in metadata: those of the identity provider, and ours. */
import { beforeAll, describe, expect, it } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { parseIdpMetadata, spMetadata, type SloEndpoints } from '../../src/saml/index.ts'
import { METADATA } from '../../src/saml/names.ts'
import { attributeOf, childElements, parseXml } from '../../src/saml/xml/reader.ts'
import { entity, key, newCertificate, redirect, role } from '../support/idp-metadata.ts'

const files = import.meta.glob('../vectors/responses/metadata/*.xml', {
  query: '?raw',
  eager: true,
  import: 'default',
})
const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings:'
const now = new Date('2026-11-24T12:00:00Z')
let certificate = ''
beforeAll(async () => {
  certificate = await newCertificate()
})

const slo = (binding: string, location: string, answers: string | null = null): string =>
  `<md:SingleLogoutService Binding="${BINDINGS}${binding}" Location="${location}"${answers === null ? '' : ` ResponseLocation="${answers}"`}/>`

function endpoints(...services: readonly string[]): SloEndpoints | null {
  const xml = entity(role(key(certificate) + services.join('') + redirect))
  const parsed = parseIdpMetadata(xml, { entityId: null, now })
  if (!parsed.ok) throw new Error(parsed.error.reason)
  return parsed.value.slo
}

const one = (location: string) => ({ location, responseLocation: location })

describe('where the identity provider takes logouts', () => {
  const ssp = one('http://ssp.localhost:8101/saml2/idp/SingleLogoutService.php')
  const lasso = one('http://lasso.localhost:8109/slo')
  it.each([
    ['ssp', { redirect: ssp, post: ssp, soap: null }],
    ['samlp', { redirect: one('http://samlp.localhost:8103/slo'), post: null, soap: null }],
    ['lasso', { redirect: lasso, post: null, soap: null }],
  ])('is read from the metadata of %s', (name, expected) => {
    const xml = String(files[`../vectors/responses/metadata/${name}.xml`])
    const parsed = parseIdpMetadata(xml, { entityId: null, now })
    expect(parsed.ok && parsed.value.slo).toEqual(expected)
  })

  it('is told for each binding, with the address for answers where there is one', () => {
    expect(
      endpoints(
        slo('SOAP', 'https://idp.example.com/soap'),
        slo('HTTP-POST', 'https://idp.example.com/post', 'https://idp.example.com/post-answers'),
        slo('HTTP-Redirect', ' https://idp.example.com/größe ', ' https://idp.example.com/ö '),
      ),
    ).toEqual({
      redirect: {
        location: 'https://idp.example.com/gr%C3%B6%C3%9Fe',
        responseLocation: 'https://idp.example.com/%C3%B6',
      },
      post: {
        location: 'https://idp.example.com/post',
        responseLocation: 'https://idp.example.com/post-answers',
      },
      soap: { location: 'https://idp.example.com/soap' },
    })
  })

  it('is nowhere without an endpoint of these bindings', () => {
    expect(endpoints()).toBeNull()
    expect(endpoints(slo('HTTP-Artifact', 'https://idp.example.com/slo'))).toBeNull()
  })

  it.each(['javascript:alert(1)', 'ftp://idp.example.com', '/slo', ''])(
    'is never %j, for requests or answers',
    (location) => {
      const good = 'https://idp.example.com/slo'
      for (const binding of ['HTTP-Redirect', 'HTTP-POST', 'SOAP']) {
        expect(endpoints(slo(binding, location))).toBeNull()
      }
      expect(endpoints(slo('HTTP-POST', good, location))).toBeNull()
      expect(endpoints(slo('HTTP-POST', location, good), slo('HTTP-POST', good))).toEqual({
        redirect: null,
        post: one(good),
        soap: null,
      })
    },
  )
})

describe('our metadata', () => {
  const written = (soapUrl: string | null) => {
    const url = 'https://app.example.com/slo?a=1&b=2'
    const xml = spMetadata({
      entityId: 'https://app.example.com',
      acsUrl: 'https://app.example.com/acs',
      slo: { url, soapUrl },
      signsRequests: true,
      nameIdFormat: 'urn:x',
      signing: ['AAAA'],
      encryption: [],
    })
    const parsed = parseXml(utf8(xml))
    const [descriptor] = parsed.ok ? childElements(parsed.value) : []
    return descriptor ? childElements(descriptor) : []
  }

  it('has the endpoints of Single Logout where the schema has them (Metadata §2.4.2)', () => {
    expect(written(null).map(({ local, namespace }) => [local, namespace])).toEqual(
      [
        'KeyDescriptor',
        'SingleLogoutService',
        'SingleLogoutService',
        'NameIDFormat',
        'AssertionConsumerService',
      ].map((name) => [name, METADATA]),
    )
  })

  it.each([
    [null, ['HTTP-Redirect', 'HTTP-POST']],
    ['https://app.example.com/slo/soap', ['HTTP-Redirect', 'HTTP-POST', 'SOAP']],
  ])('with SOAP at %s has the bindings %j', (soapUrl, bindings) => {
    const services = written(soapUrl).filter(({ local }) => local === 'SingleLogoutService')
    expect(services.map((service) => attributeOf(service, 'Binding'))).toEqual(
      bindings.map((binding) => BINDINGS + binding),
    )
    expect(services.map((service) => attributeOf(service, 'Location'))).toEqual(
      bindings.map((binding) =>
        binding === 'SOAP' ? soapUrl : 'https://app.example.com/slo?a=1&b=2',
      ),
    )
  })
})
