/** Signatures of messages, judged by the library `standardwebhooks`, and by the vector of its specification. */
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { decodeBase64, type Bytes } from '../../src/lib/bytes.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { SECRET_BYTES, showSecret, signatureHeaders } from '../../src/webhook/secret.ts'
import { tendWebhooks } from '../../src/webhook/send.ts'
import { updateWebhook } from '../../src/webhook/store.ts'
import { keepSecret } from '../../tools/stage/evidence.ts'
import { loginOf, refusal } from '../audit/stage.ts'
import { noon } from '../support/site.ts'
import { db, emptyWebhooks, happens, receivers, sealer, seedWebhook, type Asked } from './stage.ts'

beforeEach(() => emptyWebhooks())
afterEach(() => void vi.useRealTimers())

const randomSecret = (): Bytes => {
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES))
  keepSecret(showSecret(secret))
  return secret
}

const verify = (secret: string, { body, headers }: Pick<Asked, 'body' | 'headers'>): unknown =>
  new Webhook(secret).verify(body, Object.fromEntries(headers))

const settings = { url: 'https://siem.example.com/', kinds: [], format: 'json' } as const

it('is the one of the vector in the specification', async () => {
  const secret = decodeBase64('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  if (!secret.ok) throw new Error('the vector is broken')
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    body: '{"test": 2432232314}',
    secrets: [secret.value],
  }
  expect(await signatureHeaders(message, toInstant(1_614_265_330_999))).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

it('is taken by the library for what a receiver gets, in both formats', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: noon })
  const secrets = new Map([
    ['siem', await seedWebhook('siem')],
    ['slack', await seedWebhook('slack', { format: 'slack' })],
  ])
  await happens({ ...refusal, reason: 'expired "…" 🔒 \u202e' })
  const { deps, asked } = receivers()
  await tendWebhooks(deps, sealer, noon)
  expect(asked).toHaveLength(2)
  for (const each of asked) {
    const name = new URL(each.url).hostname.split('.')[0] ?? ''
    expect(verify(secrets.get(name) ?? '', each)).toEqual(JSON.parse(each.body))
    expect(() => verify(showSecret(randomSecret()), each)).toThrow(WebhookVerificationError)
    const changed = { ...each, body: each.body.replace('expired', 'revoked') }
    expect(() => verify(secrets.get(name) ?? '', changed)).toThrow('No matching signature found')
  }
})

it('is refused by the library when the message is sent again later', async () => {
  const secret = await seedWebhook('siem')
  await happens(loginOf('ada'))
  const { deps, asked } = receivers()
  await tendWebhooks(deps, sealer, noon)
  const [message] = asked
  if (!message) throw new Error('nothing was sent')
  vi.useFakeTimers({ toFake: ['Date'], now: plusSeconds(noon, 299) })
  expect(verify(secret, message)).toMatchObject({ type: 'login' })
  vi.setSystemTime(plusSeconds(noon, 302))
  expect(() => verify(secret, message)).toThrow('Message timestamp too old')
})

it('is by the new and the old secret during a rotation, and then by the new one only', async () => {
  const old = await seedWebhook('siem')
  const secret = randomSecret()
  const oldUntil = plusSeconds(noon, 3600)
  const sealed = await sealer.seal(secret)
  await updateWebhook(db, 'siem', { settings, isOn: null, secret: { sealed, oldUntil } }, noon)
  for (const [seconds, isOldGood] of [
    [3599, true],
    [3600, false],
  ] as const) {
    const at = plusSeconds(noon, seconds)
    vi.useFakeTimers({ toFake: ['Date'], now: at })
    await happens(loginOf('ada'), at)
    const { deps, asked } = receivers()
    await tendWebhooks(deps, sealer, at)
    const [message] = asked
    if (!message) throw new Error('nothing was sent')
    expect(verify(showSecret(secret), message)).toMatchObject({ type: 'login' })
    const byOld = () => verify(old, message)
    if (isOldGood) expect(byOld()).toMatchObject({ type: 'login' })
    else expect(byOld).toThrow(WebhookVerificationError)
  }
})
