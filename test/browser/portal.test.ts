/** Answers that the site did not ask for: tiles of a portal, and what an attacker makes of them. */
import { describe, expect, it } from 'vitest'
import {
  type Visitor,
  acsUrl,
  choosePerson,
  eventually,
  fieldsOf,
  forgetPerson,
  headingOf,
  postFromElsewhere,
  sessionsOpened,
  signIn,
  useStage,
} from './stage.ts'

const stage = useStage()

/** What the provider sends for a tile: a valid answer that nobody asked for. */
async function launch({ page, answers }: Visitor, person: string, tile: string): Promise<void> {
  await page.goto(stage.demo.idpUrl)
  await choosePerson(page, person)
  await page.getByRole('button', { name: tile }).click()
  await expect.poll(() => answers.length, eventually).toBeGreaterThan(0)
}

describe('a tile of the identity provider', () => {
  it('leads where it points, by a sign-in that the site asked for', async () => {
    const visitor = await stage.visit()
    const { siteUrl, idpUrl } = stage.demo
    const asked = visitor.page.waitForRequest((request) =>
      request.url().startsWith(`${idpUrl}/sso?SAMLRequest=`),
    )
    await launch(visitor, 'Ada Lovelace', 'For engineering only')
    await asked
    await visitor.page.waitForURL(`${siteUrl}/engineering?from=tile`)
    expect(await headingOf(visitor.page)).toBe('For engineering only')
    expect(visitor.answers.map((answer) => fieldsOf(answer)['RelayState'])).toEqual([
      '/engineering?from=tile',
      expect.stringMatching(/^gh-/),
    ])
  })

  it('leads nowhere but to the site, whatever it says', async () => {
    const attacker = await stage.visit()
    await launch(attacker, 'Ada Lovelace', 'The home page')
    const { SAMLResponse = '' } = fieldsOf(attacker.answers[0])
    const { page } = await stage.visit()
    await signIn(page, stage.demo, 'Ada Lovelace', '/notes')
    for (const elsewhere of ['https://evil.example/', '//evil.example/', '/\\evil.example']) {
      await postFromElsewhere(page, acsUrl(stage.demo), { SAMLResponse, RelayState: elsewhere })
      await page.waitForURL(`${stage.demo.siteUrl}/`)
      expect(await headingOf(page)).toBe('Hello, Ada Lovelace')
    }
  })
})

describe('an answer about an attacker', () => {
  it('signs nobody in as the attacker: the provider is asked who this is', async () => {
    const attacker = await stage.visit()
    await launch(attacker, 'Grace Hopper', 'The home page')
    await attacker.page.waitForURL(`${stage.demo.siteUrl}/`)
    const { SAMLResponse = '' } = fieldsOf(attacker.answers[0])
    const opened = await sessionsOpened(stage.demo)

    const stranger = await stage.visit()
    await postFromElsewhere(stranger.page, acsUrl(stage.demo), { SAMLResponse, RelayState: '/' })
    await stranger.page.getByRole('heading', { name: 'Who are you?' }).waitFor()
    expect(await sessionsOpened(stage.demo)).toBe(opened)
    await choosePerson(stranger.page, 'Zoë Ångström')
    await stranger.page.waitForURL(`${stage.demo.siteUrl}/`)
    expect(await headingOf(stranger.page)).toBe('Hello, Zoë Ångström')
  })

  it('leaves who is signed in as they are', async () => {
    const attacker = await stage.visit()
    await launch(attacker, 'Grace Hopper', 'The home page')
    const { SAMLResponse = '' } = fieldsOf(attacker.answers[0])

    const { page } = await stage.visit()
    await signIn(page, stage.demo, 'Ada Lovelace')
    await postFromElsewhere(page, acsUrl(stage.demo), { SAMLResponse })
    await page.waitForURL(`${stage.demo.siteUrl}/`)
    expect(await headingOf(page)).toBe('Hello, Ada Lovelace')
  })

  it('counts for nobody else with the number of a login that the attacker began', async () => {
    const attacker = await stage.visit()
    await attacker.page.route(acsUrl(stage.demo), (route) => route.abort('aborted'))
    await attacker.page.goto(`${stage.demo.siteUrl}/`)
    await choosePerson(attacker.page, 'Grace Hopper')
    await expect.poll(() => attacker.answers.length, eventually).toBe(1)
    const unused = fieldsOf(attacker.answers[0])

    const stranger = await stage.visit({ refusals: [400] })
    await postFromElsewhere(stranger.page, acsUrl(stage.demo), unused)
    await stranger.page.getByRole('heading', { name: 'Start again' }).waitFor()

    const victim = await stage.visit()
    await signIn(victim.page, stage.demo, 'Ada Lovelace')
    await postFromElsewhere(victim.page, acsUrl(stage.demo), unused)
    await victim.page.waitForURL(`${stage.demo.siteUrl}/`)
    expect(await headingOf(victim.page)).toBe('Hello, Ada Lovelace')

    // It was good, and still is where it belongs.
    await attacker.page.unroute(acsUrl(stage.demo))
    await postFromElsewhere(attacker.page, acsUrl(stage.demo), unused)
    await attacker.page.waitForURL(`${stage.demo.siteUrl}/`)
    expect(await headingOf(attacker.page)).toBe('Hello, Grace Hopper')
    await forgetPerson(attacker.page, stage.demo)
  })
})
