/** Operators add, try and change webhooks. */
import { Webhook } from 'standardwebhooks'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Context } from '../../src/admin/context.ts'
import {
  webhookAdd,
  webhookList,
  webhookRemove,
  webhookRetry,
  webhookShow,
  webhookTest,
  webhookUpdate,
} from '../../src/admin/webhook-operations.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { createOutbox, tendWebhooks } from '../../src/webhook/send.ts'
import { keepSecret, said } from '../../tools/stage/evidence.ts'
import { loginOf } from '../audit/stage.ts'
import { everyRow } from '../support/session.ts'
import { emptyWebhooks, happens, receivers, sealer } from '../webhook/stage.ts'
import { act, audited, context, db, now, refusalOf, valueOf } from './stage.ts'

beforeEach(() => emptyWebhooks())

const URL_OF_SLACK = 'https://hooks.slack.example.com/services/T0/B0/very-secret-part'

function operator(answer?: Parameters<typeof receivers>[0]) {
  const { deps, asked } = receivers(answer)
  const by: Context = { ...context, openSealer: async () => sealer, fetchWebhook: deps.fetch }
  return { by, asked, deps }
}

async function add(by: Context, more: Readonly<Record<string, string>> = {}): Promise<string> {
  await act(webhookAdd, { url: 'https://siem.example.com/hook', ...more }, { by })
  const { webhooks } = valueOf(await act(webhookList, {})).facts as {
    webhooks: readonly { id: string }[]
  }
  return webhooks.at(-1)?.id ?? ''
}

describe('webhook add', () => {
  it('shows a secret once, which no row, no audit and no list has', async () => {
    const { by } = operator()
    const added = valueOf(
      await act(
        webhookAdd,
        { url: URL_OF_SLACK, kinds: 'refusals,operator', format: 'slack' },
        { by },
      ),
    )
    const { secret, undo, facts } = added
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/)
    keepSecret(secret)
    expect(facts).toMatchObject({
      webhook: {
        url: 'https://hooks.slack.example.com/…',
        format: 'slack',
        kinds: expect.arrayContaining(['login-refused', 'scim-refused', 'operator']),
      },
    })
    said.push(await everyRow())
    const shown = JSON.stringify([valueOf(await act(webhookList, {})), facts])
    expect(shown).not.toContain('very-secret-part')
    const [[command, , , told] = []] = await audited()
    expect([command, told]).toEqual([
      'webhook add',
      expect.objectContaining({ url: 'https://hooks.slack.example.com', format: 'slack' }),
    ])
    expect(undo).toMatchObject({ operation: 'webhook remove' })
  })

  it.each([
    ['http://siem.example.com/', 'must be an https URL'],
    ['https://localhost/', 'must be at a public host'],
    ['https://127.1/', 'must have the name of a host'],
    ['', 'is missing'],
  ])('refuses the URL %j', async (url, problem) => {
    expect(refusalOf(await act(webhookAdd, { url }, operator()))).toEqual([
      { field: 'url', problem: expect.stringContaining(problem) },
    ])
  })

  it('refuses kinds and formats that there are not', async () => {
    const url = 'https://siem.example.com/'
    expect(refusalOf(await act(webhookAdd, { url, kinds: 'login,logn' }))).toEqual([
      { field: 'kinds', problem: expect.stringMatching(/^has no kind "logn"\. Did you mean/) },
    ])
    expect(refusalOf(await act(webhookAdd, { url, format: 'xml' }))).toEqual([
      { field: 'format', problem: 'must be one of json, slack; it is "xml"' },
    ])
  })

  it('refuses an eleventh, and one that cannot be sealed', async () => {
    const { by } = operator()
    for (let i = 0; i < 10; i++) await add(by)
    const url = 'https://siem.example.com/'
    expect(refusalOf(await act(webhookAdd, { url }, { by }))).toMatchObject({
      reason: 'too-many-webhooks',
    })
    expect(refusalOf(await act(webhookAdd, { url }))).toMatchObject({ reason: 'no-secret' })
  })

  it('is for those who may do everything', async () => {
    const { by } = operator()
    const scopes = ['read', 'people', 'connections'] as const
    const url = 'https://siem.example.com/'
    const asAuditor = { ...by, operator: { ...by.operator, scopes } }
    expect(refusalOf(await act(webhookAdd, { url }, { by: asAuditor }))).toMatchObject({
      kind: 'forbidden',
    })
  })
})

