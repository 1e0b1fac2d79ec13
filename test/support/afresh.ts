/**
 * Runs before every test file in workerd. Several files share one workerd, because to start it takes
 * longer than most files. So each file begins with modules and stores that no other file has used,
 * and with the real clock.
 */
import { vi } from 'vitest'
import { emptyEverything } from './empty.ts'

vi.useRealTimers()
vi.restoreAllMocks()
vi.unstubAllGlobals()
vi.resetModules()
await emptyEverything()
