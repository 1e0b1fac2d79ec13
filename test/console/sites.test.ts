/** The sites of the console, as the Worker was deployed with them. */
import { expect, it } from 'vitest'
import { A, B, siteAt } from '../login/person.ts'
import { auditor, CONSOLE, createConsole, withConsole } from './stage.ts'

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
  const rows = [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    row
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
  expect(rows.slice(1, 5)).toEqual([
    '/ everybody who is signed in',
    '/ops all of (group &lt;ops&gt; of connection okta, method GET)',
    '/docs Public for GET; otherwise connection okta',
    '/open Public',
  ])
  expect(page).toContain('The &quot;Wiki&quot;')
  expect(page).toContain('90 minutes at most, or 90 seconds without a request')
  expect(page).toContain('the Worker at the binding ORIGIN')
  expect(page).toContain('https://shop.example.com')
  expect(page).not.toContain('<form method="post" action="/.gatehouse/admin/do')
})
