/** Single logout with identity providers as the products are, in both directions. */
import { beforeEach, describe, expect, it } from 'vitest'
import { noFields } from '../../src/connection/fields.ts'
import { parseNewConnection } from '../../src/connection/input.ts'
import { utf8 } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { openLogoutRequest, openLogoutResponse } from '../../src/saml/index.ts'
import { idOf } from '../../tools/signing/logout.ts'
import { createTestIdp, signedResponse, type TestIdp } from '../../tools/signing/saml-signer.ts'
import { A, at, B, C, LOGIN, Person, three } from '../login/person.ts'
import { createStage, readRequest, start, type Stage } from '../login/stage.ts'
import { emptyAll, fieldsOn, isIn, refused } from './stage.ts'
import {
  adfs,
  entra,
  formOf,
  keycloak,
  okta,
  onelogin,
  queryOf,
  type Answering,
  type Asking,
  type Product,
} from './vendors.ts'

beforeEach(emptyAll)

const sites = [A, B, C]
const products = [okta, onelogin, entra, keycloak, adfs].map(
  (product) => [product.displayName, product] as const,
)
const LOGOUT = '/.gatehouse/logout'
const DONE = `${LOGIN}${LOGOUT}/done`

interface Vendor {
  readonly product: Product
  readonly idp: TestIdp
  readonly stage: Stage
}

