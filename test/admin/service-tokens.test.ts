import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  serviceTokenCreate,
  serviceTokenList,
  serviceTokenRevoke,
  serviceTokenRotate,
  serviceTokenShow,
} from '../../src/admin/service-token-operations.ts'
import { plusSeconds, toIso } from '../../src/lib/instant.ts'
import { removeOldServiceTokens, serviceTokens } from '../../src/program/service-store.ts'
import { hashProgramToken, parseProgramToken } from '../../src/program/token.ts'
import { addGroup, addProvisioned } from '../support/directory.ts'
import { addConnection, addUser, emptyStores, everyRow } from '../support/session.ts'
import { act, audited, config, context, now, refusalOf, valueOf } from './stage.ts'

const day = (days: number): string => toIso(plusSeconds(now, days * 86_400))
const terms = { name: 'ci', site: ['app.example.com'], expires: day(30) }
const by = { ...context, config }

async function make(input: Record<string, string | readonly string[]> = {}) {
  const answer = valueOf(await act(serviceTokenCreate, { ...terms, user: 'ada', ...input }, { by }))
  return { id: String(answer.facts['id']), secret: answer.secret ?? '', facts: answer.facts }
}
const find = async (secret: string, at = now) => {
  const { token } = parseProgramToken(secret) ?? {}
  return token ? serviceTokens(env.DB).find(await hashProgramToken(token), at) : null
}
const endOf = async (secret: string, at = now) => {
  const found = await find(secret, at)
  return found ? found.end : 'unknown'
}

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM audit')
  await addConnection('okta')
  await addUser()
})

describe('service-token create', () => {
  it('gives a token that the gate takes, and stores only its hash', async () => {
    const { secret, facts } = await make({ path: ['/repo/**', '/a'], method: ['get', 'HEAD'] })
    expect(await find(secret)).toMatchObject({
      end: null,
      live: {
        session: { userName: 'ada' },
        via: { name: 'ci', scope: { paths: ['/repo', '/a'], methods: ['GET', 'HEAD'] } },
      },
    })
    expect(facts).toMatchObject({ ownerName: 'ada@example.com', sites: ['app.example.com'] })
    expect(await everyRow()).not.toContain(secret)
    const told = JSON.stringify(await audited())
    expect(told).toContain('service-token create')
    expect(told).not.toContain(secret)
  })

  it('takes a group of a directory as the owner', async () => {
    await addConnection('dir', 'scim')
    const member = await addProvisioned({ userName: 'bob' }, 'dir')
    await addGroup('builders', [member], 'dir')
    const { secret } = await make({ user: '', group: 'builders' })
    expect(await find(secret)).toMatchObject({ end: null, live: { groups: ['builders'] } })
  })

  it.each([
    [{ user: '', group: '' }, 'Give one owner: a user or a group.'],
    [{ user: 'ada', group: 'builders' }, 'Give one owner: a user or a group.'],
    [{ expires: '' }, 'is missing'],
    [{ expires: 'never' }, 'must be a day such as 2027-06-30'],
    [{ site: [] }, 'is missing'],
    [{ site: ['https://app.example.com/path'] }, 'must be the host of a site'],
    [{ path: ['repo'] }, 'must begin with / and have plain segments'],
    [{ path: ['/a//b'] }, 'must begin with / and have plain segments'],
    [{ path: ['/.gatehouse/api'] }, 'must begin with / and have plain segments'],
    [{ path: ['/a%2fb'] }, 'must begin with / and have plain segments'],
    [{ path: [`/${'a'.repeat(1000)}`] }, 'has 1001 characters, more than 1000'],
    [{ path: Array.from({ length: 51 }, (_, i) => `/${i}`) }, 'is given 51 times, more than 50'],
    [{ method: ['GET POST'] }, 'must be a method'],
    [{ method: ['get', 'gte'] }, 'did you mean GET?'],
    [{ name: 'CI' }, 'must be 1 to 64 of a-z'],
    [{ name: 'a:b' }, 'must be 1 to 64 of a-z'],
  ])('refuses %o', async (input, problem) => {
    const refused = refusalOf(await act(serviceTokenCreate, { ...terms, user: 'ada', ...input }))
    expect(JSON.stringify(refused)).toContain(problem)
  })

  it.each([
    ['unknown-user', { user: 'nobody' }],
    ['unknown-group', { user: '', group: 'nobody' }],
    ['unknown-site', { site: ['wiki.example.com'] }],
    ['expiry', { expires: day(367) }],
    ['expiry', { expires: day(0) }],
  ])('refuses with the reason %s', async (reason, input) => {
    const answer = await act(serviceTokenCreate, { ...terms, user: 'ada', ...input }, { by })
    expect(refusalOf(answer)).toMatchObject({ reason })
  })

  it('gives a name once, until the token is revoked', async () => {
    const { id } = await make()
    const again = await act(serviceTokenCreate, { ...terms, user: 'ada' }, { by })
    expect(refusalOf(again)).toMatchObject({ reason: 'name-taken' })
    valueOf(await act(serviceTokenRevoke, { token: id }))
    expect((await make()).id).not.toBe(id)
  })

  it('is for owners: an operator could act as an administrator by it', async () => {
    const operator = { ...context.operator, scopes: ['read', 'people', 'connections'] as const }
    const input = { ...terms, user: 'ada' }
    const answer = await act(serviceTokenCreate, input, { by: { ...by, operator } })
    expect(refusalOf(answer)).toMatchObject({ kind: 'forbidden' })
  })
})

