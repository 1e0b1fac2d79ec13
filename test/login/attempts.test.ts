/** What is kept of attempts to sign in, from the outside: an operator asks by the visitor's number. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { signInList, signInShow } from '../../src/admin/sign-ins.ts'
import type { GatehouseConfig } from '../../src/config.ts'
import { findUsers, setUserActive } from '../../src/directory/sign-in-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { fingerprintOf, parseCertificate } from '../../src/saml/certificate.ts'
import { toPosted, type ResponseOptions } from '../../tools/signing/saml-signer.ts'
import { act, context, refusalOf, valueOf } from '../admin/stage.ts'
import { failsAt } from '../support/binding.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, SITE, start, type Stage } from './stage.ts'

const ACS = `${SITE}/.gatehouse/saml/okta/acs`

beforeEach(async () => {
  await emptyStores()
  for (const table of ['attempts', 'taken', 'audit']) await env.DB.exec(`DELETE FROM ${table}`)
})

const withMode = (attempts: GatehouseConfig['attempts']): GatehouseConfig => ({
  ...configOf(),
  attempts,
})

const numberOn = async (response: Response): Promise<string> =>
  /Request number <code>([^<]*)/.exec(await response.text())?.[1] ?? ''

interface Row extends Record<string, unknown> {
  readonly id: string
  readonly pool: string
  readonly document: string | null
}

const kept = async () =>
  (await env.DB.prepare('SELECT * FROM attempts ORDER BY at, pool DESC, nth').all<Row>()).results

interface Shown extends Record<string, unknown> {
  readonly steps: readonly { readonly check: string; readonly outcome: string }[]
  readonly document: readonly string[] | null
}

const by = { ...context, now: toInstant(start.getTime()) }

async function show(number: string): Promise<Shown> {
  const { facts } = valueOf(await act(signInShow, { number }, { by }))
  return JSON.parse(JSON.stringify(facts))
}

const failedIn = ({ steps }: Shown) =>
  steps.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check)

const list = async (typed: Readonly<Record<string, string>> = {}) => {
  const { facts } = valueOf(await act(signInList, typed, { by }))
  const { attempts }: { attempts: { reason: string | null; person: string | null }[] } = JSON.parse(
    JSON.stringify(facts),
  )
  return attempts.map(({ reason, person }) => [reason, person])
}

const secretValues = {
  groups: ['engineering'],
  'session-token': ['tok-123456'],
  bearer: ['y'.repeat(400)],
}

describe('a sign-in that is accepted', () => {
  it('leaves every check, and the assertion without the values of attributes', async () => {
    const stage = await createStage()
    await stage.signIn(stage.browser(), '/', {
      nameId: 'ada@example.test',
      attributes: { ...secretValues, department: ['Research 7'] },
      sessionIndex: 'index-of-the-idp',
    })
    const [row] = await kept()
    expect(row).toMatchObject({ reason: null, person: 'ada@example.test', connection: 'okta' })
    const shown = await show(row?.id ?? '')
    expect(shown).toMatchObject({ isAccepted: true, kind: 'sign-in', explained: null })
    expect(new Set(shown.steps.map(({ outcome }) => outcome))).toEqual(new Set(['ok']))
    expect(shown.steps.length).toBeGreaterThan(20)
    const text = shown.document?.join('\n') ?? ''
    expect(text).toContain('ada@example.test')
    expect(text).toContain('xxxxxxxx 0')
    expect(text).not.toMatch(/Research|engineering|tok-1|yyy|index-of-the-idp/)
    expect(await list({ person: 'ADA@example.test' })).toEqual([[null, 'ada@example.test']])
  })

  it('leaves the values too where the config says so, but none that looks like a secret', async () => {
    const stage = await createStage(withMode('whole'))
    await stage.signIn(stage.browser(), '/', {
      attributes: secretValues,
      sessionIndex: 'index-of-the-idp',
    })
    const shown = await show((await kept())[0]?.id ?? '')
    const text = shown.document?.join('\n') ?? ''
    expect(text).toContain('engineering')
    expect(text).toContain('(400 characters)')
    expect(text).not.toMatch(/tok-1|y{101}|index-of-the-idp/)
  })

  it('leaves nothing where the config says so', async () => {
    const stage = await createStage(withMode('off'))
    await stage.signIn(stage.browser())
    const { relayState } = await stage.begin(stage.browser(), '/')
    await stage.post(stage.browser(), 'x', relayState)
    expect(await kept()).toEqual([])
  })

  it('is not held up by a D1 that fails while it is kept', async () => {
    const stage = await createStage()
    const browser = stage.browser({ DB: failsAt(env.DB, /INTO attempts/) })
    expect((await stage.signIn(browser)).status).toBe(303)
    expect((await browser.go(SITE)).status).toBe(200)
    expect(await kept()).toEqual([])
    expect(stage.audit()).toContainEqual(
      expect.objectContaining({
        audit: 'store-unavailable',
        during: 'keeping an attempt to sign in',
      }),
    )
  })
})

type Break = (stage: Stage) => Promise<Response>

const refusedBy =
  (fields: Partial<ResponseOptions>, change = (text: string) => text): Break =>
  async (stage) => {
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    const answer = change(atob(await stage.respond(asked, fields)))
    return stage.post(browser, toPosted(answer), asked.relayState)
  }

const bearerCheck = 'Bearer confirmation is for our ACS URL and valid now'

describe('a sign-in that is refused', () => {
  it.each<[string, Break, readonly string[]]>([
    [
      'audience',
      refusedBy({ spEntityId: 'https://another.example/metadata' }),
      ['Audience is our entity ID'],
    ],
    [
      'recipient',
      refusedBy({ acsUrl: 'https://another.example/acs' }),
      ['Destination is our ACS URL', bearerCheck],
    ],
    [
      'digest-mismatch',
      refusedBy({}, (xml) => xml.replace('zoe@example.test', 'eve@example.test')),
      ['Readable, and signed by a certificate of the connection'],
    ],
    [
      'not-provisioned',
      async (stage) => {
        await env.DB.exec("UPDATE connections SET provisioning = 'scim'")
        return refusedBy({})(stage)
      },
      ['The user may sign in'],
    ],
    [
      'user-disabled',
      async (stage) => {
        await stage.signIn(stage.browser())
        const [user] = await findUsers(env.DB, 'zoe@example.test')
        await setUserActive(env.DB, user?.id ?? '', false, toInstant(Date.now()))
        return refusedBy({})(stage)
      },
      ['The user may sign in'],
    ],
    [
      'transient-subject',
      refusedBy({ nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' }),
      ['The person is identified'],
    ],
    [
      'not-a-form',
      (stage) => stage.browser().submitFromElsewhere(ACS, {}),
      ['The browser posted the form of a response'],
    ],
    [
      'unknown-connection',
      (stage) => stage.browser().submitFromElsewhere(ACS.replace('okta', 'oktb'), {}),
      ['There is an enabled connection of this id'],
    ],
  ])('is found by the number on the page: %s', async (reason, refuse, failed) => {
    const stage = await createStage()
    const page = await refuse(stage)
    expect(page.status).toBeGreaterThanOrEqual(400)
    const shown = await show(await numberOn(page))
    expect(failedIn(shown)).toEqual(failed)
    expect(shown['isAccepted']).toBe(false)
    expect(String(shown['explained']).length).toBeGreaterThan(20)
    if (reason !== 'recipient' && reason !== 'not-a-form') expect(shown['reason']).toBe(reason)
  })

  it('shows that the certificate in the answer is none of the connection', async () => {
    const stage = await createStage()
    const { certificate } = stage.idp
    const page = await refusedBy({ spEntityId: 'https://another.example' }, (xml) =>
      xml.replace(
        '</ds:Signature>',
        `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`,
      ),
    )(stage)
    const number = await numberOn(page)
    const parsed = parseCertificate(certificate)
    const fingerprint = parsed.ok ? await fingerprintOf(parsed.value) : ''
    expect((await show(number))['certificates']).toMatchObject([{ fingerprint, isKnown: false }])
    await env.DB.exec(`UPDATE connection_certificates SET fingerprint = '${fingerprint}'`)
    expect((await show(number))['certificates']).toMatchObject([{ isKnown: true }])
  })

  it('has no number that was never given out', async () => {
    expect(refusalOf(await act(signInShow, { number: crypto.randomUUID() }, { by }))).toMatchObject(
      {
        kind: 'not-found',
        reason: 'unknown-attempt',
      },
    )
  })
})

describe('what is kept', () => {
  it('cannot be posted again', async () => {
    const stage = await createStage(withMode('whole'))
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    // Refused, and so not used up: only its parts that are kept could sign anybody in.
    await env.DB.exec('UPDATE connections SET enabled = 0')
    const answer = await stage.respond(asked)
    await stage.post(browser, answer, asked.relayState)
    await env.DB.exec('UPDATE connections SET enabled = 1')
    const other = await stage.begin(browser, '/')
    const wrong = await stage.respond(other, { spEntityId: 'https://another.example' })
    await stage.post(browser, wrong, other.relayState)
    const rows = await kept()
    const text = JSON.stringify(rows)
    for (const [, value = ''] of atob(wrong).matchAll(/SignatureValue>([^<]+)</g)) {
      expect(text).not.toContain(value.slice(0, 24))
    }
    const documents = rows.flatMap(({ document }) => document ?? [])
    expect(documents.length).toBe(1)
    for (const document of documents) {
      const page = await stage.post(browser, toPosted(document), other.relayState)
      expect(page.status).toBe(403)
    }
    expect((await kept()).at(-1)).toMatchObject({ reason: 'malformed-signature' })
  })

  it('is bounded for a visitor who posts at will, and loses no record of a signed response', async () => {
    const stage = await createStage()
    await stage.signIn(stage.browser())
    await refusedBy({ spEntityId: 'https://another.example' })(stage)
    for (let isolate = 0; isolate < 5; isolate++) {
      const browser = stage.browser({})
      const asked = await stage.begin(browser, '/')
      const xml = atob(await stage.respond(asked))
      const forged = toPosted(xml.replace('zoe@example.test', 'eve@example.test'))
      for (let i = 0; i < 15; i++) await stage.post(browser, forged, asked.relayState)
    }
    const pools = Map.groupBy(await kept(), ({ pool }) => pool)
    expect(pools.get('anybody')?.length).toBe(30)
    expect(pools.get('done okta')?.length).toBe(1)
    expect(pools.get('denied okta')?.length).toBe(1)
  })

  it('counts a signed response that comes again as anybody could send it', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    const answer = await stage.respond(asked, { spEntityId: 'https://another.example' })
    for (let i = 0; i < 3; i++) await stage.post(browser, answer, asked.relayState)
    expect((await kept()).map(({ pool }) => pool)).toEqual(['denied okta', 'anybody', 'anybody'])
  })

  it('goes after seven days, by cron', async () => {
    const stage = await createStage()
    await stage.signIn(stage.browser())
    vi.setSystemTime(start.getTime() + 6.9 * 86_400_000)
    await stage.cron()
    expect((await kept()).length).toBe(1)
    vi.setSystemTime(start.getTime() + 7 * 86_400_000)
    await stage.cron()
    expect(await kept()).toEqual([])
  })
})

describe('the list', () => {
  it('has pages, the newest first, and refusals alone', async () => {
    const stage = await createStage()
    for (let i = 0; i < 3; i++) {
      vi.setSystemTime(start.getTime() + i * 1000)
      await stage.signIn(stage.browser(), '/', { nameId: `p${i}@example.test` })
    }
    await refusedBy({ spEntityId: 'https://another.example' })(stage)
    const first = valueOf(await act(signInList, { limit: '2' }, { by }))
    expect(first.next).not.toBeNull()
    const rest = valueOf(await act(signInList, { limit: '2', cursor: first.next ?? '' }, { by }))
    expect(rest.next).toBeNull()
    const all = [first, rest].flatMap(({ facts }) => JSON.parse(JSON.stringify(facts)).attempts)
    expect(new Set(all.map(({ id }: { id: string }) => id)).size).toBe(4)
    expect(await list({ refused: '' })).toEqual([['audience', null]])
    expect(await list({ connection: 'okta', since: '1d' })).toHaveLength(4)
  })
})