/** Our side of it, with a connection that is made from the product's metadata. */
async function vendorOf(product: Product): Promise<Vendor> {
  const idp = await createTestIdp({ entityId: product.entityId })
  const parsed = await parseNewConnection(
    product.id,
    {
      fields: { ...noFields, 'display-name': product.displayName, ...product.fields },
      metadata: { xml: utf8(product.metadata(idp.certificate)), url: null, entityId: null },
      certificates: [],
      replaceCertificates: false,
      removeCertificates: [],
    },
    toInstant(start.getTime()),
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return { product, idp, stage: await createStage(three(), parsed.value.connection) }
}

const pathOf = ({ id }: Product) => `${LOGIN}/.gatehouse/saml/${id}`
const sloOf = (product: Product) => `${pathOf(product)}/slo`

/** Signs in at the product, and stops where it is sent to sign out. */
class Guest extends Person {
  readonly vendor: Vendor
  readonly sessionIndex: string
  readonly carried: URL[] = []
  constructor(vendor: Vendor, nameId = 'zoe@example.test', sessionIndex?: string) {
    super(vendor.stage, nameId)
    this.vendor = vendor
    this.sessionIndex = sessionIndex ?? vendor.product.sessionIndex
  }

  override async leadTo(url: URL): Promise<Response> {
    const { product, idp, stage } = this.vendor
    if (![product.ssoUrl, product.sloUrl].includes(url.origin + url.pathname)) {
      return super.leadTo(url)
    }
    const asked = await readRequest(url.href)
    if (asked.xml.includes('LogoutRequest')) {
      this.carried.push(url)
      return new Response('the identity provider')
    }
    const answer = await signedResponse(idp, {
      spEntityId: `${pathOf(product)}/metadata`,
      acsUrl: `${pathOf(product)}/acs`,
      inResponseTo: asked.id,
      now: new Date(),
      assertionId: `_${crypto.randomUUID()}`,
      nameId: this.nameId,
      nameIdFormat: product.nameIdFormat,
      sessionIndex: this.sessionIndex,
      attributes: {
        email: [this.nameId],
        'http://schemas.microsoft.com/identity/claims/objectidentifier': [`object ${this.nameId}`],
      },
    })
    return this.follow(await stage.post(this.at(LOGIN), answer, asked.relayState), LOGIN)
  }
}

async function signedIn(vendor: Vendor, nameId?: string, sessionIndex?: string): Promise<Guest> {
  const guest = new Guest(vendor, nameId, sessionIndex)
  for (const url of sites) await guest.open(`${url}/`)
  expect(await isIn(guest, sites)).toEqual([true, true, true])
  return guest
}

/** What the product knows of us: what our metadata says. */
async function ours({ product, stage }: Vendor) {
  const metadata = await (await stage.send(new Request(`${pathOf(product)}/metadata`))).text()
  const found = metadata.matchAll(/use="signing".*?<ds:X509Certificate>([^<]*)</gs)
  const certificates = [...found].flatMap(([, certificate]) => certificate ?? [])
  expect(certificates.length).toBeGreaterThan(0)
  return {
    idp: { entityId: `${pathOf(product)}/metadata`, certificates },
    sp: { entityId: product.entityId, sloUrl: product.sloUrl },
    now: new Date(),
  }
}

/** Signs out there, and reads our request as the product does. */
async function leave(vendor: Vendor, guest: Guest) {
  await guest.post(A + LOGOUT, { scope: 'idp' })
  const url = guest.carried.at(-1)
  if (!url) throw new Error(`led to ${guest.seen.at(-1) ?? 'nothing'}`)
  const received = { binding: 'redirect', query: url.search.slice(1) } as const
  const opened = await openLogoutRequest(received, await ours(vendor))
  if (!opened.ok) throw new Error(JSON.stringify(opened.error))
  return { url, asked: opened.value }
}

const answerXml = ({ product }: Vendor, id: string, fields: Partial<Answering> = {}): string =>
  product.response({
    id: `_${crypto.randomUUID()}`,
    now: new Date(),
    destination: sloOf(product),
    issuer: product.answersAs,
    inResponseTo: id,
    code: 'Success',
    ...fields,
  })

const requestXml = ({ product }: Vendor, fields: Partial<Asking> = {}): string =>
  product.request({
    id: `_${crypto.randomUUID()}`,
    now: new Date(),
    destination: sloOf(product),
    issuer: product.entityId,
    nameId: 'zoe@example.test',
    sessionIndex: product.sessionIndex,
    ...fields,
  })

/** The browser brings a message of the product. */
async function bring({ product, idp }: Vendor, guest: Guest, xml: string): Promise<Response> {
  return product.binding === 'post'
    ? guest.at(LOGIN).submitFromElsewhere(sloOf(product), await formOf(xml, idp))
    : guest.at(LOGIN).go(`${sloOf(product)}?${await queryOf(product, idp, xml)}`)
}

const doneOf = async (guest: Guest) => (await guest.at(LOGIN).go(DONE)).text()

describe.each(products)('single logout with %s', (_, product) => {
  it('sends our LogoutRequest by HTTP-Redirect, signed by the key of our metadata', async () => {
    const vendor = await vendorOf(product)
    const { url, asked } = await leave(vendor, await signedIn(vendor))
    expect(url.origin + url.pathname).toBe(product.sloUrl)
    expect([...url.searchParams.keys()]).toEqual(['SAMLRequest', 'SigAlg', 'Signature'])
    expect(url.searchParams.get('SigAlg')).toMatch(/#rsa-sha256$/)
    expect(asked).toMatchObject({
      issuer: `${pathOf(product)}/metadata`,
      nameId: 'zoe@example.test',
      nameIdFormat: product.nameIdFormat,
      sessionIndexes: [product.sessionIndex],
    })
    // Entra ID takes no ID that begins with a digit.
    expect(asked.id).toMatch(/^_/)
  })

  it('takes its answer, and says that the person is signed out there', async () => {
    const vendor = await vendorOf(product)
    const guest = await signedIn(vendor)
    const { asked } = await leave(vendor, guest)
    const answer = await bring(vendor, guest, answerXml(vendor, asked.id))
    expect([answer.status, answer.headers.get('Location')]).toEqual([303, `${LOGOUT}/done`])
    expect(await doneOf(guest)).toContain(`You are signed out at ${product.displayName} too.`)
    at(16)
    expect(await isIn(guest, sites)).toEqual([false, false, false])
  })

  it('says plainly that an answer without a signature could not be verified', async () => {
    const vendor = await vendorOf(product)
    const guest = await signedIn(vendor)
    const { asked } = await leave(vendor, guest)
    const xml = answerXml(vendor, asked.id, { code: 'AuthnFailed' })
    const answer =
      product.binding === 'post'
        ? await guest.at(LOGIN).submitFromElsewhere(sloOf(product), await formOf(xml, null))
        : await guest
            .at(LOGIN)
            .go(
              `${sloOf(product)}?${(await queryOf(product, vendor.idp, xml)).replaceAll(/&(SigAlg|Signature)=[^&]*/g, '')}`,
            )
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain(
      `The answer of ${product.displayName} could not be verified.`,
    )
    expect(refused(vendor.stage)).toEqual(['logout-unsigned'])
    at(16)
    expect(await isIn(guest, sites)).toEqual([false, false, false])
  })

  it('obeys its own LogoutRequest for that person, and answers it', async () => {
    const vendor = await vendorOf(product)
    const zoe = await signedIn(vendor)
    const ada = await signedIn(vendor, 'ada@example.test', '_of-ada')
    const xml = requestXml(vendor)
    const answer = await bring(vendor, zoe, xml)
    const inResponseTo = idOf(xml)
    const location = answer.headers.get('Location')
    const page = await answer.text()
    const value = /name="SAMLResponse" value="([^"]*)"/.exec(page)?.[1] ?? ''
    const opened = await openLogoutResponse(
      location === null
        ? { binding: 'post', body: new URLSearchParams({ SAMLResponse: value }).toString() }
        : { binding: 'redirect', query: new URL(location).search.slice(1) },
      { ...(await ours(vendor)), inResponseTo },
    )
    expect(opened).toMatchObject({ ok: true, value: { status: 'all' } })
    if (location === null) expect(page).toContain(`action="${product.sloUrl}"`)
    else expect(location.startsWith(`${product.sloUrl}?SAMLResponse=`)).toBe(true)
    at(16)
    expect(await isIn(zoe, sites)).toEqual([false, false, false])
    expect(await isIn(ada, sites)).toEqual([true, true, true])
  })

  it('refuses its LogoutRequest with the signature of another key, or with none', async () => {
    const vendor = await vendorOf(product)
    const zoe = await signedIn(vendor)
    const stranger = await createTestIdp({ entityId: product.entityId })
    const forged = await bring({ ...vendor, idp: stranger }, zoe, requestXml(vendor))
    const bare = await zoe
      .at(LOGIN)
      .submitFromElsewhere(sloOf(product), await formOf(requestXml(vendor), null))
    expect([forged.status, bare.status]).toEqual([403, 403])
    expect(refused(vendor.stage)).toEqual(['signature-mismatch', 'logout-unsigned'])
    at(16)
    expect(await isIn(zoe, sites)).toEqual([true, true, true])
  })
})

