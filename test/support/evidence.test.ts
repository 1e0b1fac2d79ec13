import { describe, expect, it } from 'vitest'
import { findLeaks } from '../../tools/stage/evidence.ts'

const token = 'q8Zt3vK1mXwB5nRfYc7LdJhG2sPe9uAoTi4Ek6VbNyM'

describe('a leak', () => {
  it.each([
    ['whole', `{"cookie":"${token}"}`],
    ['its first part', `token ${token.slice(0, 24)}… was refused`],
    ['its last part', `…${token.slice(-24)}`],
  ])('is found: %s', (_, text) => {
    expect(findLeaks(['nothing here', text], [token])).not.toEqual([])
  })

  it.each(['<saml:Assertion ID="_1">', '-----BEGIN PRIVATE KEY-----', '{"kty":"EC","d":"x"}'])(
    'is found by its mark, whoever it belongs to: %s',
    (text) => {
      expect(findLeaks([text], [])).not.toEqual([])
    },
  )

  it('is not what only resembles one', () => {
    expect(findLeaks([token.slice(0, 23), 'request 4c1b'], [token])).toEqual([])
  })
})
