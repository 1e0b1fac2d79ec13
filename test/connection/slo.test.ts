/** Where an identity provider takes logout messages: by metadata, by fields, and by both in turn. */
import { describe, expect, it } from 'vitest'
import type { Connection, Slo } from '../../src/connection/connection.ts'
import { noFields, parseFields, type FieldTexts } from '../../src/connection/fields.ts'
import { frontChannel, noSlo } from '../../src/connection/slo.ts'
import { chooseSlo, fitSlo, sloOfMetadata } from '../../src/connection/slo-choice.ts'
import { toInstant } from '../../src/lib/instant.ts'

const endpoint = (path: string) => ({
  location: `https://idp.example/${path}`,
  responseLocation: `https://idp.example/${path}`,
})
const stored: Slo = { redirect: endpoint('old'), post: null, soap: null }
const found: Slo = { redirect: endpoint('r'), post: endpoint('p'), soap: null }

function choose(
  texts: Partial<FieldTexts>,
  base: Partial<Pick<Connection, 'idpEntityId' | 'slo'>> = {},
  fromMetadata: Slo | null = null,
) {
  const fields = parseFields({ ...noFields, ...texts }, toInstant(0))
  if (!fields.ok) return fields.error.map(({ field, problem }) => `${field} ${problem}`)
  const chosen = chooseSlo(
    { idpEntityId: 'idp', slo: null, ...base },
    { idpEntityId: 'idp', ssoBinding: 'redirect', fields: fields.value, fromMetadata },
  )
  return chosen.ok ? chosen.value : chosen.error.map(({ field, problem }) => `${field} ${problem}`)
}
const url = 'https://idp.example/slo'
const own = { location: url, responseLocation: url }

describe('the addresses of single logout', () => {
  it('are those of the metadata, unless fields say others', () => {
    expect(choose({}, {}, found)).toEqual(found)
    expect(choose({ 'slo-url': url }, {}, found)).toEqual({ ...noSlo, redirect: own })
  })

  it('stay where neither says any, and go with another identity provider', () => {
    expect(choose({}, { slo: stored })).toEqual(stored)
    expect(choose({}, { slo: stored, idpEntityId: 'another' })).toBeNull()
  })

  it('are by the binding of sign-in, unless the field says the other', () => {
    expect(choose({ 'slo-url': url, 'slo-binding': 'post' })).toEqual({ ...noSlo, post: own })
    const answers = { 'slo-url': url, 'slo-response-url': 'https://idp.example/a' }
    expect(choose(answers)).toEqual({
      ...noSlo,
      redirect: { location: url, responseLocation: 'https://idp.example/a' },
    })
    const changed = { 'slo-response-url': 'https://idp.example/a' }
    expect(choose(changed, { slo: stored })).toEqual({
      ...noSlo,
      redirect: { ...endpoint('old'), responseLocation: 'https://idp.example/a' },
    })
  })

  it('are none by the word none, and metadata does not bring them back', () => {
    expect(choose({ 'slo-url': 'none' }, { slo: stored })).toEqual(noSlo)
    expect(choose({}, { slo: noSlo }, found)).toEqual(noSlo)
    expect(sloOfMetadata(noSlo, found)).toEqual(noSlo)
    expect(frontChannel(noSlo, 'redirect')).toBeNull()
  })

  it.each([
    [{ 'slo-binding': 'post' }, 'slo-binding needs a slo-url as well'],
    [{ 'slo-response-url': url }, 'slo-response-url needs a slo-url as well'],
    [
      { 'slo-url': 'none', 'slo-binding': 'post' },
      'slo-url is none: leave slo-binding and slo-response-url out',
    ],
    [
      { 'slo-url': 'http://idp.example/slo' },
      'slo-url must begin with https:// (plain http is for localhost only)',
    ],
    [{ 'slo-url': url, 'slo-binding': 'soap' }, 'slo-binding must be redirect or post'],
  ])('are not by %j', (texts, fault) => {
    expect(choose(texts)).toEqual([fault])
  })

  it('of metadata that names may not go to are left out', () => {
    const plain = { location: 'http://idp.example/x', responseLocation: url }
    expect(fitSlo({ redirect: plain, post: own, soap: null })).toEqual({ ...noSlo, post: own })
    expect(fitSlo({ redirect: plain, post: null, soap: null })).toBeNull()
    const elsewhere = { location: url, responseLocation: 'http://idp.example/x' }
    expect(fitSlo({ redirect: elsewhere, post: null, soap: null })).toBeNull()
  })
})
