/** The Worker, adding to each response what it asked of D1. Only for one request at a time. */
import { createGatehouse } from '../../src/app.ts'
import { recording, type Recording } from '../stage/recording.ts'

/** Set by the bundler. */
declare const SITE_URL: string

const gatehouse = createGatehouse({
  sites: [
    { url: SITE_URL, origin: 'http://127.0.0.1:9', routes: [{ path: '/', access: 'signed-in' }] },
  ],
})
let recorded: Recording | null = null

export default {
  async fetch(request, env: { readonly DB: D1Database }, context) {
    recorded ??= recording(env.DB)
    recorded.forget()
    const response = await gatehouse.fetch(request, { ...env, DB: recorded.binding }, context)
    const headers = new Headers(response.headers)
    headers.set('X-Statements', String(recorded.statements.length))
    headers.set('X-Rows-Read', String(recorded.rows()))
    return new Response(response.body, { status: response.status, headers })
  },
} satisfies ExportedHandler<{ readonly DB: D1Database }>
