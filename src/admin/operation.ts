/**
 * An operation, declared once for every face: the command line, the console and the JSON API. A
 * face makes what it shows and takes (arguments, help page, form, route, table, JSON, errors) from
 * the declaration. `operations.ts` lists them.
 */
import type * as v from 'valibot'
import { err, ok, type Result } from '../lib/result.ts'
import type { Instant } from '../lib/instant.ts'
import { mayChangeTrust, mayDo, type Context, type Scope } from './context.ts'
import {
  readFields,
  type Fault,
  type Fields,
  type Given,
  type InputOf,
  type Typed,
} from './field.ts'
import { count, type Block, type See } from './view.ts'

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
  /** What an operator must be allowed to do. */
  readonly scope: Scope
  /** It says what the identity provider of its subject, a connection, may vouch for. */
  readonly changesTrust?: true
  /** The console asks for a sign-in of the last minutes first. */
  readonly isDangerous: boolean
  readonly http: Http
  /** What the secret of its answer is; absent: it has none. */
  readonly secretName?: 'Token' | 'Link' | 'Secret'
  /** The shape of the answer's facts. */
  readonly result: v.GenericSchema
  /** The first step: parse. What it gives does the rest. */
  readonly prepare: (given: Given) => Result<Act, readonly Fault[]>
}

/** Fields that the path does not name are the query of a GET, and the JSON body of the others. */
export interface Http {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** `/users/{user}`: names in braces are required fields. */
  readonly path: string
  /** The answer is 201. */
  readonly creates?: true
  /** `run` heeds `ifVersion`, so a client may send If-Match. */
  readonly heedsVersion?: true
}

export interface Example {
  readonly says: string
  readonly input: Typed
}

export type Act = (context: Context, call: Call) => Promise<Result<Answer, Refusal>>

export interface Call {
  readonly bound: Bound
  /** The change is made only if what it changes still has this version; null: in any case. */
  readonly ifVersion: string | null
}

/** Within which time a change is in force on every isolate. */
export interface Bound {
  /** null: the face cannot tell. */
  readonly seconds: number | null
  /** "within 15 seconds" */
  readonly words: string
}

export const withinSeconds = (seconds: number): Bound => ({
  seconds,
  words: `within ${count(seconds, 'second')}`,
})

export interface Answer {
  /** For programs. */
  readonly facts: Facts
  /** For people. */
  readonly view: readonly Block[]
  /** A new token or link. It is shown once, and must never be in the audit or in a log. */
  readonly secret: string | null
  /** Of what the answer shows, for `ifVersion`; null: it has no version. */
  readonly version: string | null
  /** Where the next page of the list begins, for the field `cursor`; null: this is the last. */
  readonly next: string | null
  /** What takes the change back; null: nothing does. */
  readonly undo: Undo | null
}

export interface Undo {
  /** The name of the operation. */
  readonly operation: string
  readonly input: Typed
}

type Facts = Readonly<Record<string, unknown>>

export interface Refusal {
  /**
   * `forbidden`: this operator may not. `conflict`: not as things are now. `stale`: the version is
   * no longer that of `ifVersion`.
   */
  readonly kind: 'invalid' | 'forbidden' | 'not-found' | 'conflict' | 'stale'
  readonly reason: string
  /** A sentence, and what it refers to. */
  readonly message: string
  readonly view: readonly Block[]
  /** null: no other operation helps. */
  readonly see: See | null
  readonly facts: Facts
  /** What is wrong with which field, where that is the reason. */
  readonly faults?: readonly Fault[]
}

/** The other fields are null. */
export type Shown = Pick<Answer, 'facts' | 'view'> &
  Partial<Pick<Answer, 'secret' | 'version' | 'next'>>

/** `run` applies the rules, stores, and tells the audit, in this order. */
export interface Definition<F extends Fields, T, E> extends Omit<
  Operation,
  'kind' | 'fields' | 'prepare'
> {
  readonly fields: F
  /** What is wrong with values that are right one by one; null: any of them go together. */
  readonly judge: ((input: InputOf<F>) => string | null) | null
  readonly run: (context: Context, input: InputOf<F>, call: Call) => Promise<Result<T, E>>
  readonly show: (done: T, at: { readonly now: Instant; readonly bound: Bound }) => Shown
  /** The call that takes the change back; null: there is none. */
  readonly undo: ((done: T) => Undo | null) | null
  readonly explain: (refusal: E) => Refusal
}

export function defineOperation<F extends Fields, T, E>({
  judge,
  run,
  show,
  undo,
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
      return ok(async (context, call) => {
        if (!mayDo(context.operator, described.scope)) return err(forbidden(described.scope))
        if (
          described.changesTrust &&
          !mayChangeTrust(context, given.get(described.subject ?? '')?.[0] ?? '')
        ) {
          return err(onlyOwners())
        }
        const done = await run(context, input.value, call)
        if (!done.ok) return err(explain(done.error))
        const shown = show(done.value, { now: context.now, bound: call.bound })
        const none = { secret: null, version: null, next: null }
        return ok({ ...none, ...shown, undo: undo?.(done.value) ?? null })
      })
    },
  }
}

const forbidden = (scope: Scope): Refusal =>
  refusal(
    'forbidden',
    'scope',
    `You may not do this: it takes the permission "${scope}". Ask an owner of this Gatehouse.`,
  )

const onlyOwners = (): Refusal =>
  refusal(
    'forbidden',
    'administrators-sign-in',
    'Administrators sign in with this connection. An operator who changes it could sign in as one of them, so the change needs the permission "all". Ask an owner of this Gatehouse.',
  )

/** An answer for programs. The names beside the facts are no names of facts. */
export const toJson = ({ facts, secret, next }: Answer): Facts => ({
  ...facts,
  ...(secret === null ? {} : { secret }),
  ...(next === null ? {} : { next }),
})

/** Whether what a module exports is one. */
export const isOperation = (exported: unknown): exported is Operation =>
  typeof exported === 'object' &&
  exported !== null &&
  'kind' in exported &&
  exported.kind === 'operation'

/** The field `yes` is not given. @param message what would be lost. @param see a milder operation. */
export const unconfirmed = (message: string, facts: Facts, see: See | null = null): Refusal => ({
  ...refusal('conflict', 'unconfirmed', message, see),
  facts,
})

/** A refusal that its message says in full. */
export const refusal = (
  kind: Refusal['kind'],
  reason: string,
  message: string,
  see: See | null = null,
): Refusal => ({ kind, reason, message, view: [], see, facts: {} })
