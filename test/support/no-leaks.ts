/**
 * Runs before every test file in workerd. tools/stage/evidence.ts says which leaks it looks for.
 */
import { env } from 'cloudflare:workers'
import { afterAll, expect } from 'vitest'
import { keepSecret, leaks, recordConsole } from '../../tools/stage/evidence.ts'

recordConsole()
keepSecret(env.GATEHOUSE_SECRET)

afterAll(() => {
  expect(leaks(), 'secrets in a log, page or error').toEqual([])
})
