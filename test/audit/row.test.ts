import { describe, expect, it } from 'vitest'
import { toRow, type AuditRow } from '../../src/audit/row.ts'
import { utf8 } from '../../src/lib/bytes.ts'
import { noon } from '../support/site.ts'
import { denialOf, loginOf, refusal } from './stage.ts'

const change = {
  kind: 'directory-changed',
  connection: 'okta',
  token: 'token-1',
  unknownMembers: 0,
} as const

describe('a row of the audit', () => {
  it('has columns for what it is looked up by, and facts for the rest', () => {
    expect(toRow(loginOf('ada'), noon, 'request-1')).toEqual({
      share: 'done',
      at: noon,
      kind: 'login',
      connection: 'okta',
      user: 'ada',
      requestId: 'request-1',
      facts: { site: 'app.example.com', session: 'session of ada' },
    })
  })

  it('is of the user whom a directory changed, and of nobody when that was a group', () => {
    expect(toRow({ ...change, change: 'user-removed', id: 'u1' }, noon, null).user).toBe('u1')
    const group = toRow({ ...change, change: 'group-removed', id: 'g1' }, noon, null)
    expect(group).toMatchObject({ user: null, facts: { id: 'g1', token: 'token-1' } })
  })

  it('lets no fact of a response take the place of our own words', () => {
    const facts = { reason: 'all is well', site: 'elsewhere', explained: 'too old' }
    const row = toRow({ ...refusal, facts }, noon, null)
    expect(row.facts).toEqual({ reason: 'expired', site: 'app.example.com', explained: 'too old' })
  })

  it('keeps no more of it than 4 KB, whatever was sent', () => {
    const bytesOf = ({ facts }: AuditRow) => utf8(JSON.stringify(facts)).length
    const long = { ...denialOf('ada'), path: `/${'\u0000'.repeat(16_000)}` }
    expect(bytesOf(toRow(long, noon, null))).toBeLessThanOrEqual(4096)
    for (const letter of ['x', 'é', '\u90e8', '😀', '"', '\u0000']) {
      const many = Object.fromEntries(
        Array.from({ length: 99 }, (_, i) => [`f${i}`, letter.repeat(200)]),
      )
      const row = toRow({ ...refusal, facts: { ...many, list: ['a'.repeat(9000)] } }, noon, null)
      expect(row.facts['cut']).toBe(true)
      expect(bytesOf(row), letter).toBeLessThanOrEqual(4096)
      expect(bytesOf(row), letter).toBeGreaterThan(2000)
    }
  })

  it('is well-formed text where what was sent is not, or is cut in the middle of a character', () => {
    const halves = toRow({ ...denialOf('ada'), path: `/${'😀'.repeat(300)}\ud800` }, noon, null)
    expect(JSON.stringify(halves.facts)).toMatch(/😀\ufffd?…"/)
    expect(JSON.stringify(halves.facts)).not.toMatch(/\\ud/i)
  })

  it('is of the share of those who can cause it', () => {
    const shareOf = (...args: Parameters<typeof toRow>) => toRow(...args).share
    const refused = { kind: 'scim-refused', connection: 'okta', status: 401, reason: 'no' } as const
    expect(shareOf(refusal, noon, null)).toBe('anybody')
    expect(shareOf(denialOf('ada'), noon, null)).toBe('denied')
    expect(shareOf({ ...refused, token: null }, noon, null)).toBe('anybody')
    expect(shareOf({ ...refused, token: 'token-1' }, noon, null)).toBe('denied')
    const api = { kind: 'api-refused', operation: null, status: 401, reason: 'no' } as const
    expect(shareOf({ ...api, token: null }, noon, null)).toBe('anybody')
    expect(shareOf({ ...api, token: 'token-1' }, noon, null)).toBe('denied')
    expect(shareOf({ ...change, change: 'user-created', id: 'u1' }, noon, null)).toBe('directory')
    expect(shareOf(loginOf('ada'), noon, null)).toBe('done')
  })
})
