/** PATCH over HTTP against a model that was written from RFC 7643 and RFC 7644. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { patch, settled, type Attribute, type Operation, type Target } from './rfc-patch-model.ts'
import { CORE, createDirectory, ENTERPRISE, type Directory, type Json } from './stage.ts'

let scim: Directory
/** What the service publishes, without what only the service sets. */
const published = new Map<string, readonly Attribute[]>()
beforeAll(async () => {
  scim = await createDirectory()
  for (const schema of [CORE, ENTERPRISE]) {
    const { body } = await scim.get(`/Schemas/${schema}`)
    published.set(schema, body.attributes)
  }
})

const attributesOf = (schema: string): readonly Attribute[] =>
  (published.get(schema) ?? []).filter(
    ({ name, mutability }) => mutability === 'readWrite' && name !== 'userName',
  )
/** Without addresses of other resources, which follow from `value` (docs/conformance.md). */
const partsOf = ({ subAttributes = [] }: Attribute): readonly Attribute[] =>
  subAttributes.filter(({ mutability, type }) => mutability !== 'readOnly' && type !== 'reference')

/** Few words, so that operations meet what earlier ones left. */
const word = fc.constantFrom('ada', 'grace', 'zoë')
const valueOf = ({ type }: Attribute): fc.Arbitrary<Json> =>
  type === 'boolean' ? fc.boolean() : word
const orNull = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) })

/** Of a complex attribute with one value: some parts, some of them null, some that nobody knows. */
const objectFor = (attribute: Attribute): fc.Arbitrary<Json> =>
  fc
    .record(
      {
        ...Object.fromEntries(partsOf(attribute).map((part) => [part.name, orNull(valueOf(part))])),
        ...Object.fromEntries(
          (attribute.subAttributes ?? [])
            .filter(({ mutability }) => mutability === 'readOnly')
            .map(({ name }) => [name, word]),
        ),
        preferredName: word,
      },
      { requiredKeys: [] },
    )
    .filter((value) => Object.keys(value).length > 0)

/** The part that tells values of one type apart: `value`, or for addresses the first there is. */
const keyOf = (attribute: Attribute): string => {
  const names = partsOf(attribute).map(({ name }) => name)
  return names.includes('value') ? 'value' : (names[0] ?? '')
}

/** One value of several: whole, and told apart by its type and key (RFC 7643 §2.4). */
const elementOf = (attribute: Attribute): fc.Arbitrary<Json> =>
  fc
    .tuple(word, fc.constantFrom('work', 'home'))
    .map(([key, type]) => ({ [keyOf(attribute)]: key, ...(isTyped(attribute) ? { type } : {}) }))

const isTyped = (attribute: Attribute): boolean =>
  attribute.multiValued && partsOf(attribute).some(({ name }) => name === 'type')

const targetIn = (schema: string): fc.Arbitrary<Target> =>
  fc.constantFrom(...attributesOf(schema)).chain((attribute) =>
    fc.record({
      extension: fc.constant(schema === CORE ? null : schema),
      attribute: fc.constant(attribute),
      ofType: isTyped(attribute)
        ? fc.constantFrom(null, 'work', 'home')
        : fc.constant<string | null>(null),
      part:
        attribute.type === 'complex'
          ? fc.constantFrom(
              null,
              ...partsOf(attribute).filter(({ name }) => isFree(attribute, name)),
            )
          : fc.constant<Attribute | null>(null),
    }),
  )

/** A changed type, key or `primary` of several values could make two of them one. */
const isFree = (attribute: Attribute, part: string): boolean =>
  !attribute.multiValued || !['type', 'primary', keyOf(attribute)].includes(part)

