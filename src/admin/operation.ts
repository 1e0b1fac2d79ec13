/**
 * An operation, declared once for every face. A file of this folder exports it, and the command
 * line finds it there: its arguments, help page, errors, table and JSON come from the declaration.
 */
import { err, ok, type Result } from '../lib/result.ts'
import type { Instant } from '../lib/instant.ts'
import type { Context } from './context.ts'
import { readFields, type Fault, type Fields, type Given, type InputOf } from './field.ts'
import type { Block } from './view.ts'

export interface Operation {
  readonly kind: 'operation'
  /** Noun first: `session list`. */
  readonly name: string
  readonly summary: string
  /** null: the summary says it all. */
  readonly details: string | null
  readonly examples: readonly Example[]
  readonly fields: Fields
  /** The field that names what the operation is about; null: the operation is about all. */
  readonly subject: string | null
  readonly changes: boolean
  /** The first step: parse. What it gives does the rest. */
  readonly prepare: (given: Given) => Result<Act, readonly Fault[]>
}

export interface Example {
  readonly says: string
  readonly input: Readonly<Record<string, string>>
}

export type Act = (context: Context, bound: Bound) => Promise<Result<Answer, Refusal>>

/** Within which time a change is in force on every isolate. */
export interface Bound {
  /** null: the face cannot tell. */
  readonly seconds: number | null
  /** "within 15 seconds" */
  readonly words: string
}

export interface Answer {
  /** For programs. */
  readonly facts: Facts
  /** For people. */
  readonly view: readonly Block[]
}

type Facts = Readonly<Record<string, unknown>>

export interface Refusal {
  readonly kind: 'invalid' | 'not-found' | 'conflict'
  readonly reason: string
  /** A sentence, and what it refers to. */
  readonly message: string
  readonly view: readonly Block[]
  /** null: no other operation helps. */
  readonly see: See | null
  readonly facts: Facts
}

/** An operation that helps, and the field that it asks for. */
export interface See {
  readonly operation: string
  readonly asks: string | null
}

/** `run` applies the rules, stores, and tells the audit, in this order. */
export interface Definition<F extends Fields, T, E> extends Omit<
  Operation,
  'kind' | 'fields' | 'prepare'
> {
  readonly fields: F
  /** What is wrong with values that are right one by one; null: any of them go together. */
  readonly judge: ((input: InputOf<F>) => string | null) | null
  readonly run: (context: Context, input: InputOf<F>) => Promise<Result<T, E>>
  readonly show: (done: T, at: { readonly now: Instant; readonly bound: Bound }) => Answer
  readonly explain: (refusal: E) => Refusal
}

export function defineOperation<F extends Fields, T, E>({
  judge,
  run,
  show,
  explain,
  ...described
}: Definition<F, T, E>): Operation {
  return {
    ...described,
    kind: 'operation',
    prepare: (given) => {
      const input = readFields(described.fields, given)
      if (!input.ok) return input
      const problem = judge?.(input.value) ?? null
      if (problem !== null) return err([{ field: null, problem }])
      return ok(async (context, bound) => {
        const done = await run(context, input.value)
        return done.ok
          ? ok(show(done.value, { now: context.now, bound }))
          : err(explain(done.error))
      })
    },
  }
}

/** Whether what a module exports is one. */
export const isOperation = (exported: unknown): exported is Operation =>
  typeof exported === 'object' &&
  exported !== null &&
  'kind' in exported &&
  exported.kind === 'operation'

/** A refusal that its message says in full. */
export const refusal = (
  kind: Refusal['kind'],
  reason: string,
  message: string,
  see: See | null = null,
): Refusal => ({ kind, reason, message, view: [], see, facts: {} })
