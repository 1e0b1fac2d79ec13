/** What decisions know of a program, and of a browser. */
import { describe, expect, it } from 'vitest'
import { toFacts } from '../../src/policy/facts.ts'
import type { LiveSession } from '../../src/session/session.ts'
import { asksOf } from '../support/facts.ts'
import { liveOf, noon } from '../support/site.ts'

const personOf = (fields: Partial<LiveSession>) => {
  const live = { ...liveOf({ attributes: { team: ['a'] } }, ['staff'], null), ...fields }
  const { who } = toFacts({ kind: 'live', live }, null, asksOf())
  return who.kind === 'person' ? who.person : null
}
const scope = { sites: ['app.example.com'], paths: null, methods: null }

describe('the facts', () => {
  it('of a browser are those of its person, who is no service', () => {
    expect(personOf({})).toMatchObject({
      service: null,
      attributes: { team: ['a'] },
      groups: { values: ['staff'], isComplete: true },
      signedInAt: noon,
      isDeviceBound: false,
    })
    expect(personOf({ boundAt: noon })?.isDeviceBound).toBe(true)
  })

  it('of a service token have its name, and nothing that only a sign-in says', () => {
    expect(personOf({ via: { kind: 'service', id: 'token-1', name: 'ci', scope } })).toMatchObject({
      service: 'ci',
      attributes: null,
      groups: { values: [], isComplete: false },
      signedInAt: null,
    })
  })
})
