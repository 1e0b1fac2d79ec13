/**
 * The file of a backup: gzip of one JSON value a line. First the schema, then a row each, at the end
 * the number of rows and SHA-256 of each table. Nobody but its owner can read it.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import * as v from 'valibot'
import { err, ok, type Result } from '../../src/lib/result.ts'
import type { Values } from './tables.ts'

const table = v.object({
  name: v.pipe(v.string(), v.regex(/^\w+$/)),
  sql: v.string(),
  columns: v.array(v.pipe(v.string(), v.regex(/^\w+$/))),
  key: v.array(v.string()),
  parents: v.array(v.string()),
})
const head = v.object({
  gatehouse: v.literal('backup'),
  format: v.literal(1),
  madeAt: v.string(),
  migrations: v.array(v.string()),
  tables: v.array(table),
  others: v.array(v.string()),
  views: v.array(v.string()),
})
const foot = v.object({
  end: v.record(v.string(), v.object({ rows: v.number(), sha256: v.string() })),
})
const line = v.tupleWithRest([v.number()], v.union([v.string(), v.number(), v.null()]))

export type Head = v.InferOutput<typeof head>
export type Totals = v.InferOutput<typeof foot>['end']

/** The place of its table in the head, and a row. */
export type Placed = readonly [table: number, ...row: Values]

/** Counts rows of each table, and hashes them in their order. */
export class Tally {
  readonly #tables = new Map<string, { rows: number; readonly hash: Hash }>()

  add(name: string, row: Values): void {
    const known = this.#tables.get(name) ?? { rows: 0, hash: createHash('sha256') }
    known.rows++
    known.hash.update(`${JSON.stringify(row)}\n`)
    this.#tables.set(name, known)
  }

  /** It can be asked once. */
  total(names: readonly string[]): Totals {
    return Object.fromEntries(
      names.map((name) => {
        const { rows, hash } = this.#tables.get(name) ?? { rows: 0, hash: createHash('sha256') }
        return [name, { rows, sha256: hash.digest('hex') }]
      }),
    )
  }
}

/**
 * Writes beside the file first, so that a file of this name is whole.
 *
 * @throws if there is a file of this name already (EEXIST).
 */
export async function writeBackup(
  path: string,
  header: Head,
  rows: AsyncIterable<Placed>,
): Promise<Totals> {
  const partial = `${path}.partial`
  const file = await open(partial, 'wx', 0o600)
  const tally = new Tally()
  let totals: Totals = {}
  async function* lines(): AsyncGenerator<string> {
    yield `${JSON.stringify(header)}\n`
    for await (const [place, ...row] of rows) {
      tally.add(header.tables[place]?.name ?? '', row)
      yield `${JSON.stringify([place, ...row])}\n`
    }
    totals = tally.total(header.tables.map(({ name }) => name))
    yield `${JSON.stringify({ end: totals })}\n`
  }
  try {
    await pipeline(lines, createGzip(), file.createWriteStream({ flush: true }))
    // Unlike a rename, it does not replace a file.
    await link(partial, path)
    return totals
  } finally {
    await rm(partial, { force: true })
  }
}

export interface Backup {
  readonly head: Head
  readonly totals: Totals
}

/** Reads the file to its end. @param take is given each row. */
export async function readBackup(
  path: string,
  take: (row: Placed, head: Head) => Promise<void> | void = () => undefined,
): Promise<Result<Backup, string>> {
  const tally = new Tally()
  let header: Head | null = null
  let totals: Totals | null = null
  let failure: { readonly of: unknown } | null = null
  try {
    await pipeline(createReadStream(path), createGunzip(), async (bytes: AsyncIterable<Buffer>) => {
      for await (const text of linesOf(bytes)) {
        const value: unknown = JSON.parse(text)
        if (!header) header = v.parse(head, value)
        else if (totals) throw new Error('something is behind the end')
        else if (Array.isArray(value)) {
          const [place, ...row] = v.parse(line, value)
          const { name, columns } = header.tables[place] ?? {}
          if (name === undefined || columns?.length !== row.length) throw new Error('no such table')
          tally.add(name, row)
          try {
            await take([place, ...row], header)
          } catch (error) {
            failure = { of: error }
            throw error
          }
        } else totals = v.parse(foot, value).end
      }
    })
  } catch (error) {
    // What the taker cannot do is no fault of the file.
    if (failure) throw error
    return err(
      error instanceof Error && 'code' in error && error.code === 'ENOENT'
        ? 'is not there'
        : 'is not a backup of Gatehouse, or is damaged',
    )
  }
  return hold(header, totals, tally)
}

/** Whether the rows are those that were written. */
function hold(header: Head | null, totals: Totals | null, tally: Tally): Result<Backup, string> {
  if (!header || !totals) return err('is cut off')
  const found = tally.total(header.tables.map(({ name }) => name))
  return JSON.stringify(found) === JSON.stringify(totals)
    ? ok({ head: header, totals })
    : err('is damaged: its rows are not those that were written')
}

/** `readline` also ends a line at U+2028, which JSON may have inside a text. */
async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  for await (const chunk of bytes) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') yield rest
}
