/** Single logout with identity providers that are not ours, in both directions, on three sites. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sloOf } from '../../src/connection/sp.ts'
import type { Browser } from './browser.ts'
import { BEHIND, openGate, REVOCATION_SECONDS, type Gate } from './gate.ts'
import { zoe } from './people.ts'
import {
  certificatesFor,
  connect,
  expectNoLeaks,
  metadataOf,
  metadataReaders,
  products,
  seen,
  type Connected,
} from './stage.ts'

let gate: Gate
beforeAll(async () => {
  gate = await openGate(undefined, undefined, ['wiki', 'shop'])
})
afterAll(() => gate.close())

const LOGOUT = '/.gatehouse/logout'

/** Signs Zoë in at each site, and steals the cookies. */
async function signedIn(browser: Browser): Promise<Browser> {
  for (const url of gate.sites) {
    expect(seen((await browser.visit(`${url}/`, zoe)).page).title).toBe(BEHIND)
  }
  return browser.copy()
}

/** All sites refuse the cookies within the bound. */
async function expectLockedOut(stolen: Browser): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, REVOCATION_SECONDS * 1000))
  const answers = await Promise.all(gate.sites.map((url) => stolen.go(`${url}/`)))
  expect(answers.map(({ status }) => status)).toEqual([302, 302, 302])
}

/** The identity provider wants the password again, so its own session is over. */
async function expectAskedAgain(browser: Browser): Promise<void> {
  const { page, forms } = await browser.visit(`${gate.url}/`, zoe)
  expect(seen(page).title).toBe(BEHIND)
  expect(forms.some(({ fields }) => 'password' in fields)).toBe(true)
}

const linkOn = ({ text }: { readonly text: string }, id: string): string =>
  new RegExp(`id="${id}"\\s+href="([^"]*)"`).exec(text)?.[1]?.replaceAll('&amp;', '&') ?? 'none'

describe.each(products)('%s', (product) => {
  let connected: Connected
  beforeAll(async () => {
    const settings = ['--sign-requests', 'rsa-sha256']
    connected = await connect(gate, product, { signs: 'both' }, settings)
    const { id, idp } = connected
    if (product === 'samlp') {
      const [requestCertificate = null] = await certificatesFor(gate, id, 'signing')
      await idp.choose({ requestCertificate })
    }
    if (metadataReaders.includes(product)) {
      await idp.choose({ spMetadata: await metadataOf(gate, id) })
    }
  })
  afterAll(() => connected.disconnect())

  it('logs out by a LogoutRequest of ours, answers it, and three sites are shut', async () => {
    const browser = gate.browser()
    const stolen = await signedIn(browser)
    const logout = gate.url + LOGOUT
    expect((await browser.go(logout)).text).toContain('value="idp"')
    const out = await browser.submit(logout, logout, { scope: 'idp' })
    const { page, steps } = await browser.visit(linkOn(out, 'onward'), zoe)
    expect(page.url, steps.join('\n')).toBe(`${gate.loginUrl}${LOGOUT}/done`)
    expect(page.text).toContain(`You are signed out at ${connected.id} too.`)
    expect(gate.audit().at(-1)).toMatchObject({ audit: 'idp-logout-answered', status: 'all' })
    await expectLockedOut(stolen)
    await expectAskedAgain(browser)
  })

  it('logs out by itself, its LogoutRequest is answered, and three sites are shut', async () => {
    const browser = gate.browser()
    const stolen = await signedIn(browser)
    const { page, steps } = await browser.visit(connected.idp.logoutUrl, zoe)
    const sloUrl = sloOf({ url: gate.loginUrl }, connected.id).url
    expect(
      steps.filter((step) => step.startsWith(`GET ${sloUrl} 302`)).length,
      steps.join('\n'),
    ).toBe(1)
    expect(new URL(page.url).origin).toBe(new URL(connected.idp.ssoUrl).origin)
    const { signIns } = Object(gate.audit().findLast(({ audit }) => audit === 'idp-logout'))
    expect(signIns).toHaveLength(1)
    await expectLockedOut(stolen)
    await expectAskedAgain(browser)
  })
})

it('has said nothing that is secret', expectNoLeaks)
