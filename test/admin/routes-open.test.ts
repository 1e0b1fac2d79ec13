import { expect, it } from 'vitest'
import { openRoutes } from '../../src/admin/routes-open.ts'
import { parseConfig } from '../../src/config.ts'
import { now, valueOf } from './stage.ts'

const config = valueOf(
  parseConfig({
    sites: [
      {
        url: 'https://app.example.com',
        origin: 'https://origin.example.net',
        connections: ['acme'],
        routes: [
          { path: '/', access: 'signed-in' },
          { path: '/staff', access: { group: 'staff', connection: 'acme' } },
          {
            path: '/read',
            access: { public: ['GET'], otherwise: { group: 'staff', connection: 'acme' } },
          },
          {
            path: '/write',
            access: { public: ['POST'], otherwise: { group: 'staff', connection: 'acme' } },
          },
          { path: '/here', access: { country: ['AT'] } },
        ],
      },
    ],
  }),
)

const open = (groups: readonly string[], areGroupsOmitted = false) =>
  openRoutes({ email: null, groups, areGroupsOmitted }, 'acme', { config, now })?.map(
    ({ path, access }) => [path, access],
  )

it('a route whose pages anybody may read is open, whatever other methods need', () => {
  expect(open([])).toEqual([
    ['/', 'open'],
    ['/staff', 'closed'],
    ['/read', 'open'],
    ['/write', 'closed'],
    ['/here', 'depends on the request'],
  ])
  expect(open(['staff'])).toContainEqual(['/write', 'open'])
})

it('what an identity provider left out closes no route for sure', () => {
  expect(open([], true)).toContainEqual(['/staff', 'depends on the request'])
})

it('a site that does not take the connection has no routes for it', () => {
  const person = { email: null, groups: [], areGroupsOmitted: false }
  expect(openRoutes(person, 'other', { config, now })).toEqual([])
  expect(openRoutes(person, 'acme', { config: null, now })).toBeNull()
})
