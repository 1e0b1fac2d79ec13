/** The page of programs: what people granted, and which programs are registered. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { rows } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import { auditor, CONSOLE, createConsole, operator, owner, press, textOf } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  await env.DB.exec('DELETE FROM oauth_grants; DELETE FROM oauth_clients')
  stage = await createConsole()
})

const back = '/settings/programs'
const open = async (person: ReturnType<typeof owner>, path = back) =>
  (await person.open(CONSOLE + path)).text()

const grant = (id: string, name: string) =>
  env.DB.prepare(
    `INSERT INTO oauth_grants (id, user_id, client, client_name, client_kind, site, session, since,
       granted_at, last_used_at, expires_at, code_hash, code_expires_at, redeemed_at)
     SELECT ?1, u.id, 'https://agent.example/client.json', ?2, 'document', 'wiki.example.com', '{}',
       u.sessions_valid_from, 1000, 1000, 4e12, ?1, 1000, 1000
     FROM users u LIMIT 1`,
  )
    .bind(id, name)
    .run()

describe('the page of programs', () => {
  it('shows what people granted, as text, and takes it away for those who may', async () => {
    const oscar = operator(stage)
    await oscar.open(CONSOLE)
    await grant('g1', '<b>Agent</b>')
    const page = await open(auditor(stage))
    expect(page).toContain('&lt;b&gt;Agent&lt;/b&gt;')
    expect(textOf(page)).toContain('by its domain')
    expect(page).toContain('https://agent.example/client.json')
    expect(page).not.toContain('/do/')
    const audrey = auditor(stage)
    await audrey.open(CONSOLE)
    expect((await press(audrey, 'grant revoke', { back, grant: 'g1' })).status).toBe(403)
    expect(await open(oscar)).toContain('/do/grant-revoke')
    await press(oscar, 'grant revoke', { back, grant: 'g1' })
    expect(await rows('oauth_grants')).toEqual([])
    expect(await open(oscar)).toContain('Nobody has given a program access')
  })

  it('shows many grants page by page, each at most 50 KB', async () => {
    const oscar = operator(stage)
    await oscar.open(CONSOLE)
    for (let i = 10; i < 70; i++) await grant(`g${i}`, 'Agent')
    const found: string[] = []
    let path: string | undefined = back
    while (path !== undefined) {
      const page: string = await open(oscar, path)
      expect(page.length).toBeLessThan(50 * 1024)
      found.push(...Array.from(page.matchAll(/name="grant" value="(\w+)"/g), ([, id]) => id ?? ''))
      path = /\/admin([^"]+)" rel="next"/.exec(page)?.[1]
    }
    expect(found).toEqual(Array.from({ length: 60 }, (_, i) => `g${i + 10}`))
  })

  it('lets an owner register a program, whose secret is shown once, and remove it', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    const fields = { back, name: 'Reports', redirect: 'https://reports.example/cb' }
    const made = await (await press(olga, 'client add', { ...fields, confidential: 'true' })).text()
    const secret = /gh_cs_[\w-]+/.exec(made)?.[0] ?? 'none'
    expect(made).toContain(secret)
    const page = await open(olga)
    expect(page).not.toContain(secret)
    expect(textOf(page)).toContain('confidential')
    const [row] = await rows('oauth_clients')
    expect(JSON.stringify(row)).not.toContain(secret)
    const refused = await press(olga, 'client add', { ...fields, redirect: 'http://evil.example/' })
    expect([refused.status, (await refused.text()).includes('Answers cannot go to')]).toEqual([
      422,
      true,
    ])
    const oscar = operator(stage)
    await oscar.open(CONSOLE)
    expect((await press(oscar, 'client add', fields)).status).toBe(403)
    await press(olga, 'client remove', { back, client: String(row?.['id']) })
    expect(await open(olga)).toContain('No program is registered')
  })

  it('keeps what was typed and ticked when it is refused', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    const fields = { back, name: 'Reports', redirect: 'http://evil.example/', device: 'true' }
    const page = await (await press(olga, 'client add', fields)).text()
    expect(page).toContain('value="Reports"')
    const ticked = [...page.matchAll(/<input type="checkbox" name="(\w+)"[^>]* checked/g)]
    expect(ticked.map(([, name]) => name)).toEqual(['device'])
  })

  it('is linked from the settings', async () => {
    expect(await open(auditor(stage), '/settings')).toContain(`${back}"`)
  })
})
