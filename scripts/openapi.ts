/** `npm run openapi` makes the OpenAPI document of the API anew, from the operations of src/admin. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toJsonSchema } from '@valibot/to-json-schema'
import { root } from '../cli/project.ts'
import type { Field } from '../src/admin/field.ts'
import type { Operation } from '../src/admin/operation.ts'
import { operations } from '../src/admin/operations.ts'
import { API_PREFIX } from '../src/lib/paths.ts'

export const documentFile = join(root, 'assets', '.gatehouse', 'assets', 'openapi.json')

type Json = Readonly<Record<string, unknown>>

export function toDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of operations) {
    const { method, path } = operation.http
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(operation) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Gatehouse',
      version,
      description: 'What operators do, for programs. docs/api.md says more.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: API_PREFIX, description: 'On the login host' }],
    security: [{ adminToken: [] }],
    tags: [...new Set(operations.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        adminToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token that `npx gatehouse admin token create` made',
        },
      },
      responses: {
        Problem: {
          description: 'A refusal',
          content: { 'application/problem+json': { schema: ref('schemas/Problem') } },
        },
      },
      schemas: { Problem: problemSchema },
    },
  }
}

const ref = (to: string): Json => ({ $ref: `#/components/${to}` })

const tagOf = ({ name }: Operation): string => name.split(' ')[0] ?? name

function describe(operation: Operation): Json {
  const { name, summary, details, scope, fields, http, changes } = operation
  const inPath = Array.from(http.path.matchAll(/\{(\w+)\}/g), ([, field = '']) => field)
  const others = Object.entries(fields).filter(([field]) => !inPath.includes(field))
  const inQuery = http.method === 'GET' ? others : []
  const inBody = http.method === 'GET' ? [] : others
  return {
    operationId: name.replace(/[ -](\w)/g, (_, letter: string) => letter.toUpperCase()),
    summary,
    description: [details, `Needs the scope \`${scope}\`.`].filter(Boolean).join(' '),
    tags: [tagOf(operation)],
    security: [{ adminToken: [scope] }],
    parameters: [
      ...inPath.flatMap((field) => parameter(field, 'path', fields[field])),
      ...inQuery.flatMap(([field, described]) => parameter(field, 'query', described)),
      ...(http.heedsVersion ? [ifMatch] : []),
      ...(changes ? [idempotencyKey] : []),
    ],
    ...(inBody.length === 0 ? {} : { requestBody: bodyOf(inBody) }),
    responses: {
      [http.creates ? '201' : '200']: {
        description: changes ? 'It is done' : 'The answer',
        headers: {
          ETag: { description: 'The version, if there is one', schema: { type: 'string' } },
          ...('cursor' in fields
            ? { Link: { description: 'Where the next page is', schema: { type: 'string' } } }
            : {}),
        },
        content: { 'application/json': { schema: answerOf(operation) } },
      },
      default: ref('responses/Problem'),
    },
  }
}

const parameter = (
  name: string,
  place: 'path' | 'query',
  field: Field<unknown> | undefined,
): readonly Json[] =>
  field === undefined
    ? []
    : [
        {
          name,
          in: place,
          required: field.isRequired,
          description: field.meaning,
          schema: schemaOf(field),
        },
      ]

function bodyOf(given: readonly (readonly [string, Field<unknown>])[]): Json {
  const required = given.filter(([, { isRequired }]) => isRequired).map(([name]) => name)
  const properties = given.map(([name, field]): [string, Json] => [
    name,
    { ...schemaOf(field), description: field.meaning },
  ])
  return {
    required: required.length > 0,
    content: {
      'application/json': {
        schema: {
          type: 'object',
          properties: Object.fromEntries(properties),
          ...(required.length > 0 ? { required } : {}),
          additionalProperties: false,
        },
      },
    },
  }
}

/** The API takes no empty list: a list that has nothing is left out. */
const schemaOf = ({ schema }: Field<unknown>): Json =>
  schema.type === 'array' ? { ...schema, minItems: 1 } : { ...schema }

function answerOf({ result, fields, http }: Operation): Json {
  const { $schema: _, ...facts } = toJsonSchema(result, { target: 'draft-2020-12' })
  const beside = {
    ...(http.creates
      ? { secret: { type: 'string', description: 'Shown this once, if there is one' } }
      : {}),
    ...('cursor' in fields
      ? { next: { type: 'string', description: 'The cursor of the next page; absent: no more' } }
      : {}),
  }
  return Object.keys(beside).length === 0
    ? facts
    : { allOf: [facts, { type: 'object', properties: beside }] }
}

const ifMatch: Json = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The ETag of what was read: the change is made only if nothing else changed it',
  schema: { type: 'string' },
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A new quoted text for each request, so that it can be sent again',
  schema: { type: 'string', maxLength: 257 },
}

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457',
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'For people' },
    instance: { type: 'string', format: 'uri', description: 'The number of the request' },
    reason: { type: 'string', description: 'For programs' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          field: { type: ['string', 'null'] },
          detail: { type: 'string' },
        },
        required: ['field', 'detail'],
      },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'instance', 'reason'],
}

export function documentText(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return `${JSON.stringify(toDocument(String(version)), null, 1)}\n`
}

if (import.meta.main) writeFileSync(documentFile, documentText())
