/** The sites of the console, as the Worker was deployed with them. */
import { expect, it } from 'vitest'
import { A, B, siteAt } from '../login/person.ts'
import { auditor, CONSOLE, createConsole, rowsOf, textOf, withConsole } from './stage.ts'

it('are shown with their routes and rules in words, to an auditor too', async () => {
  const routes = [
    { path: '/', access: 'signed-in' as const },
    {
      path: '/ops',
      access: { allOf: [{ group: '<ops>', connection: 'okta' }, { method: 'GET' }] },
    },
    { path: '/docs', access: { public: 'GET', otherwise: { connection: 'okta' } } },
    { path: '/open', access: 'public' as const },
  ]
  const session = { absoluteSeconds: 5400, idleSeconds: 90 }
  const stage = await createConsole(
    withConsole({
      sites: [siteAt(A, { name: 'The "Wiki"', routes, session, connections: ['okta'] }), siteAt(B)],
      sitesElsewhere: [{ url: 'https://shop.example.com' }],
    }),
  )
  const page = await (await auditor(stage).open(`${CONSOLE}/sites`)).text()
  expect(rowsOf(page).slice(1, 5)).toEqual([
    '/ everybody who is signed in',
    '/ops all of (group <ops> of connection okta, method GET)',
    '/docs Public for GET; otherwise connection okta',
    '/open Public',
  ])
  expect(page).toContain('The &quot;Wiki&quot;')
  expect(page).toContain('90 minutes at most, or 90 seconds without a request')
  expect(page).toContain('the Worker at the binding ORIGIN')
  expect(page).toContain('https://shop.example.com')
  expect(page).not.toContain('<form method="post" action="/.gatehouse/admin/do')
})

it('say whether a person may open an address, and why', async () => {
  const routes = [
    { path: '/', access: 'signed-in' as const },
    { path: '/ops', access: { group: 'ops', connection: 'okta' } },
  ]
  const stage = await createConsole(withConsole({ sites: [siteAt(A, { routes }), siteAt(B)] }))
  const aude = auditor(stage)
  const ask = async (person: string, url: string) => {
    const query = new URLSearchParams({ person, method: 'GET', url }).toString()
    const page = await (await aude.open(`${CONSOLE}/sites?${query}`)).text()
    const [, status = ''] = /<div role="status">(.*?)<\/div>/s.exec(page) ?? []
    return textOf(status).trim()
  }
  await aude.open(CONSOLE)
  expect(await ask('aude@example.test', `${A}/x`)).toMatch(/^Yes .* answer allowed$/)
  expect(await ask('aude@example.test', '/ops/x')).toMatch(/^No .*no group ops.* answer refused: /)
  expect(await ask('nobody', `${A}/`)).toMatch(/^No nobody: GET .* answer asked to sign in$/)
  expect(await ask('<b>', `${A}/`)).toContain('<b>')
  expect(await ask('', `${A}/`)).toBe('person is missing.')
  expect(await ask('aude@example.test', 'nonsense')).toMatch(/^The request /)
})
