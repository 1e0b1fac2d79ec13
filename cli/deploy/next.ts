/** The next steps after a deploy, with its commands and addresses. */
import type { Config } from '../../src/config.ts'
import { acsPath, CONSOLE_PATH, metadataPath, scimPath } from '../../src/lib/paths.ts'
import { isConsoleSafe } from '../../src/site/admins-config.ts'

export interface Found {
  /** Ids of connections, the oldest first. */
  readonly connections: readonly string[]
  /** Ids of connections with a token for SCIM. */
  readonly provisioned: readonly string[]
}

export async function findWhatIsThere(db: D1Database): Promise<Found> {
  const connections = await db
    .prepare('SELECT id FROM connections ORDER BY created_at, id LIMIT 50')
    .all<{ id: string }>()
  const tokens = await db
    .prepare('SELECT DISTINCT connection FROM scim_tokens WHERE revoked_at IS NULL LIMIT 50')
    .all<{ connection: string }>()
  return {
    connections: connections.results.map(({ id }) => id),
    provisioned: tokens.results.map(({ connection }) => connection),
  }
}

/** @param given the options that choose this deploy: ` --remote --env staging`. */
export function nextSteps(
  { loginHost, sites, admins }: Config,
  { connections, provisioned }: Found,
  given: string,
): string {
  const at = loginHost.url
  const [first = 'okta'] = connections
  const steps = [
    ...(connections.length === 0
      ? [
          `Connect your identity provider. This prints what to enter there (Okta here; docs/guides has the others):
     npx gatehouse connection add okta --metadata <url or file> --for okta${given}
     Its addresses will be ${at}${metadataPath('okta')} (entity ID)
     and ${at}${acsPath('okta')} (ACS).`,
        ]
      : []),
    ...(connections.every((id) => provisioned.includes(id)) && connections.length > 0
      ? []
      : [
          `Connect the directory, by SCIM: it sends and deactivates people. This prints the token, once:
     npx gatehouse scim token create ${connections.find((id) => !provisioned.includes(id)) ?? first}${given}
     The base URL will be ${at}${scimPath(connections.find((id) => !provisioned.includes(id)) ?? first)}.`,
        ]),
    admins !== null
      ? `Open the console: ${at}${CONSOLE_PATH}${connections.length === 0 ? `\n     Before anybody can sign in: npx gatehouse admin link${given}` : ''}`
      : isConsoleSafe(admins, loginHost, sites)
        ? `Look into the console, by a link that works once:
     npx gatehouse admin link${given}
     To let people in for good, name them in gatehouse.config.ts: admins (docs/operating.md).`
        : `For a console, give Gatehouse a host of its own: loginHost in gatehouse.config.ts (docs/operating.md).`,
  ]
  return `Next:\n${steps.map((step, i) => `  ${i + 1}. ${step}`).join('\n')}`
}
