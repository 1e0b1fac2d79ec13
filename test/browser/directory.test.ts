/** The people and groups of the demo's identity provider, and who may come in by what they are there. */
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { accessibilityFaults } from './accessibility.ts'
import {
  choosePerson,
  claimOf,
  eventually,
  headingOf,
  postFromElsewhere,
  signIn,
  useStage,
} from './stage.ts'

const stage = useStage({ revocationSeconds: 1 })

const directory = () => `${stage.demo.idpUrl}/directory`

/** Somebody's window beside the directory's, signed in. */
async function visitAs(name: string, path = '/') {
  // An answer that is under way is broken off when the person's access ends.
  const complaint = /ERR_INCOMPLETE_CHUNKED_ENCODING/
  const visitor = await stage.visit({ refusals: [401, 403], complaint })
  await signIn(visitor.page, stage.demo, name, path)
  return visitor
}

/** At the directory, with or without scripts. */
async function visitDirectory(javaScript = true): Promise<Page> {
  const { page } = await stage.visit({ javaScript, refusals: [404, 409, 422] })
  await page.goto(directory())
  return page
}

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()
const follow = (page: Page, name: string): Promise<void> =>
  page.getByRole('main').getByRole('link', { name, exact: true }).click()
const done = (page: Page, title: string): Promise<void> =>
  page
    .getByRole('status')
    .getByRole('heading', { name: `Done: ${title}`, exact: true })
    .waitFor()

/** What a request of the page's own is answered with. */
const statusOf = (page: Page, path: string) =>
  expect.poll(
    () => page.evaluate<number>(`fetch('${path}').then((response) => response.status)`),
    eventually,
  )

async function fill(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, text] of Object.entries(fields)) await page.getByLabel(label).fill(text)
}

const kay = {
  'Given name': 'Katherine',
  'Family name': 'Johnson',
  'User name': 'katherine',
  Email: 'katherine@northwind.example',
}

async function addPerson(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  await page.goto(directory())
  await follow(page, 'Add a person')
  await fill(page, fields)
  await press(page, 'Add the person')
}

// What is shown of a token, or logged, could be used.
afterEach(() => {
  expect(stage.audit().map((line) => JSON.stringify(line))).not.toContainEqual(
    expect.stringContaining('gatehouse_scim_'),
  )
})

describe('the page of people and groups', () => {
  it('shows what was sent when the demo began, and what was answered, but no token', async () => {
    const page = await visitDirectory()
    const log = page.getByRole('region', { name: 'What was sent' })
    expect(await log.getByRole('heading', { level: 3 }).allInnerTexts()).toEqual([
      'Put Grace Hopper in operations',
      'Add the group operations',
      'Put Ada Lovelace in engineering',
      'Add the group engineering',
      'Put Ada Lovelace, Grace Hopper, Zoë Ångström in everyone',
      'Add the group everyone',
      'Add Zoë Ångström',
      'Add Grace Hopper',
      'Add Ada Lovelace',
    ])
    const first = log.getByRole('listitem').last()
    expect(await first.locator('.wire').innerText()).toMatch(/^POST \/Users\s+201 Created$/)
    await first.locator('summary').click()
    const words = await first.innerText()
    expect(words).toContain('POST /.gatehouse/scim/northwind/v2/Users')
    expect(words).toContain('Authorization: Bearer (not shown)')
    expect(words).toContain('"externalId": "nw-1815"')
    expect(await page.content()).not.toContain('gatehouse_scim_')
    expect(await page.getByRole('main').innerText()).toContain('Within 1 second ')
  })

  it('lets somebody in who was added there', async () => {
    const page = await visitDirectory()
    await addPerson(page, kay)
    await done(page, 'Add Katherine Johnson')
    const { page: window } = await visitAs('Katherine Johnson')
    expect(await headingOf(window)).toBe('Hello, Katherine Johnson')
    expect(await claimOf(window, 'email')).toBe('katherine@northwind.example')
  })

  it('says why somebody could not be added, and keeps what was typed', async () => {
    const page = await visitDirectory()
    await addPerson(page, { ...kay, 'User name': 'ADA' })
    const alert = page.getByRole('alert')
    await alert.getByRole('heading', { name: 'Not done: Add Katherine Johnson' }).waitFor()
    expect(await alert.innerText()).toContain(
      'Gatehouse answered 409 uniqueness: Another user has this userName.',
    )
    expect(await page.getByLabel('User name').inputValue()).toBe('ADA')
    expect(await accessibilityFaults(page)).toEqual([])
    await page.goto(directory())
    expect(await page.getByRole('region', { name: 'People' }).innerText()).not.toContain('ADA')

    await page.getByLabel('Name of a new group').fill('Operations')
    await press(page, 'Add the group')
    expect(await page.getByRole('alert').innerText()).toContain('409 uniqueness')
    expect(await page.getByLabel('Name of a new group').inputValue()).toBe('Operations')
  })

  it('takes another token only if Gatehouse knows it', async () => {
    const page = await visitDirectory()
    await follow(page, 'Where changes are sent')
    await page.getByLabel('Token').fill('gatehouse_scim_of_somebody_else')
    await press(page, 'Replace the token')
    await page.getByRole('alert').getByText('Gatehouse does not know this token.').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await page.content()).not.toContain('of_somebody_else')
    // The old one still counts.
    await page.goto(directory())
    await press(page, 'Deactivate Ada Lovelace')
    await done(page, 'Deactivate Ada Lovelace')
    await press(page, 'Reactivate Ada Lovelace')
    await done(page, 'Reactivate Ada Lovelace')
  })

  it('is not to be driven by another page', async () => {
    const { page } = await stage.visit({ refusals: [403] })
    for (const [path, fields] of [
      ['people/nw-1815/active', { active: 'no', from: 'list' }],
      ['people/nw-1815/remove', {}],
      ['groups', { name: 'intruders' }],
      ['application', { token: 'x' }],
    ] as const) {
      await postFromElsewhere(page, `${directory()}/${path}`, fields)
      await page.getByText('Forbidden').waitFor()
    }
    await page.goto(directory())
    expect(await page.getByRole('main').innerText()).not.toContain('intruders')
    await page.getByRole('button', { name: 'Deactivate Ada Lovelace' }).waitFor()
  })
})

