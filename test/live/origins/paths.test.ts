/**
 * The gate in front of the web servers of Debian: which path has a server give a guarded page? What
 * counts is what the server itself gives, asked without the gate and with it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waysToGuarded } from './paths.ts'
import { GUARDED, names } from './servers.ts'
import { openOrigins, type Origins } from './stage.ts'
import { get, getAll } from './wire.ts'

let origins: Origins
beforeAll(async () => {
  origins = await openOrigins()
})
afterAll(() => origins?.stop())

describe.each(names)('paths in front of %s', (name) => {
  it('lead nobody to a guarded page without the right to it', async () => {
    const { port } = origins.serverOf(name)
    const ways = waysToGuarded()
    // The gate sends what the URL parser makes of a path.
    const sent = new Map(ways.map((way) => [way, asSent(way)]))
    const direct = await getAll(port, [...new Set([...ways, ...sent.values()])], {})
    const leads = (way: string) => direct.get(way)?.text.includes(GUARDED) ?? false
    const leading = ways.filter((way) => leads(way) || leads(sent.get(way) ?? ''))
    expect(leading.length).toBeGreaterThan(500)
    const lead = new Set(leading)
    const asked = ways.filter((way, i) => lead.has(way) || i % 20 === 0)

    const opened: string[] = []
    const tryAs = async (shape: string, cookie: string, secrets: readonly string[]) => {
      const Host = `${shape}.${name}.localhost`
      const answers = await getAll(origins.port, asked, {
        Host,
        ...(cookie ? { Cookie: cookie } : {}),
      })
      for (const [way, { text }] of answers) {
        if (secrets.some((secret) => text.includes(secret))) opened.push(`${shape} ${way}`)
      }
    }
    await tryAs('open', '', [GUARDED])
    await tryAs('shut', '', [GUARDED, 'ROOT'])
    await tryAs('three', '', [GUARDED, 'ROOT'])
    await tryAs('below', '', [GUARDED, 'ROOT'])
    await tryAs('three', await origins.cookieFor(`three.${name}.localhost`, []), [GUARDED])
    expect(opened).toEqual([])

    for (const shape of ['open', 'shut', 'three']) {
      const Host = `${shape}.${name}.localhost`
      const Cookie = await origins.cookieFor(Host)
      const { status, text } = await get(origins.port, '/guarded/page.txt', { Host, Cookie })
      expect([status, text]).toEqual([200, GUARDED])
    }
  })
})

const asSent = (way: string): string => {
  const { pathname, search } = new URL(way.startsWith('http:') ? way : `http://x${way}`)
  return pathname + search
}
