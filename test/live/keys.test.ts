/** What needs a key of ours: assertions encrypted for it, requests signed by it. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Trip } from './browser.ts'
import { BEHIND, openGate, type Gate } from './gate.ts'
import type { Cipher, Product } from './idp.ts'
import { bob, zoe } from './people.ts'
import {
  answersIn,
  certificatesFor,
  ciphersFor,
  connect,
  expectNoLeaks,
  lastTold,
  metadataOf,
  metadataReaders,
  nameIdEncrypters,
  products,
  readAnswer,
  refusalOn,
  seen,
  signings,
  wasSentTo,
  type Connected,
} from './stage.ts'

let gate: Gate
beforeAll(async () => {
  gate = await openGate()
})
afterAll(() => gate.close())

const algorithms: Readonly<Record<Cipher, string>> = {
  'aes128-cbc': 'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'aes256-cbc': 'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
  'aes128-gcm': 'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'aes256-gcm': 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
}
const RSA_OAEP = 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p'

/** What each says of a request without a signature, and of one that does not hold. */
const complaints: Readonly<Record<Product, Readonly<Record<'missing' | 'wrong', RegExp>>>> = {
  SimpleSAMLphp: {
    missing: /no signature found on message/,
    wrong: /Unable to validate Signature/i,
  },
  samlp: { missing: /MUST be signed/, wrong: /Signature check errors/ },
  Lasso: {
    missing: /SignatureNotFoundError|InvalidSigalgError/,
    wrong: /InvalidSignatureError|SignatureVerificationFailedError/,
  },
}

const update = (id: string, ...options: readonly string[]) =>
  gate.command(['connection', 'update', id, ...options])

const signed = ['--sign-requests', 'rsa-sha256']

async function only(use: 'signing' | 'encryption', id: string): Promise<string> {
  const [certificate, ...more] = await certificatesFor(gate, id, use)
  if (certificate === undefined) throw new Error(`no certificate for ${use} in our metadata`)
  expect(more).toEqual([])
  return certificate
}

describe.each(products)('%s encrypts', (product) => {
  describe.each(signings)('signing: %s', (signs) => {
    let connected: Connected
    beforeAll(async () => {
      connected = await connect(gate, product, { signs }, ['--require-encryption'])
    })
    afterAll(() => connected.disconnect())

    it.each(ciphersFor(product, signs))(
      'assertions for the certificate of our metadata by %s: they are opened, and the site told who came',
      async (cipher) => {
        const { id, idp } = connected
        const certificate = await only('encryption', id)
        await idp.choose({ encrypt: { what: 'assertion', cipher, certificate } })
        const page = `${gate.url}/wiki?by=${cipher}`
        const trip = await gate.browser().visit(page, zoe)
        expect(seen(trip.page)).toEqual({ url: page, status: 200, title: BEHIND })

        const [answer, ...more] = answersIn(trip).map(readAnswer)
        expect(more).toEqual([])
        expect(answer).toMatchObject({
          encrypts: 'assertion',
          encryption: [algorithms[cipher], RSA_OAEP],
          signs: signs === 'assertion' ? 'nothing' : 'response',
        })
        expect(answer?.xml).not.toContain(zoe.mail)

        const { url, userName, email, claims } = await lastTold(gate)
        expect({ url, userName, email }).toEqual({
          url: `/wiki?by=${cipher}`,
          userName: zoe.uid,
          email: zoe.mail,
        })
        expect(claims).toMatchObject({ name: zoe.cn, groups: zoe.groups, connection: id })
      },
    )

    /** Whose answer has not what the connection requires. */
    async function visitInVain(encrypts: 'name-id' | 'nothing'): Promise<void> {
      const before = gate.received.length
      const trip = await gate.browser().visit(`${gate.url}/wiki`, zoe)
      expect(answersIn(trip).map((sent) => readAnswer(sent).encrypts)).toEqual([encrypts])
      expect(seen(trip.page)).toMatchObject({ status: 403, title: 'You could not be signed in' })
      expect(await refusalOn(gate, trip.page)).toMatchObject({
        reason: 'not-encrypted',
        connection: connected.id,
      })
      expect(gate.received.length).toBe(before)
    }

    const encryptsNameIds = nameIdEncrypters.includes(product)

    it('nothing: that is refused where the connection requires it', async () => {
      await connected.idp.choose({ encrypt: null })
      await visitInVain('nothing')
    })

    if (encryptsNameIds) {
      it('the NameID alone: that is not enough where the connection requires encryption', async () => {
        await chooseNameId()
        await visitInVain('name-id')
      })
    }

    async function chooseNameId(): Promise<void> {
      const certificate = await only('encryption', connected.id)
      const encrypt = { what: 'name-id', cipher: 'aes128-cbc', certificate } as const
      await connected.idp.choose({ encrypt })
    }

    describe('where the connection does not require it', () => {
      beforeAll(async () => {
        await update(connected.id, '--no-require-encryption')
      })

      it('nothing: that is taken', async () => {
        await connected.idp.choose({ encrypt: null })
        const trip = await gate.browser().visit(`${gate.url}/wiki`, zoe)
        expect(answersIn(trip).map(readAnswer)).toMatchObject([{ encrypts: 'nothing', signs }])
        expect(seen(trip.page).title).toBe(BEHIND)
      })

      if (!encryptsNameIds) return

      it('the NameID alone by aes128-cbc: it is opened, and is who it was in the clear', async () => {
        await connected.idp.choose({ encrypt: null })
        await gate.browser().visit(`${gate.url}/wiki`, zoe)
        const { userId } = await lastTold(gate)

        await chooseNameId()
        const page = `${gate.url}/wiki?by=name-id`
        const trip = await gate.browser().visit(page, zoe)
        expect(answersIn(trip).map(readAnswer)).toMatchObject([
          { encrypts: 'name-id', encryption: [algorithms['aes128-cbc'], RSA_OAEP], signs },
        ])
        expect(seen(trip.page)).toEqual({ url: page, status: 200, title: BEHIND })
        expect(await lastTold(gate)).toMatchObject({
          url: '/wiki?by=name-id',
          userId,
          claims: { connection: connected.id },
        })
      })
    })
  })
})