describe('service-token rotate', () => {
  it('lets both secrets in until the overlap ends, then only the new one', async () => {
    const { id, secret: old } = await make()
    const rotated = valueOf(
      await act(serviceTokenRotate, { token: 'ci', expires: day(60), overlap: '1h' }),
    )
    const next = rotated.secret ?? ''
    expect(rotated.facts).toMatchObject({ id, oldSecretUntil: toIso(plusSeconds(now, 3600)) })
    const [before, then] = [plusSeconds(now, 3599), plusSeconds(now, 3600)]
    expect([await endOf(old, before), await endOf(next, before)]).toEqual([null, null])
    expect([await endOf(old, then), await endOf(next, then)]).toEqual(['expired', null])
    expect(JSON.stringify(await audited())).not.toContain(next)
  })

  it('ends the old secret at once with no overlap', async () => {
    const { secret } = await make()
    valueOf(await act(serviceTokenRotate, { token: 'ci', expires: day(60), overlap: '0' }))
    expect(await endOf(secret)).toBe('expired')
  })

  it('never makes the old secret live longer than it would have', async () => {
    const { secret } = await make({ expires: day(1) })
    valueOf(await act(serviceTokenRotate, { token: 'ci', expires: day(60), overlap: '30d' }))
    expect(await endOf(secret, plusSeconds(now, 86_400))).toBe('expired')
  })

  it('leaves two secrets at most', async () => {
    const { secret: first } = await make()
    const rotate = async (seconds: number) => {
      const later = { ...by, now: plusSeconds(now, seconds) }
      const input = { token: 'ci', expires: day(60) }
      return valueOf(await act(serviceTokenRotate, input, { by: later })).secret ?? ''
    }
    const [second, third] = [await rotate(1), await rotate(2)]
    const at = plusSeconds(now, 3)
    expect([await endOf(first, at), await endOf(second, at), await endOf(third, at)]).toEqual([
      'unknown',
      null,
      null,
    ])
  })

  it('does not bring a revoked token back', async () => {
    const { id } = await make()
    valueOf(await act(serviceTokenRevoke, { token: 'ci' }))
    const answer = await act(serviceTokenRotate, { token: id, expires: day(60) })
    expect(refusalOf(answer)).toMatchObject({ reason: 'unknown-service-token' })
  })
})

describe('service-token revoke, list and show', () => {
  it('refuses every secret from now on, and an operator for people may do it', async () => {
    const { secret: old } = await make()
    const next = valueOf(await act(serviceTokenRotate, { token: 'ci', expires: day(60) })).secret
    const operator = { ...context.operator, scopes: ['read', 'people'] as const }
    valueOf(await act(serviceTokenRevoke, { token: 'ci' }, { by: { ...by, operator } }))
    expect([await endOf(old), await endOf(next ?? '')]).toEqual(['revoked', 'revoked'])
    expect(refusalOf(await act(serviceTokenRevoke, { token: 'ci' }))).toMatchObject({
      reason: 'unknown-service-token',
    })
  })

  it('say who owns each, and when its owner is disabled', async () => {
    await make()
    await env.DB.exec('UPDATE users SET active = 0')
    const list = valueOf(await act(serviceTokenList, {}))
    expect(list.facts).toMatchObject({ tokens: [{ name: 'ci', hasOwner: false }] })
    const shown = JSON.stringify(valueOf(await act(serviceTokenShow, { token: 'ci' })).view)
    expect(shown).toContain('refused: its owner is disabled')
    expect(refusalOf(await act(serviceTokenShow, { token: 'x' }))).toMatchObject({
      kind: 'not-found',
    })
  })

  it('are forgotten 90 days after the end', async () => {
    await make()
    const count = () =>
      env.DB.prepare('SELECT count(*) AS n FROM service_tokens').first<number>('n')
    await removeOldServiceTokens(env.DB, plusSeconds(now, 119 * 86_400))
    expect(await count()).toBe(1)
    await removeOldServiceTokens(env.DB, plusSeconds(now, 121 * 86_400))
    expect(await count()).toBe(0)
  })
})
