import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDocument, type Doc } from '../../src/scim/document.ts'
import { readOperations } from '../../src/scim/operation.ts'
import { applyPatch } from '../../src/scim/patch.ts'
import { userType } from '../../src/scim/schema.ts'
import { createWork } from '../../src/scim/work.ts'
import { anyStep, play, say } from './patch-model.ts'
import { ENTERPRISE, type Json } from './stage.ts'

function docOf(user: Json): Doc {
  const doc = readDocument(userType, user)
  if (!doc.ok) throw new Error(doc.error.detail)
  return doc.value
}

const shown = ({ own, extension }: Doc): Json =>
  Object.keys(extension).length > 0 ? { ...own, [ENTERPRISE]: extension } : own

const patching = () => ({ type: userType, id: 'id-1', work: createWork() })

function patch(user: Json, ...Operations: readonly Json[]) {
  const operations = readOperations(userType, { Operations })
  if (!operations.ok) return operations
  return applyPatch(patching(), docOf(user), operations.value)
}

const patched = (user: Json, ...operations: readonly Json[]): Json => {
  const doc = patch({ userName: 'ada', ...user }, ...operations)
  if (!doc.ok) throw new Error(`${doc.error.scimType}: ${doc.error.detail}`)
  const { userName, ...rest } = shown(doc.value)
  expect(userName).toBe('ada')
  return rest
}

const start: Json = {
  userName: 'ada',
  title: 'a',
  active: true,
  name: { givenName: 'a' },
  emails: [
    { value: 'a', type: 'work', primary: true },
    { value: 'b', type: 'home' },
  ],
  [ENTERPRISE]: { department: 'a', manager: { value: 'b' } },
}

describe('a PATCH', () => {
  it('does what a plain model in memory does, whatever the operations and their wording', () => {
    const steps = fc.array(fc.tuple(anyStep, fc.nat(59)), { minLength: 1, maxLength: 8 })
    const property = fc.property(fc.boolean(), steps, (isFull, all) => {
      const user: Json = structuredClone(isFull ? start : { userName: 'ada' })
      const result = patch(user, ...all.map(([step, variant]) => say(step, variant)))
      for (const [step] of all) play(user, step)
      expect(result.ok ? shown(result.value) : result.error).toEqual(user)
    })
    fc.assert(property, { numRuns: 3000 })
  })

  it('is whole or nothing: what fails last leaves what was', () => {
    const doc = docOf(start)
    const before = structuredClone(doc)
    const operations = readOperations(userType, {
      Operations: [
        { op: 'replace', path: 'title', value: 'new' },
        { op: 'remove', path: 'emails' },
        { op: 'replace', path: 'name', value: 'x' },
      ],
    })
    if (!operations.ok) throw new Error(operations.error.detail)
    const result = applyPatch(patching(), doc, operations.value)
    expect(result).toMatchObject({ ok: false, error: { scimType: 'invalidValue' } })
    expect(doc).toEqual(before)
  })
})

describe('an operation', () => {
  it('on a value that is chosen changes every one that matches, and no other', () => {
    const emails = [
      { value: 'a', type: 'work' },
      { value: 'b', type: 'Work' },
      { value: 'c', type: 'home' },
    ]
    const operation = { op: 'replace', path: 'emails[type eq "work"].display', value: 'x' }
    expect(patched({ emails }, operation).emails).toEqual([
      { value: 'a', display: 'x', type: 'work' },
      { value: 'b', display: 'x', type: 'Work' },
      { value: 'c', type: 'home' },
    ])
  })

  it('makes the element that its filter describes, and moves no primary', () => {
    const emails = [{ value: 'a', type: 'home', primary: true }]
    const operation = { op: 'Replace', path: 'emails[type eq "work"].value', value: 'b' }
    expect(patched({ emails }, operation).emails).toEqual([...emails, { type: 'work', value: 'b' }])
    const both = 'emails[type eq "work" and primary eq "True"].value'
    expect(patched({ emails }, { op: 'add', path: both, value: 'b' }).emails).toEqual([
      { value: 'a', type: 'home', primary: false },
      { type: 'work', primary: true, value: 'b' },
    ])
  })

  it('that makes one primary takes it from the other', () => {
    const emails = [
      { value: 'a', primary: true },
      { value: 'b', primary: false },
    ]
    const others = [
      { value: 'a', primary: false },
      { value: 'b', primary: true },
    ]
    const path = 'emails[value eq "b"].primary'
    expect(patched({ emails }, { op: 'replace', path, value: 'True' }).emails).toEqual(others)
    const value = [{ value: 'b', primary: true }]
    expect(patched({ emails }, { op: 'add', path: 'emails', value }).emails).toEqual(others)
  })

  it('on an extension sets, adds to, or removes it as a whole', () => {
    const user = { [ENTERPRISE]: { department: 'a', costCenter: '1' } }
    const value = { Department: 'b' }
    expect(patched(user, { op: 'add', path: ENTERPRISE, value })[ENTERPRISE]).toEqual({
      department: 'b',
      costCenter: '1',
    })
    expect(patched(user, { op: 'add', value: { [ENTERPRISE]: value } })[ENTERPRISE]).toEqual({
      department: 'b',
      costCenter: '1',
    })
    expect(patched(user, { op: 'remove', path: ENTERPRISE })).toEqual({})
  })

  it('never reaches what objects have of their own', () => {
    const hostile = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']
    for (const path of hostile) {
      for (const where of [path, `name.${path}`, `emails.${path}`, `${ENTERPRISE}:${path}`]) {
        const result = patch(start, { op: 'add', path: where, value: 'x' })
        expect(result).toMatchObject({ ok: false, error: { scimType: 'invalidPath' } })
        expect(patched({}, { op: 'add', value: { [where]: 'x' } })).toEqual({})
      }
      const value = JSON.parse(`{"${path}":{"x":1},"name":{"${path}":"x","givenName":"a"}}`)
      expect(patched({}, { op: 'replace', value })).toEqual({ name: { givenName: 'a' } })
    }
    expect(Object.prototype).not.toHaveProperty('x')
  })
})
