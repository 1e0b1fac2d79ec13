import { defineConfig } from './src/config.ts'

export default defineConfig({
  sites: [
    {
      // What your people type. `npm run dev` serves this one.
      url: 'http://localhost:8787',
      // What stands behind, reachable by nobody else.
      origin: 'http://127.0.0.1:3000',
      // What no route covers is denied; the most specific path wins.
      routes: [{ path: '/', access: 'signed-in' }],
    },
  ],
})
