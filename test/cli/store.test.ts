/** The dev store when it cannot be used: one sentence that says so, whatever is asked of it. */
import { globSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createStage, vector, type Stage } from './run.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

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

it('that something else is writing to is to be tried again', async () => {
  const add = ['connection', 'add', 'okta', '--metadata', vector('responses/metadata/ssp.xml')]
  const locks = databases().map((file) => new DatabaseSync(file))
  // Who reads is not kept out, who writes is.
  for (const lock of locks) lock.exec('BEGIN IMMEDIATE')
  const { code, err } = await stage.run(add)
  for (const lock of locks) lock.close()
  expect(code).toBe(1)
  expect(err).toMatch(/(?:^|\n)The dev store is being written to by something else[^\n]*\n$/)
  expect((await stage.run(add)).code).toBe(0)
})
