/** Where `npm run dev` answers now. It is kept beside the store, because commands with --local print it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import type { LocalAddress } from '../local.ts'
import { stateFolder } from '../project.ts'

const schema = v.object({
  scheme: v.picklist(['http', 'https']),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
})

/** @param persistTo the folder of the store, as --persist-to names it. */
export function keepDevAddress(persistTo: string | null, { scheme, port }: LocalAddress): void {
  const file = fileIn(persistTo)
  mkdirSync(resolve(file, '..'), { recursive: true })
  writeFileSync(file, JSON.stringify({ scheme, port, pid: process.pid }))
  process.on('exit', () => {
    // Another `npm run dev` may have started on the same store since.
    if (read(file)?.pid === process.pid) rmSync(file, { force: true })
  })
}

/** null: `npm run dev` is not running. */
export function findDevAddress(persistTo: string | null): LocalAddress | null {
  const kept = read(fileIn(persistTo))
  return kept && isAlive(kept.pid) ? { scheme: kept.scheme, port: kept.port } : null
}

const fileIn = (persistTo: string | null): string =>
  join(persistTo === null ? stateFolder : resolve(persistTo), 'gatehouse-dev.json')

function read(file: string): v.InferOutput<typeof schema> | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(readFileSync(file, 'utf8')))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
