/** The pages of the console: path, roles, and content. Only `change.ts` changes anything. */
import type { Child } from 'hono/jsx'
import type { AdminDeps } from '../admin/part.ts'
import type { Context, Scope } from '../admin/context.ts'
import type { Fault, Given } from '../admin/field.ts'
import type { Visit } from '../site/visit.ts'
import type { Admin } from './admin.ts'

export interface ConsolePage {
  /** Below /.gatehouse/admin, as Hono's router takes it: `/people/:id`. */
  readonly path: string
  readonly scope: Scope
  readonly show: (at: At) => Promise<Shown>
}

export interface At {
  readonly admin: Admin
  /** Of operations, in the name of the admin. */
  readonly context: Context
  readonly deps: AdminDeps
  readonly visit: Visit
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** A form of this page that was refused; null: none was. */
  readonly refused: RefusedForm | null
}

/** The typed text is shown again, with its faults. */
export interface RefusedForm {
  /** The operation. */
  readonly name: string
  readonly given: Given
  readonly faults: readonly Fault[]
  /** The refusal's reason, such as `unconfirmed`; `invalid`: a field is wrong. */
  readonly reason: string
}

export interface Shown {
  /** Absent: 200. */
  readonly status?: number
  readonly title: string
  /** The section of the menu: its path. */
  readonly section: string
  readonly body: Child
}
