/** Radicale: the person is a header whose name it has chosen; the client is python3-caldav. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { bob, zoe } from '../people.ts'
import { curl } from './curl.ts'
import { CONNECTION, useGuard, type Place } from './stage.ts'

const configOf = ({ port, directory }: Place): string => `
[server]
hosts = 127.0.0.1:${port}
[auth]
type = http_x_remote_user
[rights]
type = owner_only
[storage]
filesystem_folder = ${directory}/collections
`

const guard = useGuard({
  sees: 'its own host',
  site: {
    connections: [CONNECTION],
    headers: { 'X-Remote-User': 'email' },
    routes: [{ path: '/', access: 'signed-in' }],
  },
  async start(place) {
    const config = join(place.directory, 'radicale.conf')
    await writeFile(config, configOf(place))
    return [{ command: ['/usr/bin/python3', '/usr/bin/radicale', '--config', config] }]
  },
})

/**
 * Makes a calendar, puts an event into it and prints what it finds there. By the extended MKCOL of
 * RFC 5689, since the runtime of Workers knows no MKCALENDAR.
 */
const client = `
import os, caldav
client = caldav.DAVClient(url=os.environ['CALENDARS'])
client.headers.update({'Host': os.environ['PUBLIC_HOST'], 'Cookie': os.environ['COOKIES']})
home = client.principal().url
client.mkcol(str(home) + 'meetings/', """<?xml version="1.0" encoding="utf-8"?>
<mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>
<resourcetype><collection/><C:calendar/></resourcetype><displayname>Meetings</displayname>
</prop></set></mkcol>""")
calendar = client.principal().calendar(name='Meetings')
calendar.save_event("""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
BEGIN:VEVENT
UID:planning
DTSTAMP:20261101T090000Z
DTSTART:20261102T090000Z
DTEND:20261102T100000Z
SUMMARY:Planning
END:VEVENT
END:VCALENDAR
""")
print([event.vobject_instance.vevent.summary.value for event in calendar.events()])
print(home.path)
`

it('keeps a calendar of the person who signed in', async () => {
  const { host, port } = new URL(guard.gate.url)
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', client], {
    env: {
      // Python's resolver knows no names below .localhost.
      CALENDARS: `http://127.0.0.1:${port}`,
      PUBLIC_HOST: host,
      COOKIES: await guard.cookiesOf(zoe),
    },
  })
  expect(stdout).toBe(`['Planning']\n/${encodeURIComponent(zoe.mail)}/\n`)
})

it('believes no header of the client', async () => {
  const cookies = await guard.cookiesOf(bob)
  const url = `${guard.gate.url}/${zoe.mail}/`
  for (const name of ['X-Remote-User', 'x_remote_user', 'X-Remote-USER']) {
    const args = ['--request', 'PROPFIND', '--header', `${name}: ${zoe.mail}`, url]
    expect([name, (await curl(cookies, args)).status]).toEqual([name, 403])
  }
  const own = await curl(cookies, ['--request', 'PROPFIND', `${guard.gate.url}/${bob.mail}/`])
  expect(own.status).toBe(207)
})
