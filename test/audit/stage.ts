/** Events and their table, in the real D1. */
import { env } from 'cloudflare:workers'
import type { AuditEvent } from '../../src/audit/event.ts'
import { toRow, type AuditRow } from '../../src/audit/row.ts'
import {
  everyEvent,
  listEvents,
  type AuditFilter,
  type StoredEvent,
} from '../../src/audit/store.ts'
import type { Instant } from '../../src/lib/instant.ts'
import { noon } from '../support/site.ts'

export const { DB: db } = env

export const everything = everyEvent

export const emptyAudit = () => db.exec('DELETE FROM audit')

export const kept = (filter: Partial<AuditFilter> = {}): Promise<readonly StoredEvent[]> =>
  listEvents(db, { ...everything, ...filter }, { order: 'oldest-first', after: null, limit: 1000 })

export const loginOf = (user: string) =>
  ({
    kind: 'login',
    site: 'app.example.com',
    connection: 'okta',
    user,
    session: `session of ${user}`,
  }) as const satisfies AuditEvent

export const refusal = {
  kind: 'login-refused',
  site: 'app.example.com',
  connection: 'okta',
  user: null,
  reason: 'expired',
  facts: {},
} as const satisfies AuditEvent

export const denialOf = (user: string) =>
  ({
    kind: 'access-denied',
    site: 'app.example.com',
    connection: 'okta',
    user,
    session: `session of ${user}`,
    path: '/admin',
    reason: 'needs group admins',
  }) as const satisfies AuditEvent

export const rowOf = (event: AuditEvent, at: Instant = noon): AuditRow =>
  toRow(event, at, 'request-1')

/** The real D1, and how SQLite goes about each statement that it is given. */
export function explained(): {
  readonly binding: D1Database
  readonly plans: () => Promise<string[]>
} {
  const asked: D1PreparedStatement[] = []
  const binding = new Proxy(db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name === 'prepare') {
        return (sql: string) => {
          const statement = target.prepare(sql)
          const plan = target.prepare(`EXPLAIN QUERY PLAN ${sql}`)
          return Object.assign(statement, {
            bind: recordBind(statement.bind.bind(statement), plan),
          })
        }
      }
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const recordBind =
    (bind: D1PreparedStatement['bind'], plan: D1PreparedStatement) =>
    (...values: unknown[]) => {
      asked.push(plan.bind(...values))
      return bind(...values)
    }
  const plans = async () => {
    const results = await db.batch<{ detail: string }>(asked)
    return results.map((plan) => plan.results.map(({ detail }) => detail).join('; '))
  }
  return { binding, plans }
}