describe('webhook test', () => {
  it('sends at once, signed, and says what the receiver answers', async () => {
    const { by, asked } = operator(() => new Response(null, { status: 202 }))
    const { secret } = valueOf(
      await act(webhookAdd, { url: 'https://siem.example.com/', kinds: 'logout' }, { by }),
    )
    keepSecret(secret)
    const { webhooks } = valueOf(await act(webhookList, {})).facts as {
      webhooks: readonly { id: string }[]
    }
    const webhook = webhooks[0]?.id ?? ''
    const { facts, view } = valueOf(await act(webhookTest, { webhook }, { by }))
    expect(facts).toMatchObject({ delivery: { state: 'sent', status: 202, kind: 'webhook-test' } })
    expect(view).toMatchObject([
      { text: 'https://siem.example.com/… took the message (status 202).' },
    ])
    vi.useFakeTimers({ toFake: ['Date'], now })
    const [message] = asked
    if (!message || secret === null) throw new Error('nothing was sent')
    const verified = new Webhook(secret).verify(message.body, Object.fromEntries(message.headers))
    vi.useRealTimers()
    expect(verified).toMatchObject({ type: 'webhook-test', data: { facts: { operator: 'Grace' } } })
  })

  it('says why a receiver does not take it, and that it waits where the secret is not known', async () => {
    const { by } = operator(() => new Response(null, { status: 404 }))
    const webhook = await add(by)
    const { view } = valueOf(await act(webhookTest, { webhook }, { by }))
    expect(view).toMatchObject([
      { text: 'https://siem.example.com/… did not take the message: it refuses (status 404).' },
    ])
    const far = valueOf(await act(webhookTest, { webhook }))
    expect(far.view).toMatchObject([{ text: expect.stringContaining('waits: the Worker sends') }])
  })

  it('refuses a webhook that is off or that there is not', async () => {
    const { by } = operator()
    const webhook = await add(by)
    await act(webhookUpdate, { webhook, off: '' }, { by })
    expect(refusalOf(await act(webhookTest, { webhook }, { by }))).toMatchObject({
      reason: 'webhook-is-off',
    })
    expect(refusalOf(await act(webhookTest, { webhook: 'x' }, { by }))).toMatchObject({
      kind: 'not-found',
    })
  })
})

describe('webhook update', () => {
  it('changes what is given and nothing else, and can be taken back', async () => {
    const { by } = operator()
    const webhook = await add(by, { kinds: 'login,logout' })
    const changed = valueOf(await act(webhookUpdate, { webhook, kinds: 'all', off: '' }, { by }))
    expect(changed.secret).toBeNull()
    expect(changed.facts).toMatchObject({
      webhook: { kinds: [], format: 'json', offReason: 'operator' },
    })
    const { undo } = changed
    if (!undo) throw new Error('there is no undo')
    expect(undo.operation).toBe('webhook update')
    const back = valueOf(await act(webhookUpdate, undo.input, { by }))
    expect(back.facts).toMatchObject({ webhook: { kinds: ['login', 'logout'], offAt: null } })
  })

  it('gives a new secret, and the old one signs too for a day', async () => {
    const { by, asked, deps } = operator()
    const webhook = await add(by)
    const { secret } = valueOf(await act(webhookUpdate, { webhook, 'new-secret': '' }, { by }))
    expect(secret).toMatch(/^whsec_/)
    keepSecret(secret)
    const signaturesAt = async (seconds: number) => {
      const at = plusSeconds(now, seconds)
      await happens(loginOf('ada'), at)
      await tendWebhooks(deps, sealer, at)
      return asked.at(-1)?.headers.get('webhook-signature')?.split(' ').length
    }
    expect(await signaturesAt(86_399)).toBe(2)
    expect(await signaturesAt(86_400)).toBe(1)
  })

  it('refuses to change nothing, or to switch on and off', async () => {
    expect(refusalOf(await act(webhookUpdate, { webhook: 'x' }))).toMatchObject([
      { problem: 'Nothing is to be changed.' },
    ])
    expect(refusalOf(await act(webhookUpdate, { webhook: 'x', on: '', off: '' }))).toMatchObject([
      { problem: 'Switch it on or off, not both.' },
    ])
  })
})

describe('webhook show, retry and remove', () => {
  it('show why a message failed, send it again, and forget it', async () => {
    let status = 500
    const { by, asked, deps } = operator(() => new Response(null, { status }))
    const webhook = await add(by, { kinds: 'login' })
    await happens(loginOf('ada'), now)
    await createOutbox(deps)(now)
    expect(valueOf(await act(webhookShow, { webhook })).facts).toMatchObject({
      webhook: { waiting: 1 },
      deliveries: [{ kind: 'login', state: 'waiting', status: 500, reason: 'it refuses' }],
    })
    status = 200
    const { facts } = valueOf(await act(webhookRetry, { webhook }, { by }))
    expect(facts).toMatchObject({ messages: 1, webhook: { waiting: 0 } })
    expect(asked).toHaveLength(2)
    expect(refusalOf(await act(webhookRetry, { webhook }, { by }))).toMatchObject({
      reason: 'nothing-to-retry',
    })
    valueOf(await act(webhookRemove, { webhook }, { by }))
    expect(valueOf(await act(webhookList, {})).facts).toEqual({ webhooks: [] })
    const left = await db.prepare('SELECT count(*) AS n FROM webhook_messages').first('n')
    expect(left).toBe(0)
    expect((await audited()).map(([command]) => command)).toEqual([
      'webhook add',
      'webhook retry',
      'webhook remove',
    ])
  })
})
