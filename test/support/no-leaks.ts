/** Before every test file in workerd; what it looks for, tools/stage/evidence.ts says. */
import { env } from 'cloudflare:workers'
import { afterAll, expect } from 'vitest'
import { keepSecret, leaks, recordConsole } from '../../tools/stage/evidence.ts'

recordConsole()
keepSecret(env.GATEHOUSE_SECRET)

afterAll(() => {
  expect(leaks(), 'secrets in a log, page or error').toEqual([])
})
