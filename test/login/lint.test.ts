/** The lint of an identity provider, by sign-ins through the whole Worker. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { connectionLint } from '../../src/admin/connection-lint.ts'
import { parseConfig } from '../../src/config.ts'
import { guessIdp } from '../../src/connection/lint.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { act, context, valueOf } from '../admin/stage.ts'
import type { ResponseOptions } from '../../tools/signing/saml-signer.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, start } from './stage.ts'

beforeEach(async () => {
  await emptyStores()
  for (const table of ['attempts', 'taken']) await env.DB.exec(`DELETE FROM ${table}`)
})

const config = valueOf(parseConfig(configOf()))

interface Advice {
  readonly kind: string
  readonly text: string
  readonly change: string | null
}

async function lint() {
  const by = { ...context, config, now: toInstant(start.getTime()) }
  const { facts } = valueOf(await act(connectionLint, { connection: 'okta' }, { by }))
  const { advice, responses }: { advice: readonly Advice[]; responses: number } = JSON.parse(
    JSON.stringify(facts),
  )
  return { advice, responses, kinds: advice.map(({ kind }) => kind) }
}

async function lintAfter(fields: Partial<ResponseOptions>, idpEntityId?: string) {
  const stage = await createStage()
  await stage.signIn(stage.browser(), '/', fields)
  if (idpEntityId !== undefined) {
    await env.DB.prepare('UPDATE connections SET idp_entity_id = ?1').bind(idpEntityId).run()
  }
  return lint()
}

const names = { attributes: { groups: ['engineering', 'staff'] } }
const GUID = 'b3f1c2d4-0a1b-4c2d-8e3f-1234567890ab'

describe('the lint of an identity provider', () => {
  it('says so where no response is kept', async () => {
    await createStage()
    expect(await lint()).toMatchObject({ responses: 0 })
  })

  it('finds no fault with groups by name and a NameID that stays', async () => {
    expect((await lintAfter(names)).kinds).toEqual(['response-unsigned'])
  })

  it.each<[string, Partial<ResponseOptions>, string]>([
    ['no attribute has groups', { attributes: { email: ['a@b.example'] } }, 'no-groups'],
    ['the groups are object ids', { attributes: { groups: [GUID] } }, 'group-ids'],
    [
      'the groups were left out',
      {
        attributes: {
          'http://schemas.microsoft.com/claims/groups.link': ['https://graph.example'],
        },
      },
      'groups-left-out',
    ],
    [
      'the NameID is transient',
      { ...names, nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' },
      'name-id-transient',
    ],
    [
      'the NameID has no stated format',
      { ...names, nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified' },
      'name-id-unspecified',
    ],
    ['the clock is ahead', { ...names, now: new Date(start.getTime() + 40_000) }, 'clock'],
  ])('finds that %s', async (_, fields, kind) => {
    expect((await lintAfter(fields)).kinds).toContain(kind)
  })

  it('names the setting as the console of the identity provider does', async () => {
    const { advice } = await lintAfter(
      { attributes: { groups: [GUID] } },
      'https://sts.windows.net/b3f1c2d4-0a1b-4c2d-8e3f-1234567890ab/',
    )
    expect(advice.find(({ kind }) => kind === 'group-ids')?.change).toMatch(
      /^Entra ID: .*Add a group claim = Groups assigned/,
    )
  })

  it('finds that the directory does not have the person by the field that joins', async () => {
    const stage = await createStage(configOf(), { provisioning: 'scim' })
    await stage.signIn(stage.browser(), '/', names)
    const { advice } = await lint()
    expect(advice.find(({ kind }) => kind === 'nobody-matches')?.text).toContain('userName')
  })

  it('believes no response whose signature does not hold', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    const forged = btoa(atob(await stage.respond(asked)).replace('zoe@', 'eve@'))
    await stage.post(browser, forged, asked.relayState)
    expect(await lint()).toMatchObject({ responses: 0 })
  })
})

it.each([
  ['http://www.okta.com/exk1', 'okta'],
  ['https://app.onelogin.com/saml/metadata/1', 'onelogin'],
  ['https://sts.windows.net/b3f1/', 'entra'],
  ['https://accounts.google.com/o/saml2?idpid=C1', 'google'],
  ['https://id.example.com/realms/staff', 'keycloak'],
  ['https://evil.example/?www.okta.com', 'generic'],
])('the entity ID %s is of %s', (idpEntityId, idp) => {
  expect(guessIdp({ idpEntityId })).toBe(idp)
})
