/**
 * KV and D1 for a Worker under `workerd serve`. They run in this process, so that their cost is not
 * counted as the Worker's, as at Cloudflare; the Worker's own cost of asking them is counted. D1 is
 * SQLite with our migrations.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { createRestD1 } from '../../cli/rest-d1.ts'
import { readMigrations } from '../stage/migrate.ts'
import { listen } from './listen.ts'

export interface Stores {
  readonly kvPort: number
  readonly dbPort: number
  readonly kv: Map<string, string>
  readonly db: DatabaseSync
  /** The same database with the interface of D1. */
  readonly d1: D1Database
  readonly stop: () => void
}

export async function startStores(): Promise<Stores> {
  const kv = new Map<string, string>()
  const db = new DatabaseSync(':memory:')
  for (const sql of await readMigrations()) db.exec(sql)
  const kvServer = createServer((request, response) => void answerKv(kv, request, response))
  const query = prepareOnce(db)
  const dbServer = createServer((request, response) => void answerDb(query, request, response))
  return {
    kvPort: await listen(kvServer),
    dbPort: await listen(dbServer),
    kv,
    db,
    d1: createRestD1((body) =>
      Promise.resolve(('batch' in body ? body.batch : [body]).map((each) => toRows(query(each)))),
    ),
    stop: () => {
      for (const server of [kvServer, dbServer]) {
        server.closeAllConnections()
        server.close()
      }
      db.close()
    },
  }
}

/** Speaks the protocol of workerd's KV binding. */
async function answerKv(
  kv: Map<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const key = decodeURIComponent((request.url ?? '').slice(1).split('?')[0] ?? '')
  if (request.method === 'PUT') kv.set(key, await textOf(request))
  if (request.method === 'DELETE') kv.delete(key)
  const value = kv.get(key)
  if (request.method !== 'GET') response.end()
  else if (value === undefined) response.writeHead(404).end()
  else response.end(value)
}

interface Asked {
  readonly sql: string
  readonly params?: readonly SQLInputValue[]
}

/** Speaks the protocol of workerd's D1 binding, as far as it is used here. */
async function answerDb(
  query: Query,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const asked: Asked | readonly Asked[] = JSON.parse(await textOf(request))
    response.end(JSON.stringify([asked].flat().map((each) => toResult(query(each)))))
  } catch (error) {
    response.end(JSON.stringify({ success: false, error: String(error) }))
  }
}

interface Answered {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  readonly changes: number
}
type Query = (asked: Asked) => Answered

function prepareOnce(db: DatabaseSync): Query {
  const prepared = new Map<string, StatementSync>()
  return ({ sql, params }) => {
    const statement = prepared.get(sql) ?? db.prepare(sql)
    statement.setReturnArrays(true)
    prepared.set(sql, statement)
    const before = changesOf(db)
    const rows = statement.all(...(params ?? [])).map((row) => Object.values(row))
    const columns = statement.columns().map(({ name }) => name)
    return { columns, rows, changes: changesOf(db) - before }
  }
}

/** The two result formats of D1. */
const toResult = ({ columns, rows, changes }: Answered) => ({
  success: true,
  results: { columns, rows },
  meta: { ...noMeta, changes },
})
const toRows = ({ columns, rows, changes }: Answered) => ({
  results: rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]]))),
  meta: { ...noMeta, changes },
})

const noMeta = { duration: 0, last_row_id: 0, changed_db: false, size_after: 0 }

const changesOf = (db: DatabaseSync): number =>
  Number(Object(db.prepare('SELECT total_changes() AS n').get()).n)

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return String(Buffer.concat(chunks))
}
