import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { gunzipSync } from 'node:zlib'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { quiet } from './test/support/quiet.ts'

const outsideWorkerd = [
  'test/flows/**',
  'test/browser/**',
  'test/cli/**',
  'test/live/**',
  'test/*.test.ts',
]

/** No test asserts a time. A busy machine has as long as it needs for what must come. */
const patient = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 120_000 } },
}

/** Workers of earlier versions are packed: test/vectors/builds. */
const packedWorkers = {
  name: 'packed-workers',
  enforce: 'pre' as const,
  load: (id: string) =>
    id.endsWith('.mjs.gz') ? gunzipSync(readFileSync(id)).toString('utf8') : null,
}

quiet()

export default defineConfig(async () => ({
  test: {
    // Of its own accord vitest leaves one core idle, which is half of a small machine. More than one
    // for each core, because some tests wait for time to pass: an idle limit, or a bound of seconds.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // A run that passes prints a line for each file, and the tests that take long.
    slowTestThreshold: 5_000,
    projects: [
      {
        plugins: [
          packedWorkers,
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              d1Databases: { EMPTY: 'empty' },
              ratelimits: { FEW: { namespace_id: '1', simple: { limit: 20, period: 60 } } },
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations('./migrations'),
                GATEHOUSE_SECRET: 'dGVzdHMgb25seTogMzIgYnl0ZXMgb2Ygbm90aGluZyE=',
              },
            },
          }),
        ],
        test: {
          name: 'unit',
          ...patient,
          include: ['test/**/*.test.ts'],
          exclude: outsideWorkerd,
          setupFiles: [
            './test/support/afresh.ts',
            './test/support/settle.ts',
            './test/support/no-leaks.ts',
          ],
          // The first of them gives each file modules and stores of its own.
          sequence: { setupFiles: 'list' as const },
          isolate: false,
        },
      },
      {
        test: {
          name: 'node',
          ...patient,
          include: ['test/*.test.ts', 'test/cli/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'flows',
          ...patient,
          include: ['test/flows/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'browser',
          ...patient,
          include: ['test/browser/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'live',
          ...patient,
          include: ['test/live/**/*.test.ts'],
          fileParallelism: false,
        },
      },
    ],
  },
}))
