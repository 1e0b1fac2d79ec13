/** The bindings that the tests in workerd use: from wrangler.toml and vitest.config.ts. */
declare namespace Cloudflare {
  interface Env {
    SESSIONS: KVNamespace
    DB: D1Database
    GATEHOUSE_SECRET: string
    LIMITS: RateLimit
    /** Allows 20 in a minute. */
    FEW: RateLimit
    /** A database without our tables. */
    EMPTY: D1Database
    TEST_MIGRATIONS: import('cloudflare:test').D1Migration[]
  }
}
