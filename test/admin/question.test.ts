import { expect, it } from 'vitest'
import { answerAccess } from '../../src/admin/access.ts'
import { toSomebody } from '../../src/admin/question.ts'
import { parseConfig } from '../../src/config.ts'
import { MOST_GROUPS } from '../../src/lib/most-groups.ts'
import { now, valueOf } from './stage.ts'

const config = valueOf(
  parseConfig({
    sites: [
      {
        url: 'https://app.example.com',
        origin: 'https://origin.example.net',
        routes: [{ path: '/', access: { not: { group: 'suspended', connection: 'acme' } } }],
      },
    ],
  }),
)

const answerFor = (groups: number) => {
  const known = {
    id: 'u1',
    connection: 'acme',
    userName: 'ada',
    email: null,
    mayComeIn: true,
    groups: null,
    assertedGroups: Array.from({ length: groups }, (_, i) => `group ${i}`),
  }
  const url = new URL('https://app.example.com/')
  const asks = { method: 'GET', url, country: null, ip: null, now }
  return answerAccess(config, toSomebody(known, now), asks).facts.isAllowed
}

it('groups that a session may have cut off are not taken for absent, as at the gate', () => {
  expect(answerFor(MOST_GROUPS - 1)).toBe(true)
  expect(answerFor(MOST_GROUPS)).toBe(false)
})
