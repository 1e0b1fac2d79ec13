/** The Worker with its console, an administrator of each role, and the files that wrangler would bind. */
import { env } from 'cloudflare:workers'
import { admin } from '../../src/admin-entry.ts'
import type { GatehouseConfig } from '../../src/config.ts'
import { emptyStores } from '../support/session.ts'
import { LOGIN, Person, three } from '../login/person.ts'
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
  await env.DB.exec('DELETE FROM audit; DELETE FROM admin_links')
  return createStage(config, {}, { admin })
}

export const owner = (stage: Stage): Person => new Person(stage, 'olga@example.test')
export const operator = (stage: Stage): Person => new Person(stage, 'otto@example.test', ['it'])
export const auditor = (stage: Stage): Person => new Person(stage, 'aude@example.test', ['audit'])
export const visitor = (stage: Stage): Person => new Person(stage, 'zoe@example.test')

/** Presses a button of the console: the operation, its fields, and the page with the form. */
export const press = (
  person: Person,
  operation: string,
  fields: Readonly<Record<string, string>>,
): Promise<Response> =>
  person.post(`${CONSOLE}/do/${operation.replaceAll(' ', '-')}`, { back: '', ...fields })