describe('somebody who is signed in', () => {
  it('is refused when they are deactivated, and signs in anew when they are back', async () => {
    const page = await visitDirectory()
    const { page: window, context, answers } = await visitAs('Grace Hopper', '/live')
    await window.locator('#list li').first().waitFor()
    const cookies = await context.cookies(stage.demo.siteUrl)
    const old = cookies.filter(({ name }) => name === '__Host-gatehouse')
    expect(old).toHaveLength(1)

    await press(page, 'Deactivate Grace Hopper')
    await done(page, 'Deactivate Grace Hopper')
    await window.getByText('The stream is over').waitFor()
    await statusOf(window, '/me').toBe(401)
    await window.goto(`${stage.demo.siteUrl}/notes`)
    await window.getByRole('heading', { name: 'Your account is disabled' }).waitFor()
    expect(await window.getByRole('main').innerText()).toContain('grace@northwind.example')
    expect(await accessibilityFaults(window)).toEqual([])
    await expect
      .poll(() => stage.audit().findLast(({ audit }) => audit === 'login-refused'), eventually)
      .toMatchObject({ reason: 'user-disabled' })
    expect(answers).toHaveLength(2)

    await press(page, 'Reactivate Grace Hopper')
    await done(page, 'Reactivate Grace Hopper')
    await window.goto(`${stage.demo.siteUrl}/notes`)
    await expect.poll(() => answers.length, eventually).toBe(3)
    await window.waitForURL(`${stage.demo.siteUrl}/notes`)
    expect(await headingOf(window)).toBe('Launch notes')

    const thief = await stage.visit({ refusals: [401] })
    await thief.context.addCookies(old)
    await thief.page.goto(`${stage.demo.siteUrl}/public`)
    expect(await thief.page.evaluate(`fetch('/me').then((response) => response.status)`)).toBe(401)
  })

  it('is shut out of what is for a group when they are taken out of it, and of nothing else', async () => {
    const page = await visitDirectory()
    const { page: window, answers } = await visitAs('Ada Lovelace', '/engineering')
    await follow(page, 'engineering')
    await press(page, 'Take out Ada Lovelace')
    await done(page, 'Take Ada Lovelace out of engineering')

    await statusOf(window, '/engineering').toBe(403)
    await window.goto(`${stage.demo.siteUrl}/engineering`)
    expect(await headingOf(window)).toBe("You don't have access to this page")
    await window.goto(`${stage.demo.siteUrl}/live`)
    await expect.poll(() => window.locator('#groups').innerText(), eventually).toBe('everyone')

    await press(page, 'Put in Ada Lovelace')
    await done(page, 'Put Ada Lovelace in engineering')
    await expect
      .poll(() => window.locator('#groups').innerText(), eventually)
      .toBe('everyone, engineering')
    await statusOf(window, '/engineering').toBe(200)
    expect(answers).toHaveLength(1)
  })

  it('loses what is for the old name of a group, and the site is told the new one', async () => {
    const page = await visitDirectory()
    const { page: window } = await visitAs('Ada Lovelace', '/engineering')
    await follow(page, 'engineering')
    await page.getByLabel('Name').fill('platform')
    await press(page, 'Rename')
    await done(page, 'Rename engineering to platform')
    await statusOf(window, '/engineering').toBe(403)
    await window.goto(`${stage.demo.siteUrl}/`)
    expect(await claimOf(window, 'groups')).toBe('everyone, platform')

    await page.getByLabel('Name').fill('engineering')
    await press(page, 'Rename')
    await done(page, 'Rename platform to engineering')
    await statusOf(window, '/engineering').toBe(200)
  })

  it('is out when they are deleted, there and here', async () => {
    const page = await visitDirectory()
    await addPerson(page, {
      'Given name': 'Mary',
      'Family name': 'Jackson',
      'User name': 'mary',
      Email: 'mary@northwind.example',
    })
    await done(page, 'Add Mary Jackson')
    const { page: window } = await visitAs('Mary Jackson')
    await follow(page, 'Mary Jackson')
    await press(page, 'Delete Mary Jackson')
    await done(page, 'Delete Mary Jackson')
    await statusOf(window, '/me').toBe(401)
    await window.goto(`${stage.demo.siteUrl}/`)
    await window.getByRole('heading', { name: 'Who are you?' }).waitFor()
    await choosePerson(window, 'Zoë Ångström')
    await window.waitForURL(`${stage.demo.siteUrl}/`)
    expect(await headingOf(window)).toBe('Hello, Zoë Ångström')
  })
})

