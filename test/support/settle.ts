/**
 * Runs before every test file in workerd. What a request leaves for after its answer is waited for at
 * the end of each test. It may wait for a module to load, and would then write into the stores of the
 * next test, or of the next file.
 */
import { afterEach } from 'vitest'
import { settled } from './background.ts'

afterEach(settled)