describe.each(products)('%s wants requests signed', (product) => {
  let connected: Connected
  let certificate: string
  beforeAll(async () => {
    connected = await connect(gate, product, { signs: 'both' }, signed)
    certificate = await only('signing', connected.id)
  })
  afterAll(() => connected.disconnect())

  describe.each(['redirect', 'post'])('by %s', (binding) => {
    beforeAll(async () => {
      await update(connected.id, '--sso-binding', binding, ...signed)
    })

    it('and takes one that is signed by the key of our metadata', async () => {
      const { id, idp } = connected
      await idp.choose({ requestCertificate: certificate })
      const page = `${gate.url}/wiki?by=${binding}`
      const trip = await gate.browser().visit(page, bob)
      expect(seen(trip.page)).toEqual({ url: page, status: 200, title: BEHIND })
      expect(wasSentTo(trip, idp.ssoUrl)).toBe(binding === 'redirect')
      expect(trip.forms[0]?.url === idp.ssoUrl).toBe(binding === 'post')
      expect(await lastTold(gate)).toMatchObject({
        userName: bob.uid,
        email: bob.mail,
        claims: { connection: id },
      })
    })

    it('and turns it away where it has another certificate', async () => {
      const { idp } = connected
      const pem = await readFile(idp.certificateFile, 'utf8')
      await idp.choose({ requestCertificate: pem.replaceAll(/-----[^-]+-----|\s/g, '') })
      const before = gate.received.length
      const trip = await gate.browser().visit(`${gate.url}/wiki`, bob)
      expectTurnedAway(trip, connected, complaints[product].wrong)
      expect(gate.received.length).toBe(before)
    })

    it('and turns away one that is not signed', async () => {
      await connected.idp.choose({ requestCertificate: certificate })
      await update(connected.id, '--sign-requests', 'none')
      expect(await metadataOf(gate, connected.id)).toContain('AuthnRequestsSigned="false"')
      const before = gate.received.length
      const trip = await gate.browser().visit(`${gate.url}/wiki`, bob)
      expectTurnedAway(trip, connected, complaints[product].missing)
      expect(gate.received.length).toBe(before)
    })
  })
})

describe.each(metadataReaders)('%s is given our metadata and nothing else', (product) => {
  let connected: Connected
  beforeAll(async () => {
    connected = await connect(gate, product, { signs: 'both' }, [...signed, '--require-encryption'])
    const certificate = await only('encryption', connected.id)
    await connected.idp.choose({
      spMetadata: await metadataOf(gate, connected.id),
      encrypt: { what: 'assertion', cipher: 'aes128-cbc', certificate },
    })
  })
  afterAll(() => connected.disconnect())

  it('and takes signed requests, and encrypts', async () => {
    const page = `${gate.url}/wiki?by=metadata`
    const trip = await gate.browser().visit(page, bob)
    expect(answersIn(trip).map(readAnswer)).toMatchObject([{ encrypts: 'assertion' }])
    expect(seen(trip.page)).toEqual({ url: page, status: 200, title: BEHIND })
    expect(await lastTold(gate)).toMatchObject({ userName: bob.uid, email: bob.mail })
  })

  it('and turns away requests that are not signed as it says', async () => {
    await update(connected.id, '--sign-requests', 'none')
    const before = gate.received.length
    const trip = await gate.browser().visit(`${gate.url}/wiki`, bob)
    expectTurnedAway(trip, connected, complaints[product].missing)
    expect(gate.received.length).toBe(before)
  })
})

/** The IdP was asked, and gave no answer but why. */
function expectTurnedAway(trip: Trip, { idp }: Connected, complaint: RegExp): void {
  expect(new URL(trip.page.url).origin).toBe(new URL(idp.ssoUrl).origin)
  expect(trip.page.text).toMatch(complaint)
  expect(answersIn(trip)).toEqual([])
}

it('has said nothing that is secret', expectNoLeaks)
