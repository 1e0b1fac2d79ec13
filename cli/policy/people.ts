/** People to judge: from the store, or from a file. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as v from 'valibot'
import { toSomebody, type Somebody } from '../../src/admin/question.ts'
import { listPeople, type KnownPerson } from '../../src/directory/people-store.ts'
import type { Instant } from '../../src/lib/instant.ts'
import { perhaps } from '../../src/lib/nearest.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { refused, type Failure } from '../command.ts'
import { personSchema, toPerson } from './read.ts'

const PAGE = 1000

/** @param onPage is told how many have been read so far. */
export async function readEverybody(
  db: D1Database,
  now: Instant,
  onPage: (count: number) => void,
): Promise<readonly Somebody[]> {
  const all: Somebody[] = []
  let after: string | null = null
  for (;;) {
    const page: readonly KnownPerson[] = await listPeople(db, { after, id: null, limit: PAGE })
    all.push(...page.map((known) => toSomebody(known, now)))
    after = page.at(-1)?.id ?? null
    if (page.length < PAGE) return all
    onPage(all.length)
  }
}

const peopleSchema = v.record(v.string(), personSchema, 'must be an object: { name: person }')

/** The people of a JSON file, or of a file like gatehouse.test.ts. */
export async function readPeople(
  file: string,
  now: Instant,
): Promise<Result<readonly Somebody[], Failure>> {
  const path = resolve(file)
  if (!existsSync(path)) return refused(`There is no ${path}.`)
  const content = await load(path).catch((error: unknown) => String(error))
  if (typeof content === 'string') return refused(`${path} does not load: ${content}`)
  const people =
    typeof content === 'object' && content && 'people' in content ? content.people : content
  const parsed = v.safeParse(peopleSchema, people)
  if (!parsed.success) {
    const faults = parsed.issues.map((issue) => `  ${v.getDotPath(issue) ?? 'it'} ${issue.message}`)
    return refused(`${path}:\n${faults.join('\n')}`)
  }
  return ok(
    Object.entries(parsed.output).map(([name, given]) => ({
      name,
      mayComeIn: true,
      person: toPerson(given, now),
    })),
  )
}

async function load(path: string): Promise<unknown> {
  if (path.endsWith('.json')) return JSON.parse(await readFile(path, 'utf8'))
  const module: unknown = await import(pathToFileURL(path).href)
  return typeof module === 'object' && module && 'default' in module ? module.default : null
}

export function findSomebody(
  people: readonly Somebody[],
  name: string,
  file: string,
): Result<Somebody, Failure> {
  const found = people.find((each) => each.name === name || each.person.email === name)
  if (found) return ok(found)
  const known = people.map((each) => each.name)
  return refused(`${file} has no "${name}"${perhaps(name, known)}.`)
}
