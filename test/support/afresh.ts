/**
 * Runs before every test file in workerd. Several files share one workerd, because to start it takes
 * longer than most files. So each file begins with modules and stores that no other file has used,
 * and with the real clock.
 */
import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'

vi.useRealTimers()
vi.restoreAllMocks()
vi.unstubAllGlobals()
vi.resetModules()
await reset()
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
