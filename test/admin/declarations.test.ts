/** What each declaration of an operation promises to its faces. */
import { describe, expect, it } from 'vitest'
import { toGiven } from '../../src/admin/field.ts'
import { isOperation } from '../../src/admin/operation.ts'
import { operations } from '../../src/admin/operations.ts'

const modules = import.meta.glob('../../src/admin/**/*.ts', { eager: true })

it('the list has every operation that a file declares, once', () => {
  const declared = Object.values(modules).flatMap((module) =>
    Object.values<unknown>({ ...module }).filter(isOperation),
  )
  expect(declared.length).toBeGreaterThan(10)
  expect(operations.map(({ name }) => name).toSorted()).toEqual(
    declared.map(({ name }) => name).toSorted(),
  )
})

it('no two operations have one name, or one method and path', () => {
  const names = operations.map(({ name }) => name)
  const routes = operations.map(({ http }) => `${http.method} ${http.path.replace(/{\w+}/g, '{}')}`)
  expect(new Set(names).size).toBe(names.length)
  expect(new Set(routes).size).toBe(routes.length)
})

describe.each(operations.map((operation) => [operation.name, operation] as const))(
  '%s',
  (_, { http, fields, subject, changes, scope, examples, prepare }) => {
    const named = Array.from(http.path.matchAll(/{(\w+)}/g), ([, name = '']) => name)

    it('has a path of plain segments, whose fields it has and needs', () => {
      expect(http.path).toMatch(/^(\/([a-z][a-z-]*|{[a-z][A-Za-z-]*}))+$/)
      expect(named.filter((name) => fields[name]?.isRequired !== true)).toEqual([])
      expect(named.filter((name) => fields[name]?.isList !== false)).toEqual([])
      expect(new Set(named).size).toBe(named.length)
    })

    it('reads by GET if it changes nothing, and then needs no more than reading', () => {
      // A reading operation with a long input is a POST.
      expect(changes && http.method === 'GET').toBe(false)
      if (http.method === 'DELETE') expect(named).toEqual(Object.keys(fields))
      if (changes) expect(scope).not.toBe('read')
      expect(http.creates === true && http.method !== 'POST').toBe(false)
    })

    it('has a subject that is a field, and examples that it takes', () => {
      if (subject !== null) expect(Object.keys(fields)).toContain(subject)
      expect(examples.length).toBeGreaterThan(0)
      for (const { input } of examples) expect(prepare(toGiven(input))).toMatchObject({ ok: true })
    })

    it('describes each field to programs as it is read', () => {
      for (const { isList, schema, placeholder } of Object.values(fields)) {
        expect(schema.type === 'array').toBe(isList)
        expect(schema.type === 'boolean').toBe(placeholder === null)
      }
    })
  },
)
