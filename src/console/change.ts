/** A change that a form asks for: it names an operation, and this runs it in the admin's name. */
import type { Context } from '../admin/context.ts'
import type { Fault, Given } from '../admin/field.ts'
import type { Answer, Bound, Operation, Refusal } from '../admin/operation.ts'
import { operations } from '../admin/operations.ts'
import type { Block } from '../admin/view.ts'
import type { Visit } from '../site/visit.ts'
import type { Admin } from './admin.ts'
import type { Flash } from './flash.ts'
import type { RefusedForm } from './page.ts'
import { slugOf } from './ui.tsx'

export interface Change {
  readonly operation: Operation
  readonly given: Given
  /** The page with the form, below /.gatehouse/admin. */
  readonly back: string
  /** The page that comes after it. */
  readonly next: string
  readonly ifVersion: string | null
}

/** `user-disable` → the operation `user disable`, if it changes anything. */
export const findChange = (slug: string): Operation | null =>
  operations.find(({ name, changes }) => changes && slugOf(name) === slug) ?? null

/** What the form says. The fields that are the console's own are no input of the operation. */
export function readChange(operation: Operation, form: Given): Change {
  const own = (name: string): string | null => form.get(name)?.[0] ?? null
  const back = pageIn(own('back') ?? '')
  const given: Given = new Map(
    Object.entries(operation.fields).flatMap(([name, { schema }]) => {
      const values = form.get(name)
      if (!values) return []
      const isSwitch = schema.type === 'boolean'
      // A check box sends `on`.
      return [[name, isSwitch ? [values[0] === 'false' ? 'false' : 'true'] : values] as const]
    }),
  )
  const next = (own('next') ?? back).replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(given.get(name)?.[0] ?? ''),
  )
  return { operation, given, back, next: pageIn(next), ifVersion: own('version') }
}

/** A page of the console; any other text is its first page. */
const pageIn = (path: string): string =>
  /^(\/[\w@.~%:+-]+)*(\?[\w@.~%:+&=-]*)?(#[\w-]*)?$/.test(path) ? path : ''

const RECENT_SECONDS = 15 * 60

/** Whether the sign-in is too old for what the operation may do. */
export const needsSignIn = (
  { isDangerous }: Operation,
  { signedInAt }: Admin,
  { now }: Visit,
): boolean => isDangerous && now - signedInAt > RECENT_SECONDS * 1000

export type Outcome =
  | { readonly kind: 'done'; readonly answer: Answer }
  | {
      readonly kind: 'refused'
      readonly form: RefusedForm
      readonly view: readonly Block[]
      readonly status: number
    }

export async function run(
  { operation, given, ifVersion }: Change,
  context: Context,
  bound: Bound,
): Promise<Outcome> {
  const { name, prepare } = operation
  const prepared = prepare(given)
  if (!prepared.ok) {
    const form = { name, given, faults: prepared.error, reason: 'invalid' }
    return { kind: 'refused', form, view: [], status: 422 }
  }
  const done = await prepared.value(context, { bound, ifVersion })
  if (done.ok) return { kind: 'done', answer: done.value }
  const { kind, message, view, reason } = done.error
  const faults: readonly Fault[] = [{ field: null, problem: message }]
  return { kind: 'refused', form: { name, given, faults, reason }, view, status: statuses[kind] }
}

const statuses: Readonly<Record<Refusal['kind'], number>> = {
  invalid: 422,
  forbidden: 403,
  stale: 409,
  'not-found': 404,
  conflict: 409,
}

/** The sentences of an answer. Its tables and values are on the page that comes next. */
export const toFlash = ({ view, secret, undo }: Answer, notes: readonly string[]): Flash => ({
  isProblem: false,
  sentences: [
    ...view.flatMap((block) => (block.kind === 'sentence' ? block.text : [])),
    ...notes,
  ].slice(0, 6),
  secret,
  undo,
})