const operationIn = (schema: string): fc.Arbitrary<Operation> =>
  targetIn(schema).chain((target) => {
    const { attribute, part, ofType } = target
    const value = part
      ? valueOf(part)
      : !attribute.multiValued
        ? attribute.type === 'complex'
          ? orNull(objectFor(attribute))
          : orNull(valueOf(attribute))
        : ofType === null
          ? fc.uniqueArray(elementOf(attribute), {
              maxLength: 3,
              selector: (each) => JSON.stringify(each),
            })
          : elementOf(attribute).map((each) => ({ ...each, type: ofType }))
    // Whether `add` may have a filter, and make a value that matches it, the RFC leaves open.
    const ops: readonly Operation['op'][] =
      ofType === null ? ['add', 'remove', 'replace'] : ['remove', 'replace']
    return fc.record({ op: fc.constantFrom(...ops), target: fc.constant(target), value })
  })

/** How clients write it: the case of letters is theirs to choose (RFC 7643 §2.1, RFC 7644 §3.10). */
const wording = fc.record({
  isLoud: fc.boolean(),
  isCapital: fc.boolean(),
  hasUrn: fc.boolean(),
  isInObject: fc.boolean(),
})

function write(
  operation: Operation,
  how: typeof wording extends fc.Arbitrary<infer T> ? T : never,
) {
  const { op, target, value } = operation
  if (!target) throw new Error('no target')
  const { extension, attribute, ofType, part } = target
  const cased = (name: string) => (how.isLoud ? name.toUpperCase() : name)
  const name = cased(attribute.name)
  const said = how.isCapital ? `${op[0]?.toUpperCase()}${op.slice(1)}` : op
  const filter = ofType === null ? '' : `[${cased('type')} eq "${ofType}"]`
  const urn = extension ?? (how.hasUrn ? CORE : null)
  const path = `${urn === null ? '' : `${urn}:`}${name}${filter}${part ? `.${cased(part.name)}` : ''}`
  if (op === 'remove') return { op: said, path }
  const isWhole = part === null && ofType === null
  if (!how.isInObject || !isWhole) return { op: said, path, value }
  const attributes = { [name]: value }
  return { op: said, value: extension === null ? attributes : { [extension]: attributes } }
}

/**
 * The one deviation (docs/conformance.md, for Entra ID): where no value is of the type that is named,
 * one is made, and nothing is refused.
 */
function made({ op, target, value }: Operation): Operation {
  if (!target) throw new Error('no target')
  const { ofType, part } = target
  if (op !== 'replace') throw new Error('only a replace is refused')
  const parts = part ? { [part.name]: value } : value
  const whole = { ...target, ofType: null, part: null }
  return { op: 'add', target: whole, value: [{ ...parts, type: ofType }] }
}

const asked = (user: Json): Json => {
  const { id: _id, meta: _meta, schemas: _schemas, groups: _groups, ...rest } = user
  return settled(rest)
}

describe('a PATCH, beside the model of the RFC', () => {
  it('leaves what the model leaves', async () => {
    const step = fc
      .constantFrom(CORE, CORE, ENTERPRISE)
      .chain((schema) => fc.tuple(operationIn(schema), wording))
    const steps = fc.array(step, { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const id = await scim.user({ active: true })
        const url = `/Users/${id}`
        let expected: Json = asked((await scim.get(url)).body)
        for (const [operation, how] of all) {
          const judged = patch(expected, operation)
          const after = judged.ok ? judged : patch(expected, made(operation))
          if (!after.ok) throw new Error('an add is never refused')
          const sent = write(operation, how)
          const reply = await scim.patch(url, sent)
          expect([sent, reply.status]).toEqual([sent, 200])
          expected = settled(after.value)
          expect(asked((await scim.get(url)).body)).toEqual(expected)
        }
        await scim.remove(url)
      }),
      { numRuns: 100 },
    )
  })

  it('asks of every attribute that the service publishes', () => {
    const names = [...attributesOf(CORE), ...attributesOf(ENTERPRISE)].map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining(['name', 'emails', 'title', 'department', 'manager']),
    )
  })
})
