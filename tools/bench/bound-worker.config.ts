import { defineConfig } from '../../src/config.ts'

/** Set by the bundler. */
declare const ORIGIN_URL: string

export default defineConfig({
  sites: [
    {
      url: 'http://app.localhost',
      origin: ORIGIN_URL,
      deviceBinding: 'require',
      routes: [{ path: '/', access: 'signed-in' }],
    },
  ],
})