describe('the ways of one product', () => {
  it('Entra ID may answer by the name of its assertions too, and not for another tenant', async () => {
    const vendor = await vendorOf(entra)
    const guest = await signedIn(vendor)
    const { asked } = await leave(vendor, guest)
    expect(entra.answersAs).not.toBe(entra.entityId)
    const issuer = entra.answersAs.replace('/8', '/9')
    const other = await bring(vendor, guest, answerXml(vendor, asked.id, { issuer }))
    expect([other.status, refused(vendor.stage)]).toEqual([403, ['issuer']])
    const as = answerXml(vendor, asked.id, { issuer: entra.entityId })
    expect((await bring(vendor, guest, as)).status).toBe(303)
  })

  it('Entra ID may leave out the Destination, as its documentation does: not verified then', async () => {
    const vendor = await vendorOf(entra)
    const guest = await signedIn(vendor)
    const { asked } = await leave(vendor, guest)
    const answer = await bring(vendor, guest, answerXml(vendor, asked.id, { destination: null }))
    expect(await answer.text()).toContain('The answer of Microsoft could not be verified.')
    expect(refused(vendor.stage)).toEqual(['logout-destination'])
  })

  it('Entra ID may ask us to log out while we ask it', async () => {
    const vendor = await vendorOf(entra)
    const guest = await signedIn(vendor)
    const { asked } = await leave(vendor, guest)
    expect((await bring(vendor, guest, requestXml(vendor))).status).toBe(302)
    await bring(vendor, guest, answerXml(vendor, asked.id))
    expect(await doneOf(guest)).toContain('You are signed out at Microsoft too.')
  })

  it('Entra ID may name the person without a format', async () => {
    const vendor = await vendorOf(entra)
    const guest = await signedIn(vendor)
    await bring(vendor, guest, requestXml(vendor).replace(/ Format="[^"]*"/, ''))
    at(16)
    expect(await isIn(guest, sites)).toEqual([false, false, false])
  })

  it('Entra ID may name the person otherwise than it did: that ends nobody, and the audit says so', async () => {
    const vendor = await vendorOf(entra)
    const guest = await signedIn(vendor)
    await bring(vendor, guest, requestXml(vendor, { nameId: 'H0EPlI1hHuuvn5N6-rgMR7aZzBCBTjfS' }))
    expect(vendor.stage.audit().at(-1)).toMatchObject({ audit: 'idp-logout', signIns: [] })
    at(16)
    expect(await isIn(guest, sites)).toEqual([true, true, true])
  })

  it('Okta says AuthnFailed when it has another certificate of ours', async () => {
    const vendor = await vendorOf(okta)
    const guest = await signedIn(vendor)
    const { asked } = await leave(vendor, guest)
    await bring(vendor, guest, answerXml(vendor, asked.id, { code: 'AuthnFailed' }))
    expect(await doneOf(guest)).toContain('Okta did not sign you out.')
  })

  it('Okta posts what it asks, and gets a page that posts our answer', async () => {
    const vendor = await vendorOf(okta)
    const answer = await bring(vendor, await signedIn(vendor), requestXml(vendor))
    expect(fieldsOn(await answer.text(), 'SAMLResponse')).toContain('<ds:Signature')
  })
})
