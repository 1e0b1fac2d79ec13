/** The Worker with its console, an administrator of each role, and the files that wrangler would bind. */
import { env } from 'cloudflare:workers'
import { admin } from '../../src/admin-entry.ts'
import type { GatehouseConfig } from '../../src/config.ts'
import { emptyStores } from '../support/session.ts'
import { A, LOGIN, Person, three } from '../login/person.ts'
import { createStage, type Stage } from '../login/stage.ts'

export const CONSOLE = `${LOGIN}/.gatehouse/admin`

export const withConsole = (fields: Partial<GatehouseConfig> = {}): GatehouseConfig => ({
  ...three(),
  admins: {
    owner: { email: 'olga@example.test', connection: 'okta' },
    operator: { group: 'it', connection: 'okta' },
    auditor: { group: 'audit', connection: 'okta' },
  },
  ...fields,
})

export async function createConsole(config: GatehouseConfig = withConsole()): Promise<Stage> {
  await emptyStores()
  await env.DB.exec('DELETE FROM audit; DELETE FROM attempts; DELETE FROM admin_links')
  return createStage(config, {}, { admin })
}

export const owner = (stage: Stage): Person => new Person(stage, 'olga@example.test')
export const operator = (stage: Stage): Person => new Person(stage, 'otto@example.test', ['it'])
export const auditor = (stage: Stage): Person => new Person(stage, 'aude@example.test', ['audit'])
export const visitor = (stage: Stage): Person => new Person(stage, 'zoe@example.test')

/** Opens a page of the console. */
export async function see(
  person: Person,
  path: string,
): Promise<{ readonly status: number; readonly page: string; readonly says: string }> {
  const response = await person.open(CONSOLE + path)
  const page = await response.text()
  return { status: response.status, page, says: textOf(page) }
}

/** What a person reads of a page, beside its head and its menu. */
export const textOf = (page: string): string =>
  page
    .replace(/^.*<main/s, '<main')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')

/** What a person reads of each row of the tables, with their heads. */
export const rowsOf = (page: string): readonly string[] =>
  [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) => textOf(row).trim())

/** The status of a page and its heading. */
export const title = async (response: Response): Promise<readonly [number, string]> => {
  const page = await response.text()
  return [response.status, /<h1>([^<]*)/.exec(page)?.[1] ?? page]
}

export const codeOf = (link: string): string => new URL(link).searchParams.get('code') ?? ''

/** A name that would do harm if a page did not escape it. */
export const hostile = `<script>alert(1)</script>"'&\u202Exyz`

/** Presses a button of the console: the operation, its fields, and the page with the form. */
export const press = (
  person: Person,
  operation: string,
  fields: Readonly<Record<string, string>>,
): Promise<Response> =>
  person.post(`${CONSOLE}/do/${operation.replaceAll(' ', '-')}`, { back: '', ...fields })

/** Makes a one-time link into the console. */
export async function makeAdminLink(stage: Stage): Promise<string> {
  const olga = owner(stage)
  await olga.open(CONSOLE)
  const page = await (await press(olga, 'admin link', {})).text()
  return (
    /https:\/\/login\.example\.com\/\.gatehouse\/admin\/enter\?code=[\w-]{43}/.exec(page)?.[0] ?? ''
  )
}

/** Presses the button of the page that the link leads to. */
export const enterConsole = (browser: Person, link: string): Promise<Response> =>
  browser.post(`${CONSOLE}/enter`, { code: codeOf(link) })

/** The headers of posts that a page of ours did not send, or that do not prove it. */
export const notFromOurPages: readonly Readonly<Record<string, string>>[] = [
  { Origin: 'https://elsewhere.example', 'Sec-Fetch-Site': 'cross-site' },
  { Origin: A, 'Sec-Fetch-Site': 'same-site' },
  { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' },
  { Origin: LOGIN, 'Sec-Fetch-Site': 'cross-site' },
  { 'Sec-Fetch-Site': 'same-origin' },
  {},
]

/** Posts a form with all of the person's cookies and with headers of the attacker's choice. */
export function forge(
  person: Person,
  url: string,
  { headers, fields }: Readonly<Record<'headers' | 'fields', Readonly<Record<string, string>>>>,
): Promise<Response> {
  const cookies = [...person.at(url).cookies].map(([name, { value }]) => `${name}=${value}`)
  return person.stage.send(
    new Request(url, {
      method: 'POST',
      headers: { ...headers, Cookie: cookies.join('; ') },
      body: new URLSearchParams(fields),
      redirect: 'manual',
    }),
  )
}
