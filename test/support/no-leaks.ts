/** Before every test file in workerd; what it looks for, test/support/evidence.ts says. */
import { env } from 'cloudflare:workers'
import { afterAll, expect } from 'vitest'
import { keepSecret, leaks, recordConsole } from './evidence.ts'

recordConsole()
keepSecret(env.GATEHOUSE_SECRET)

afterAll(() => {
  expect(leaks(), 'secrets in a log, page or error').toEqual([])
})
