/** Counts what the Worker asks of KV and D1, around the very bundle that is deployed. */
import { ask } from '../stage/stage.ts'

export interface Counts {
  /** Calls of D1: a query, or a batch. */
  readonly calls: number
  readonly reads: number
  readonly writes: number
  readonly kvReads: number
  readonly kvWrites: number
}

const COUNTS_PATH = '/counts-of-the-load-tool'

/** The module around the Worker. Each isolate counts for itself. */
export const countingModule = `import worker from './worker.js'
const counts = { calls: 0, reads: 0, writes: 0, kvReads: 0, kvWrites: 0 }
const isWrite = (sql) => !/^\\s*(SELECT|WITH\\b(?![^]*\\b(INSERT|UPDATE|DELETE)\\b))/i.test(sql)
const sqlOf = new WeakMap(), realOf = new WeakMap()
function note(statements) {
  counts.calls++
  for (const each of statements) isWrite(sqlOf.get(each)) ? counts.writes++ : counts.reads++
}
function watch(real, sql) {
  const watched = new Proxy(real, { get(_, name) {
    if (name === 'bind') return (...values) => watch(real.bind(...values), sql)
    return (...values) => { note([watched]); return real[name](...values) }
  } })
  sqlOf.set(watched, sql)
  realOf.set(watched, real)
  return watched
}
const watchDb = (db) => new Proxy(db, { get(_, name) {
  if (name === 'prepare') return (sql) => watch(db.prepare(sql), sql)
  if (name === 'batch') return (list) => { note(list); return db.batch(list.map((each) => realOf.get(each))) }
  throw new Error(name + ' is not counted')
} })
const watchKv = (kv) => new Proxy(kv, { get(_, name) {
  return (...values) => {
    name === 'get' || name === 'list' ? counts.kvReads++ : counts.kvWrites++
    return kv[name](...values)
  }
} })
let bindings = null
export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname === '${COUNTS_PATH}') return Response.json(counts)
    bindings ??= { ...env, DB: watchDb(env.DB), SESSIONS: watchKv(env.SESSIONS) }
    return worker.fetch(request, bindings, context)
  },
}`

/** @returns the sum of the isolates at these ports. */
export async function readCounts(ports: readonly number[]): Promise<Counts> {
  const each = await Promise.all(
    ports.map(async (port): Promise<Counts> => {
      const { text } = await ask(COUNTS_PATH, { port })
      return JSON.parse(text)
    }),
  )
  const sum = (of: keyof Counts) => each.reduce((all, counts) => all + counts[of], 0)
  return {
    calls: sum('calls'),
    reads: sum('reads'),
    writes: sum('writes'),
    kvReads: sum('kvReads'),
    kvWrites: sum('kvWrites'),
  }
}

export const since = (now: Counts, before: Counts): Counts => ({
  calls: now.calls - before.calls,
  reads: now.reads - before.reads,
  writes: now.writes - before.writes,
  kvReads: now.kvReads - before.kvReads,
  kvWrites: now.kvWrites - before.kvWrites,
})
