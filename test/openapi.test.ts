/** The OpenAPI document of the API. test/api-journey.test.ts drives the API by it. */
import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, it } from 'vitest'
import { documentFile, documentText } from '../scripts/openapi.ts'
import { operations } from '../src/admin/operations.ts'

const text = readFileSync(documentFile, 'utf8')
const document = JSON.parse(text)

it('is as the operations declare: npm run openapi makes it anew', () => {
  const isUpToDate = text === documentText()
  expect(isUpToDate, 'Run `npm run openapi`, and commit assets/.gatehouse/assets.').toBe(true)
})

it('is valid OpenAPI 3.1, by a validator of others', async () => {
  const validator = new Validator()
  expect(await validator.validate(structuredClone(document))).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
  const broken = { ...structuredClone(document), paths: { users: {} } }
  expect((await new Validator().validate(broken)).valid).toBe(false)
})

it('has every operation, by a name of its own, with its scope', () => {
  const described = Object.values<object>(document.paths).flatMap((path) =>
    Object.values<{ operationId: string; security: readonly object[] }>({ ...path }),
  )
  expect(described).toHaveLength(operations.length)
  expect(new Set(described.map(({ operationId }) => operationId)).size).toBe(operations.length)
  const scopes = described.map(({ security }) => JSON.stringify(security)).toSorted()
  const declared = operations.map(({ scope }) => JSON.stringify([{ adminToken: [scope] }]))
  expect(scopes).toEqual(declared.toSorted())
})
