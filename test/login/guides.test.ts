/** Each guide's join rule, tried on the person of the guide's own table. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/connection/connection.ts'
import type { JoinRule } from '../../src/directory/join.ts'
import { addProvisioned, changeProvisioned } from '../support/directory.ts'
import { blocksOf, codesOf, rowsBehind, wordsOf } from '../support/guide.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { createTestIdp, type ResponseOptions } from '../../tools/signing/saml-signer.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, refusals, SITE } from './stage.ts'

const texts = import.meta.glob('../../docs/guides/*.md', {
  query: '?raw',
  eager: true,
  import: 'default',
})
const textOf = (guide: string): string => texts[`../../docs/guides/${guide}.md`] ?? ''

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

interface Rules {
  readonly join: JoinRule
  readonly subject: Connection['settings']['subject']
}

/** The rules of a new connection that was made with a guide's commands. */
function rulesOf(guide: string): Rules {
  const words = blocksOf(textOf(guide)).flatMap(({ language, text }) =>
    language === 'sh' ? text.split('\n').flatMap((line) => wordsOf(line) ?? []) : [],
  )
  const given = (option: string) =>
    words.includes(option) ? (words[words.indexOf(option) + 1] ?? '') : null
  const rules = ['user-name', 'external-id', 'email'] as const
  const join = rules.find((rule) => rule === (given('--join') ?? 'user-name'))
  if (!join) throw new Error(`${guide} has a rule that there is not`)
  const name = given('--subject-attribute')
  return { join, subject: name === null ? { from: 'name-id' } : { from: 'attribute', name } }
}

/** The person in the guide's table. */
function personOf(guide: string, title: string) {
  const posted = rowsBehind(textOf(guide), `### What ${title}`)
    .map(([, sent = '']) => codesOf(sent))
    .find(([line]) => line === 'POST /Users')?.[1]
  const { userName, externalId, emails }: Record<string, unknown> = JSON.parse(posted ?? '{}')
  return { userName: String(userName), externalId: String(externalId), emails }
}

async function open(guide: string, rules: Rules = rulesOf(guide)) {
  const { settings } = connectionOf(await createTestIdp())
  const directory = { ...settings.directory, join: rules.join }
  return createStage(configOf(), {
    provisioning: 'scim',
    settings: { ...settings, subject: rules.subject, directory },
  })
}

const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier'

describe('by the guide of', () => {
  type Person = ReturnType<typeof personOf>
  it.each<[string, string, (person: Person) => Partial<ResponseOptions>]>([
    ['okta', 'Okta sends', ({ userName }) => ({ nameId: userName })],
    ['onelogin', 'OneLogin sends', ({ userName }) => ({ nameId: userName })],
    [
      'entra',
      'Entra sends',
      ({ externalId }) => ({ nameId: 'x@example.com', attributes: { [OBJECT_ID]: [externalId] } }),
    ],
    ['generic', 'it may send', ({ externalId }) => ({ nameId: externalId })],
  ])('%s a sign-in means the person who was sent, until they are out', async (guide, title, as) => {
    const person = personOf(guide, title)
    const stage = await open(guide)
    const id = await addProvisioned({ ...person })
    const browser = stage.browser()
    await stage.signIn(browser, '/', as(person))
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
    expect(stage.audit()).toContainEqual(expect.objectContaining({ audit: 'login', user: id }))

    await changeProvisioned(id, { active: false })
    const refused = await stage.signIn(stage.browser(), '/', as(person))
    expect(await refused.text()).toContain('Your account is disabled')
    expect(refusals(stage)).toMatchObject([{ reason: 'user-disabled' }])
  })
})

describe('a guest of Entra ID', () => {
  // A guest: the sign-in has the UPN of their own tenant, the directory has that of this tenant.
  const guest = {
    userName: 'eve_other.com#EXT#@example.onmicrosoft.com',
    externalId: '5f0e5a0c-90a8-4b0e-8b8f-0d8d0d6c2a11',
  }
  const said = { nameId: 'eve@other.com', attributes: { [OBJECT_ID]: [guest.externalId] } }

  it('is somebody by the object id, as the guide has it', async () => {
    const stage = await open('entra')
    await addProvisioned(guest)
    const browser = stage.browser()
    await stage.signIn(browser, '/', said)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
  })

  it('is nobody by the default of Entra ID, as the guide has it', async () => {
    const stage = await open('entra', { join: 'user-name', subject: { from: 'name-id' } })
    await addProvisioned(guest)
    const refused = await stage.signIn(stage.browser(), '/', said)
    expect(await refused.text()).toContain('no account for you')
    expect(refusals(stage)).toMatchObject([{ reason: 'not-provisioned' }])
  })
})
