/** The dev store when it cannot be used: one sentence that says so, whatever is asked of it. */
import { globSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createPatientD1, isBusy } from '../../cli/patient-d1.ts'
import { createStage, vector, type Stage } from './run.ts'

let stage: Stage
beforeEach(async () => (stage = await createStage()))
afterEach(() => stage.remove())

const databases = (): readonly string[] => {
  const state = join(stage.directory, 'state', 'v3', 'd1')
  const files = globSync('**/*.sqlite', { cwd: state }).filter((file) => !file.includes('metadata'))
  expect(files).not.toEqual([])
  return files.map((file) => join(state, file))
}

it('that no database is in says that it failed, and nothing of where in the code', async () => {
  for (const file of databases()) {
    await writeFile(file, 'this is no database '.repeat(500))
    await rm(`${file}-wal`, { force: true })
    await rm(`${file}-shm`, { force: true })
  }
  const { code, out, err } = await stage.run(['user', 'list'])
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/(?:^|\n)The store failed[^\n]*\n$/)
  expect(err).not.toMatch(/\n +at /)
})

it('that something else writes to for a moment is waited for', async () => {
  const add = ['connection', 'add', 'okta', '--metadata', vector('responses/metadata/ssp.xml')]
  const locks = databases().map((file) => new DatabaseSync(file))
  const tried: string[] = []
  await stage.withStore(async (db) => {
    for (const lock of locks) lock.exec('BEGIN IMMEDIATE')
    const patient = createPatientD1(db, { tries: 100, pauseMs: 20 })
    const statement = patient.prepare('DELETE FROM taken WHERE expires_at < ?1').bind(1)
    const acts = [statement.run(), statement.all(), statement.first(), patient.batch([statement])]
    for (const act of acts) void act.then(() => tried.push('done'))
    const once = createPatientD1(db, { tries: 1, pauseMs: 0 })
    await expect(once.prepare('DELETE FROM taken').run()).rejects.toSatisfy(isBusy)
    expect(tried).toEqual([])
    for (const lock of locks) lock.exec('COMMIT')
    await Promise.all(acts)
    expect(tried).toHaveLength(4)
    await expect(patient.prepare('nonsense').run()).rejects.toThrow('syntax error')
  })
  for (const lock of locks) lock.close()
  expect((await stage.run(add)).code).toBe(0)
})

it('that something else is writing to is to be tried again', async () => {
  const add = ['connection', 'add', 'okta', '--metadata', vector('responses/metadata/ssp.xml')]
  const locks = databases().map((file) => new DatabaseSync(file))
  // Who reads is not kept out, who writes is.
  for (const lock of locks) lock.exec('BEGIN IMMEDIATE')
  const { code, err } = await stage.run(add)
  for (const lock of locks) lock.close()
  expect(code).toBe(1)
  expect(err).toMatch(/(?:^|\n)Another program keeps the dev store locked[^\n]*\n$/)
  expect((await stage.run(add)).code).toBe(0)
})
