/** Single logout with the demo's identity provider, on three sites, in a real browser. */
import { deflateRawSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { accessibilityFaults } from './accessibility.ts'
import {
  fieldsOf,
  headingOf,
  press,
  signIn,
  untilRefused,
  useStage,
  type Visitor,
} from './stage.ts'

const stage = useStage({ revocationSeconds: 2 })
const sites = () => [stage.demo.siteUrl, ...stage.demo.moreSites.map(({ url }) => url)]

/** Ada, with a session at each of the three sites. */
async function visitAll(): Promise<Visitor> {
  const visitor = await stage.visit()
  await signIn(visitor.page, stage.demo, 'Ada Lovelace')
  for (const site of sites()) {
    await visitor.page.goto(site)
    await visitor.page.waitForURL(`${site}/`)
  }
  return visitor
}

async function expectOutEverywhere(page: Page): Promise<void> {
  for (const site of sites()) {
    await untilRefused(page, site)
    await page.goto(site)
    await page.waitForURL(`${stage.demo.idpUrl}/sso?SAMLRequest=*`)
    expect(await headingOf(page)).toBe('Who are you?')
  }
}

describe('a person', () => {
  it.each([
    ['the login host', 0, 'Sign out here and at Northwind ID'],
    ['another site', -1, 'Sign out of all sites and at Northwind ID'],
  ])('signs out of all sites and at the identity provider, from %s', async (_, at, button) => {
    const { page } = await visitAll()
    await page.goto(`${sites().at(at)}/.gatehouse/logout`)
    expect(await accessibilityFaults(page)).toEqual([])
    await press(page, button)
    await page.getByText('You are signed out at Northwind ID too.').waitFor()
    await expectOutEverywhere(page)
  })

  it('signs out at the identity provider, and is out at all sites', async () => {
    const { page } = await visitAll()
    await page.goto(stage.demo.idpUrl)
    await press(page, 'Sign out here and of all apps')
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    expect(page.url()).toContain(`${stage.demo.idpUrl}/slo?SAMLResponse=`)
    await expectOutEverywhere(page)
  })
})

it('a LogoutRequest that nobody signed is refused by the identity provider', async () => {
  const { page, answers } = await stage.visit({ refusals: [400] })
  await signIn(page, stage.demo, 'Ada Lovelace')
  const answer = Buffer.from(fieldsOf(answers[0])['SAMLResponse'] ?? '', 'base64').toString()
  const [, index] = /SessionIndex="([^"]+)"/.exec(answer) ?? []
  expect(index).toBeDefined()
  const saml = 'urn:oasis:names:tc:SAML:2.0'
  const xml = `<p:LogoutRequest xmlns:p="${saml}:protocol" xmlns:a="${saml}:assertion" ID="_1" Version="2.0" IssueInstant="${new Date().toISOString()}"><a:Issuer>${stage.demo.siteUrl}/.gatehouse/saml/northwind/metadata</a:Issuer><a:NameID>nw-1815</a:NameID><p:SessionIndex>${index}</p:SessionIndex></p:LogoutRequest>`
  const query = new URLSearchParams({ SAMLRequest: deflateRawSync(xml).toString('base64') })
  await page.goto(`${stage.demo.idpUrl}/slo?${query.toString()}`)
  expect(await headingOf(page)).toBe('Nobody was signed out')
  await page.goto(stage.demo.idpUrl)
  expect(await headingOf(page)).toBe('Your apps')
})
