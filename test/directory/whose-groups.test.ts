/** docs/operating.md, "Groups": the directory's for provisioned people, the assertion's for others, or pinned. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { areDirectorys, areDirectorysSql } from '../../src/directory/whose-groups.ts'

const bySql = async (settings: string, source: string): Promise<boolean> => {
  const row = await env.DB.prepare(
    `SELECT CASE WHEN ${areDirectorysSql} THEN 1 ELSE 0 END AS said
     FROM (SELECT ?1 AS settings) c CROSS JOIN (SELECT ?2 AS source) u`,
  )
    .bind(settings, source)
    .first<number>('said')
  return row === 1
}

describe('whose groups count', () => {
  it.each([
    ['auto', 'scim', true],
    ['auto', 'jit', false],
    ['directory', 'scim', true],
    ['directory', 'jit', true],
    ['assertion', 'scim', false],
    ['assertion', 'jit', false],
  ] as const)('at %s, for a user of %s: the directory’s is %s', async (from, source, expected) => {
    expect(areDirectorys(from, { source })).toBe(expected)
    expect(await bySql(JSON.stringify({ directory: { groupsFrom: from } }), source)).toBe(expected)
  })

  it.each([
    ['scim', true],
    ['jit', false],
  ] as const)(
    'is auto where a connection has no such setting, for a user of %s',
    async (source, expected) => {
      expect(await bySql('{}', source)).toBe(expected)
    },
  )

  it('is the assertion’s where the setting is not known', async () => {
    expect(await bySql('{"directory":{"groupsFrom":"other"}}', 'scim')).toBe(false)
  })
})
