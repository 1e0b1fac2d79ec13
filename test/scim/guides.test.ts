/** Each guide has a table of what its identity provider sends and what we answer: it is played here. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { eventLine } from '../../cli/audit/present.ts'
import { everyEvent, listEvents } from '../../src/audit/store.ts'
import { blocksOf, codesOf, patternOf, rowsBehind } from '../support/guide.ts'
import { said } from '../../tools/stage/evidence.ts'
import { addConnection } from '../support/session.ts'
import { createDirectory, directoryOf, PATCH_OP, type Json, type Reply } from './stage.ts'

const texts = import.meta.glob('../../docs/guides/*.md', {
  query: '?raw',
  eager: true,
  import: 'default',
})
const guides = [
  ['okta', 'Okta sends', 'okta'],
  ['onelogin', 'OneLogin sends', 'onelogin'],
  ['entra', 'Entra sends', 'entra'],
  ['generic', 'it may send', 'acme'],
] as const

beforeEach(async () => {
  await createDirectory()
})

describe('the sequence in the guide of', () => {
  it.each(guides)('%s is answered and kept in the audit as it says', async (guide, title, id) => {
    const markdown = texts[`../../docs/guides/${guide}.md`] ?? ''
    const rows = rowsBehind(markdown, `### What ${title}`)
    expect(rows.length).toBeGreaterThan(10)
    if (id !== 'okta' && id !== 'entra') await addConnection(id, 'scim')
    const scim = await directoryOf(id)
    const made = { user: '', group: '' }
    const fill = (text: string) =>
      text.replaceAll('{user}', made.user).replaceAll('{group}', made.group)

    for (const [when = '', sent = '', answered = '', kept = ''] of rows) {
      const [line = '', body] = codesOf(sent).map(fill)
      const [method = '', path = ''] = line.split(/ (.*)/)
      const from = said.length
      const reply = await scim.ask(method, path, body === undefined ? undefined : bodyOf(body))
      const [status, ...fields] = codesOf(answered)
      expect([when, line, String(reply.status)]).toEqual([when, line, status])
      for (const field of fields) expect(field).toBe(fieldOf(field, reply))
      expect([when, line, toldSince(from)]).toEqual([when, line, codesOf(kept)])
      if (reply.status === 201) made[path === '/Users' ? 'user' : 'group'] = reply.body.id
    }

    const { text = '' } =
      blocksOf(markdown).find(({ text: block }) => block.includes('directory-changed')) ?? {}
    const own = { ...everyEvent, connection: id }
    const lines = (
      await listEvents(env.DB, own, { order: 'newest-first', after: null, limit: 100 })
    ).map(eventLine)
    expect(lines).toContainEqual(expect.stringMatching(patternOf(text)))
  })
})

/** Of a PATCH the guides show the operations. */
const bodyOf = (json: string): Json => {
  const parsed: Json = JSON.parse(json)
  return Array.isArray(parsed) ? { schemas: [PATCH_OP], Operations: parsed } : parsed
}

/** `name.familyName: "King"`, as the answer has it. */
function fieldOf(field: string, { body }: Reply): string {
  const [path = ''] = field.split(': ')
  const value = path.split('.').reduce((inner: Json, name) => inner?.[name], body)
  return `${path}: ${JSON.stringify(value)}`
}

/** By the log, which has what the audit has. */
const toldSince = (from: number): readonly string[] =>
  said
    .slice(from)
    .filter((line) => line.startsWith('{"audit"'))
    .map((line): Json => JSON.parse(line))
    .map(({ audit, change }) => change ?? audit)
