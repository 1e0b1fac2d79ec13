/** A draft of a connection, an operator, and the browsers of the people that a hand-over link is for. */
import { env } from 'cloudflare:workers'
import { entity, key, role, sso } from '../support/idp-metadata.ts'
import rsa2048 from '../vectors/certificates/rsa-2048.pem?raw'
import { LOGIN, type Person, rows } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import { codeOf, CONSOLE, createConsole, operator, press, visitor, withConsole } from './stage.ts'

export const HANDED = `${LOGIN}/.gatehouse/hand-over`
export const DEAD = [403, 'This link no longer works']

export const metadataOf = (id = 'https://idp.acme.com', pem = rsa2048): string =>
  entity(
    role(
      key(pem.replace(/-----.*-----/g, '').replaceAll(/\s/g, '')) +
        sso('HTTP-Redirect', 'https://idp.acme.com/sso'),
    ),
    id,
  )

export const linkOf = (page: string): string =>
  /https:\/\/login\.example\.com\/\.gatehouse\/hand-over\/enter\?code=[\w-]{43}/.exec(page)?.[0] ??
  ''

export const enter = (browser: Person, link: string): Promise<Response> =>
  browser.post(`${HANDED}/enter`, { code: codeOf(link) })
export const give = (
  browser: Person,
  metadata: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Response> => browser.post(`${HANDED}/metadata`, { for: 'generic', metadata, ...more })

export const findRow = async (id: string) =>
  (await rows('connections')).find((row) => row['id'] === id)

/** What the audit has of hand-overs: who, and which command. */
export const handedCommands = async () =>
  (await rows('audit'))
    .map((row) => JSON.parse(String(row['facts'])))
    .filter(({ operator: name }) => String(name).startsWith('hand-over'))
    .map(({ operator: name, command }) => [name, command])

export interface HandOverStage {
  readonly stage: Stage
  readonly otto: Person
  readonly makeLink: (fields?: Readonly<Record<string, string>>) => Promise<string>
  /** A browser that has opened a link. */
  readonly handed: (fields?: Readonly<Record<string, string>>) => Promise<Person>
}

export async function createHandOver(config = withConsole()): Promise<HandOverStage> {
  const stage = await createConsole(config)
  await env.DB.exec('DELETE FROM hand_overs')
  const otto = operator(stage)
  await otto.open(CONSOLE)
  await press(otto, 'connection begin', { id: 'acme', 'display-name': 'Acme <b>' })
  const makeLink: HandOverStage['makeLink'] = async (fields = {}) => {
    const all = { connection: 'acme', label: 'Ada at Acme', ...fields }
    return linkOf(await (await press(otto, 'connection handover', all)).text())
  }
  return {
    stage,
    otto,
    makeLink,
    async handed(fields = {}) {
      const ada = visitor(stage)
      await enter(ada, await makeLink(fields))
      return ada
    },
  }
}
