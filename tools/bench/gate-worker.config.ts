import { defineConfig } from '../../src/config.ts'

/** Set by the bundler. */
declare const ORIGIN_URL: string

export default defineConfig({
  sites: [
    {
      url: 'http://app.localhost',
      origin: ORIGIN_URL,
      routes: [
        { path: '/', access: 'signed-in' },
        { path: '/public', access: 'public' },
        { path: '/engineering', access: { group: 'engineering', connection: 'okta' } },
      ],
    },
  ],
})
