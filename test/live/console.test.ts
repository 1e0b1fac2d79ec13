/**
 * What operators do in the console, from nothing on, in Chromium and with SimpleSAMLphp. Each journey
 * begins where the one before it ended. What they enter at SimpleSAMLphp is what the pages show.
 */
import { readFile } from 'node:fs/promises'
import type { Browser as Chromium, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../../src/admin/operations.ts'
import { pages } from '../../src/console/pages.ts'
import { CONSOLE_PATH, HANDOVER_PATH } from '../../src/lib/paths.ts'
import {
  keepAnswerSecret,
  keepCookiesSecret,
  keepSecret,
  said,
} from '../../tools/stage/evidence.ts'
import { startIdp as startDemoIdp, type Idp as DemoIdp } from '../../demo/idp/app.ts'
import { launchChromium } from '../browser/chromium.ts'
import { explore } from '../browser/explore.ts'
import { BEHIND, openGate, REVOCATION_SECONDS, type Gate } from './gate.ts'
import { newCertificate, startIdp, type Idp } from './idp.ts'
import { bob, zoe, type Person } from './people.ts'
import { expectNoLeaks } from './stage.ts'

let gate: Gate
let chromium: Chromium
const idps: Idp[] = []
const contexts: BrowserContext[] = []
/** Of the administrator, who comes by a link. */
let admin: Page
/** Of Bob, who works at the site. */
let worker: Page
/** The demo's identity provider. Here it is the directory alone. */
let demoIdp: DemoIdp
/** Of the person who runs it. */
let directory: Page

beforeAll(async () => {
  gate = await openGate(undefined, {
    owner: { group: 'admins', connection: 'sso' },
    auditor: { group: 'users', connection: 'sso' },
  })
  chromium = await launchChromium()
  demoIdp = await startDemoIdp(0, { url: gate.url, isDemos: false }, REVOCATION_SECONDS)
  admin = await openBrowser()
  worker = await openBrowser()
  directory = await openBrowser()
})
afterEach(async () => {
  for (const context of contexts) {
    const cookies = await context.cookies([gate.url, gate.loginUrl])
    keepCookiesSecret(cookies.map(({ name, value }) => `${name}=${value}`))
  }
})
afterAll(async () => {
  await chromium.close()
  for (const idp of idps) await idp.stop()
  await demoIdp.stop()
  await gate.close()
})

/** Of somebody else. What its pages say is looked through for secrets. */
async function openBrowser(): Promise<Page> {
  const context = await chromium.newContext()
  contexts.push(context)
  context.on('request', (sent) => {
    const answer = new URLSearchParams(sent.postData() ?? '').get('SAMLResponse')
    if (answer !== null) keepAnswerSecret(answer)
  })
  return context.newPage()
}

const open = async (page: Page, path: string) => {
  const answer = await page.goto(gate.loginUrl + CONSOLE_PATH + path)
  said.push(await page.content())
  return answer?.status()
}
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click()
const follow = (page: Page, name: string) => page.getByRole('link', { name }).click()
const card = (page: Page, title: string) =>
  page.locator('section.card').filter({ has: page.getByRole('heading', { name: title }) })
const step = (page: Page, title: string) => page.locator('ol.steps li').filter({ hasText: title })
/** What stands beside a button "Copy". */
const copied = (page: Page, label: string): Promise<string> =>
  page.locator('.copy').filter({ hasText: label }).first().locator('code').innerText()
const message = (page: Page) => page.locator('.message').first()

/** At the page of SimpleSAMLphp. */
async function logIn(page: Page, { uid, password }: Person): Promise<void> {
  await page.locator('input[name=username]').fill(uid)
  await page.locator('input[name=password]').fill(password)
  await page.locator('input[name=password]').press('Enter')
}

/** As its administrator configures it by the values of the set-up page. */
async function configureIdp(page: Page): Promise<Idp> {
  const sp = {
    entityId: await copied(page, 'SP entity ID, Audience'),
    acsUrl: await copied(page, 'ACS URL, Recipient, Destination'),
  }
  const sloUrl = await copied(page, 'Single logout URL, by HTTP-Redirect or HTTP-POST')
  const idp = await startIdp('SimpleSAMLphp', { sp: { ...sp, sloUrl }, signs: 'both' })
  idps.push(idp)
  return idp
}

const isBehind = (page: Page) => page.getByText(BEHIND, { exact: true }).waitFor()

describe('an administrator', () => {
  it('enters by a one-time link, which works once', async () => {
    const made = JSON.stringify(await gate.command(['admin', 'link']))
    const [link = ''] = /http:[^"]+\/enter\?code=[\w-]+/.exec(made) ?? []
    await admin.goto(link)
    await press(admin, 'Enter')
    await admin.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
    await worker.goto(link)
    await worker.getByRole('heading', { name: 'This link no longer works' }).waitFor()
  })

  it('connects SimpleSAMLphp from nothing by what the set-up page shows', async () => {
    await follow(admin, 'Connections')
    await follow(admin, 'Add a connection')
    await follow(admin, 'Another identity provider')
    const begin = card(admin, 'Begin')
    expect(await begin.getByLabel('Id').inputValue()).toBe('sso')
    await begin.getByLabel('Name').fill('SimpleSAMLphp')
    await press(admin, 'Go on to the set-up page')
    await admin.getByRole('heading', { name: 'Set up SimpleSAMLphp' }).waitFor()

    const idp = await configureIdp(admin)
    await admin.getByLabel('File').setInputFiles(idp.metadataFile)
    await press(admin, 'Give metadata')
    await step(admin, 'Give the metadata').getByText('done').waitFor()
    expect(await card(admin, 'Metadata of').innerText()).toContain(idp.entityId)
    expect(await step(admin, 'Sign in').innerText()).toContain('open')
  })

  it('tests a sign-in, which shows every check and signs nobody in', async () => {
    await press(admin, 'Test a sign-in')
    const [tab] = await Promise.all([
      admin.context().waitForEvent('page'),
      follow(admin, 'Begin the test'),
    ])
    await press(tab, 'Start the test')
    await logIn(tab, zoe)
    await tab.getByRole('heading', { name: 'The test is done' }).waitFor()
    await follow(tab, 'See every check')
    await tab.getByText('This was a test: nobody was signed in.').waitFor()
    const checks = card(tab, 'Checks').getByRole('listitem')
    expect(await checks.count()).toBeGreaterThan(10)
    for (const check of await checks.all()) expect(await check.innerText()).toContain('Passed')
    expect(await card(tab, 'Message').innerText()).toContain(zoe.mail)
    said.push(await tab.content())
    const cookies = await tab.context().cookies([gate.url, gate.loginUrl])
    expect(cookies.map(({ name }) => name)).toEqual(['__Host-gatehouse-admin'])
    await tab.close()
  })

  it('sees the set-up page tick itself off when the first person signs in', async () => {
    await open(admin, '/connections/sso/set-up')
    await worker.goto(`${gate.url}/wiki`)
    await logIn(worker, bob)
    await isBehind(worker)
    // It looks again by itself.
    await step(admin, 'Sign in').getByText('The last one').waitFor()
    await step(admin, 'Enter our addresses').getByText('done').waitFor()
  })
})

describe('the directory', () => {
  /** At the pages of the demo's identity provider. */
  const sent = async (title: string) => {
    const notice = directory.getByRole('status')
    await notice.getByRole('heading', { name: `Done: ${title}`, exact: true }).waitFor()
    said.push(await directory.content())
  }
  const stateOf = async (name: string) => {
    await open(admin, '/people?search=car')
    await follow(admin, name)
    return card(admin, 'State')
  }

  it('is connected by the address and the token that its page shows once', async () => {
    await open(admin, '/connections/sso')
    await follow(admin, 'Directory')
    await admin.getByLabel('Label').fill('A directory')
    await press(admin, 'Make the token')
    const token = await copied(admin, 'The secret')
    keepSecret(token)
    const baseUrl = await copied(admin, 'SCIM base URL')
    await admin.reload()
    expect(await admin.locator('main').innerText()).not.toContain(token)

    await directory.goto(`${demoIdp.url}/directory`)
    await follow(directory, 'Where changes are sent')
    await directory.getByLabel('SCIM base URL').fill(baseUrl)
    await directory.getByLabel('Token').fill(token)
    await press(directory, 'Connect')
    await directory.getByRole('heading', { name: 'People and groups' }).waitFor()
    expect(await directory.content()).not.toContain(token)
  })

  it('provisions a person and a group, and the set-up page ticks itself off', async () => {
    await follow(directory, 'Add a person')
    for (const [label, text] of [
      ['Given name', 'Carol'],
      ['Family name', 'Jones'],
      ['User name', 'carol'],
      ['Email', 'carol@example.com'],
    ] as const) {
      await directory.getByLabel(label).fill(text)
    }
    await press(directory, 'Add the person')
    await sent('Add Carol Jones')
    await directory.getByLabel('Name of a new group').fill('staff')
    await press(directory, 'Add the group')
    await sent('Add the group staff')
    await directory.getByRole('link', { name: 'staff', exact: true }).click()
    await press(directory, 'Put in Carol Jones')
    await sent('Put Carol Jones in staff')

    await (await stateOf('Carol Jones')).getByText('Active').waitFor()
    await open(admin, '/groups')
    await follow(admin, 'staff')
    await card(admin, 'Members').getByText('carol', { exact: true }).waitFor()
    await open(admin, '/connections/sso/set-up')
    expect(await step(admin, 'Let the directory send people').innerText()).toContain('done')
    await open(admin, '/directory/sso')
    expect(await card(admin, 'Last requests').innerText()).toMatch(/PATCH \/Groups\/\S+\s+204/)
  })

  it('says who would lose access, on its page and on the overview', async () => {
    // Bob has signed in, and the directory has not sent him.
    expect(await card(admin, 'Drift').innerText()).toContain('1 person would lose access')
    await open(admin, '')
    await card(admin, 'Drift').getByText('1 person would lose access').waitFor()
  })

  it('deactivates a person and takes them back, and the console shows both', async () => {
    await directory.goto(`${demoIdp.url}/directory`)
    await press(directory, 'Deactivate Carol Jones')
    await sent('Deactivate Carol Jones')
    await (await stateOf('Carol Jones')).getByText('Deactivated', { exact: true }).waitFor()
    await press(directory, 'Reactivate Carol Jones')
    await sent('Reactivate Carol Jones')
    await (await stateOf('Carol Jones')).getByText('Active').waitFor()
  })

  it('has people whom the console disables, and enables again by Undo', async () => {
    await open(admin, '/people?search=carol')
    await follow(admin, 'Carol Jones')
    await press(admin, 'Disable carol')
    await card(admin, 'State').getByText('Disabled').waitFor()
    await press(admin, 'Undo')
    await card(admin, 'State').getByText('Active').waitFor()
  })
})

describe('a certificate of the connection that is another one', () => {
  let right = ''
  let refused: Page
  const why = 'has the IdP changed its certificate?'
  const addCertificate = async (pem: string) => {
    await open(admin, '/connections/sso')
    await admin.getByText('Add the next certificate beside').click()
    await admin.getByLabel('Certificate', { exact: true }).fill(pem)
    await press(admin, 'Add')
    await admin
      .getByRole('button', { name: /^Remove certificate/ })
      .nth(1)
      .waitFor()
  }
  /** The oldest. The one that is left has no such button. */
  const removeFirst = async () => {
    const buttons = admin.getByRole('button', { name: /^Remove certificate/ })
    await buttons.first().click()
    await buttons.first().waitFor({ state: 'detached' })
  }

  it('stops people at the door, with a number', async () => {
    right = await readFile(idps[0]?.certificateFile ?? '', 'utf8')
    await addCertificate((await newCertificate()).certificate)
    await removeFirst()
    refused = await openBrowser()
    await refused.goto(`${gate.url}/wiki`)
    await logIn(refused, zoe)
    await refused.locator('footer code').waitFor()
    said.push(await refused.content())
    expect(await refused.locator('main').innerText()).not.toContain('signature')
  })

  it('is found in the console by that number, with what to do', async () => {
    const number = await refused.locator('footer code').innerText()
    await open(admin, '')
    expect(await card(admin, 'Last refusals').innerText()).toContain(why)
    await open(admin, '/sign-ins')
    await admin.getByLabel('Search').fill(number)
    await press(admin, 'Search')
    await admin.getByRole('heading', { name: 'Sign-in', exact: true }).waitFor()
    said.push(await admin.content())
    expect(await message(admin).innerText()).toContain(why)
    expect(await card(admin, 'What is known').innerText()).toContain('signature-mismatch')
    const certificates = card(admin, 'Certificates that came along')
    await certificates.getByRole('cell', { name: 'No', exact: true }).waitFor()
    await message(admin).getByRole('link', { name: 'The page of sso' }).click()
    await card(admin, 'Certificates').getByText('Add the next certificate beside').waitFor()
  })

  it('is replaced by the right one beside it, and nobody is signed out', async () => {
    await addCertificate(right)
    await refused.goto(`${gate.url}/wiki`)
    await isBehind(refused)
    await open(admin, '/connections/sso')
    await removeFirst()
    await worker.goto(`${gate.url}/still-here`)
    await isBehind(worker)
    const again = await openBrowser()
    await again.goto(gate.url)
    await logIn(again, bob)
    await isBehind(again)
  })
})

describe('an auditor', () => {
  it('reads every page, and finds no form that changes anything', async () => {
    await worker.goto(gate.loginUrl + CONSOLE_PATH)
    expect(await worker.locator('header').innerText()).toContain('auditor')
    const { found, dead } = await explore(worker, gate.loginUrl, 1)
    expect(dead).toEqual([])
    // There is no webhook.
    const readable = pages.filter(
      ({ scope, path }) => scope === 'read' && path !== '/settings/webhooks/:id',
    )
    expect([...found.values()].toSorted()).toEqual(readable.map(({ path }) => path).toSorted())
    for (const address of found.keys()) {
      await worker.goto(gate.loginUrl + address)
      const forms = worker.locator('main form[method=post]')
      expect([address, await forms.count()]).toEqual([address, 0])
    }
    for (const { path } of pages.filter(({ scope }) => scope !== 'read')) {
      expect([path, await open(worker, path.replace(':id', 'sso'))]).toEqual([path, 403])
    }
  })

  it('is refused each change that is sent by hand', async () => {
    const changes = operations.filter((each) => each.changes).map(({ name }) => name)
    expect(changes.length).toBeGreaterThan(20)
    const sent = await worker.evaluate<readonly number[]>(
      `Promise.all(${JSON.stringify(changes)}.map((name) =>
        fetch('${CONSOLE_PATH}/do/' + name.replaceAll(' ', '-'), {
          method: 'POST',
          body: new URLSearchParams({ id: 'sso', connection: 'sso', user: 'carol', yes: 'true' }),
        }).then(({ status }) => status)))`,
    )
    expect(sent).toEqual(changes.map(() => 403))
  })
})

describe("a customer's IT", () => {
  let customer: Page

  it('gets a hand-over link that opens one set-up page and nothing else', async () => {
    await open(admin, '/connections/new?for=generic')
    await card(admin, 'Begin').getByLabel('Id').fill('acme')
    await card(admin, 'Begin').getByLabel('Name').fill('Acme')
    await press(admin, 'Go on to the set-up page')
    await open(admin, '/connections/acme')
    await admin.getByText('Make a link').click()
    await admin.getByLabel('For', { exact: true }).fill('Ada at Acme')
    await admin.getByLabel('They may make one SCIM token').check()
    await press(admin, 'Make the link')
    const link = await copied(admin, 'The secret')
    keepSecret(new URL(link).searchParams.get('code'))

    customer = await openBrowser()
    await customer.goto(link)
    await press(customer, 'Open')
    await customer.getByRole('heading', { name: 'Set up Acme' }).waitFor()
    expect(await customer.locator('body').innerText()).not.toMatch(/SimpleSAMLphp|Carol|sso/)
    const answers = await customer.evaluate<readonly string[]>(
      `Promise.all(${JSON.stringify(pages.map(({ path }) => path.replace(/:\w+/, 'sso')))}.map((path) =>
        fetch('${CONSOLE_PATH}' + path, { redirect: 'manual' }).then(({ type }) => type)))`,
    )
    // Sent to sign in, each time.
    expect(answers).toEqual(pages.map(() => 'opaqueredirect'))
  })

  it('sets its identity provider up with it, tries it, and ends it', async () => {
    const idp = await configureIdp(customer)
    await customer.getByLabel('File').setInputFiles(idp.metadataFile)
    await press(customer, 'Give metadata')
    await step(customer, 'Give the metadata').getByText('done').waitFor()
    await press(customer, 'Make the token')
    keepSecret(await copied(customer, 'The secret'))
    await press(customer, 'Test a sign-in')
    const [tab] = await Promise.all([
      customer.context().waitForEvent('page'),
      follow(customer, 'Begin the test'),
    ])
    await press(tab, 'Start the test')
    await logIn(tab, bob)
    await tab.getByRole('heading', { name: 'The test is done' }).waitFor()
    await press(customer, 'I am done')
    await customer.getByRole('heading', { name: 'Thank you' }).waitFor()
    const answer = await customer.goto(gate.loginUrl + HANDOVER_PATH)
    expect(answer?.status()).toBe(403)
    await open(admin, '/connections/acme')
    await card(admin, 'Hand-over').getByText('Done').waitFor()
  })
})

it('has said nothing that is secret', expectNoLeaks)
