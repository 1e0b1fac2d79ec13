import { expect, it } from 'vitest'
import { instructionsOf } from '../../src/binding/instructions.ts'
import type { Route } from '../../src/site/site.ts'
import { siteOf, visitOf } from '../support/site.ts'

const open = (path: string): Route => ({ path, policy: { kind: 'public' } })
const guarded = (path: string): Route => ({ path, policy: { kind: 'signed-in' } })

const leftOut = (...routes: readonly Route[]) =>
  instructionsOf('session-1', visitOf(siteOf()).host, routes).scope.scope_specification.map(
    ({ path }) => path,
  )

it('a path is left out only where all below it is public', () => {
  expect(leftOut(guarded('/'), open('/a'), guarded('/a/b'), open('/c'))).toEqual(['/c'])
  expect(leftOut(guarded('/'), open('/a'), open('/a/b'), guarded('/ab'))).toEqual(['/a', '/a/b'])
})

it('the whole site is not left out, for our own paths are below it too', () => {
  expect(leftOut(open('/'))).toEqual([])
})

it('a `*` may be any name: its path is not left out, and none is beside a guarded one', () => {
  expect(leftOut(guarded('/'), open('/a/*'), open('/b'))).toEqual(['/b'])
  expect(leftOut(guarded('/'), open('/a'), guarded('/*/private'))).toEqual([])
})
