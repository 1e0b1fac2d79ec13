import { expect, it } from 'vitest'
import { toBody, type Message } from '../../src/webhook/message.ts'
import { noon } from '../support/site.ts'

const message: Message = {
  id: 'msg_1',
  at: noon,
  kind: 'access-denied',
  connection: null,
  user: 'user-1',
  userName: 'ada',
  requestId: 'request-1',
  facts: { site: 'app.example.com', path: '/admin', reason: 'needs group admins' },
  dropped: 0,
  omitted: 0,
}
const slackOf = (fields: Partial<Message> = {}) =>
  JSON.parse(toBody({ ...message, ...fields }, 'slack'))

it('a message to Slack is the sentence, with the time, the kind and the request below', () => {
  const sentence = 'ada may not open /admin on app.example.com: needs group admins.'
  expect(slackOf()).toEqual({
    text: sentence,
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: sentence, emoji: false } },
      {
        type: 'context',
        elements: [
          {
            type: 'plain_text',
            text: '2026-11-24T12:00:00.000Z · access-denied · request request-1',
            emoji: false,
          },
        ],
      },
    ],
  })
  expect(JSON.stringify(slackOf({ omitted: 3 }))).toContain(
    '3 events before this one were left out',
  )
})

it('a message to Slack mentions nobody, and hides nothing, whatever words an attacker chose', () => {
  const path = '/<!channel>&<https://evil.example|here>\u202e\u0000'
  const { text, blocks } = slackOf({ facts: { ...message.facts, path } })
  expect(text).not.toMatch(/[<>\u202e\0]/)
  expect(text).toContain('/&lt;!channel&gt;&amp;&lt;https://evil.example|here&gt;')
  expect(blocks[0].text.type).toBe('plain_text')
  expect(blocks[0].text.text).toContain('/<!channel>&<https://evil.example|here>\ufffd\ufffd')
})

it('a message to Slack is no longer than Slack takes', () => {
  const { blocks } = slackOf({ userName: 'a'.repeat(10_000) })
  expect(blocks[0].text.text.length).toBeLessThan(3000)
})
