/** The Worker of the test with devices: three sites that bind sessions, by TLS. */
import { createGatehouse } from '../../src/app.ts'

/** Set by build.ts. */
declare const ORIGIN_URL: string
declare const PORT: number

const siteOf = (name: string, deviceBinding: 'offer' | 'require') => ({
  url: `https://${name}.test:${PORT}`,
  origin: ORIGIN_URL,
  deviceBinding,
  routes: [
    { path: '/', access: 'signed-in' as const },
    { path: '/public', access: 'public' as const },
    { path: '/bound', access: { deviceBound: true as const } },
  ],
  session: { absoluteSeconds: 3600, idleSeconds: null },
})

export default createGatehouse({
  loginHost: `https://offer.test:${PORT}`,
  sites: [siteOf('offer', 'offer'), siteOf('require', 'require')],
}) satisfies ExportedHandler