it('works without JavaScript', async () => {
  const page = await visitDirectory(false)
  await addPerson(page, {
    'Given name': 'Dorothy',
    'Family name': 'Vaughan',
    'User name': 'dorothy',
    Email: 'dorothy@northwind.example',
  })
  await done(page, 'Add Dorothy Vaughan')
  await page.getByLabel('Name of a new group').fill('visitors')
  await press(page, 'Add the group')
  await done(page, 'Add the group visitors')

  await follow(page, 'Dorothy Vaughan')
  await press(page, 'Put in everyone')
  await done(page, 'Put Dorothy Vaughan in everyone')
  await press(page, 'Put in visitors')
  await done(page, 'Put Dorothy Vaughan in visitors')
  await fill(page, { 'Family name': 'Vaughan-Smith', 'Job (optional)': 'Mathematician' })
  await press(page, 'Save')
  await done(page, 'Change Dorothy Vaughan')
  expect(await headingOf(page)).toBe('Dorothy Vaughan-Smith')
  // Loaded again, it changes nothing again.
  await page.reload()
  await done(page, 'Change Dorothy Vaughan')

  const { page: window } = await visitAs('Dorothy Vaughan-Smith')
  expect(await claimOf(window, 'groups')).toBe('everyone, visitors')
  await page.goto(directory())
  await follow(page, 'visitors')
  await press(page, 'Delete visitors')
  await done(page, 'Delete the group visitors')
  await expect
    .poll(async () => {
      await window.reload()
      return claimOf(window, 'groups')
    }, eventually)
    .toBe('everyone')
  await page.goto(directory())
  await press(page, 'Deactivate Dorothy Vaughan-Smith')
  await done(page, 'Deactivate Dorothy Vaughan-Smith')
  await statusOf(window, '/me').toBe(401)
})

describe.each(['light', 'dark'] as const)('its pages (%s)', (colorScheme) => {
  it('can be read by all and used without a mouse', async () => {
    const { page } = await stage.visit({ colorScheme, refusals: [404, 409] })
    const isGood = async () => expect(await accessibilityFaults(page)).toEqual([])
    await page.goto(directory())
    await isGood()
    await press(page, 'Deactivate Zoë Ångström')
    await done(page, 'Deactivate Zoë Ångström')
    await page.evaluate(
      `for (const whole of document.querySelectorAll('details')) whole.open = true`,
    )
    await isGood()
    await page.goto(stage.demo.idpUrl)
    await page.getByRole('button', { name: /Zoë Ångström.*deactivated/ }).waitFor()
    await isGood()
    await page.goto(directory())
    await follow(page, 'Zoë Ångström')
    await isGood()
    await press(page, 'Reactivate Zoë Ångström')
    await done(page, 'Reactivate Zoë Ångström')

    await page.goto(directory())
    await follow(page, 'everyone')
    await isGood()
    await page.getByLabel('Name').fill('operations')
    await press(page, 'Rename')
    await page.getByRole('alert').waitFor()
    await isGood()
    await page.goto(`${directory()}/people/new`)
    await isGood()
    await page.goto(`${directory()}/application`)
    await isGood()
    await page.goto(`${directory()}/people/nobody`)
    expect(await headingOf(page)).toBe('Not here any more')
    await isGood()
  })
})
