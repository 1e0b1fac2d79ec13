/** `admin link`: the first way into the console, before anybody can sign in. */
import * as v from 'valibot'
import { encodeBase64Url, hashText } from '../lib/bytes.ts'
import { plusSeconds, toIso, type Instant } from '../lib/instant.ts'
import { CONSOLE_PATH } from '../lib/paths.ts'
import { isConsoleSafe } from '../site/admins-config.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { record, type Context } from './context.ts'
import { ENTERED_SECONDS, saveLink } from './link-store.ts'
import { defineOperation, refusal } from './operation.ts'
import { time } from './shape.ts'
import { sentence } from './view.ts'

const LINK_SECONDS = 15 * 60
const CODE_BYTES = 32

const explained = {
  'no-config': 'The address of the console is not known: gatehouse.config.ts has a fault.',
  'beside-site':
    "The console needs a host without a site. Set loginHost: { url: 'https://login.example.com' } in gatehouse.config.ts, and deploy.",
} as const

export interface MadeLink {
  readonly id: string
  /** To be shown once: only the hash of its code is stored. */
  readonly url: string
  readonly expiresAt: Instant
}

type LinkRefusal = keyof typeof explained

async function makeLink(context: Context): Promise<Result<MadeLink, LinkRefusal>> {
  const { db, config, now } = context
  if (!config) return err('no-config')
  const { admins, loginHost, sites } = config
  if (!isConsoleSafe(admins, loginHost, sites)) return err('beside-site')
  const id = context.newId()
  const code = encodeBase64Url(context.random(CODE_BYTES))
  const expiresAt = plusSeconds(now, LINK_SECONDS)
  const madeBy = context.operator.name
  await saveLink(db, { id, codeHash: await hashText(code), madeBy, createdAt: now, expiresAt })
  await record(context, {
    command: 'admin link',
    connection: null,
    user: null,
    facts: { link: id, expiresAt: toIso(expiresAt) },
  })
  return ok({ id, url: `${loginHost.url}${CONSOLE_PATH}/enter?code=${code}`, expiresAt })
}

export const adminLink = defineOperation({
  name: 'admin link',
  summary: 'a link into the console that works once, for the first time and for emergencies',
  details: `The link works once, within 15 minutes. The person who opens it is an owner in that browser for ${ENTERED_SECONDS / 60} minutes.`,
  examples: [{ says: 'before anybody can sign in', input: {} }],
  subject: null,
  fields: {},
  changes: true,
  scope: 'all',
  isDangerous: true,
  http: { method: 'POST', path: '/admin-links', creates: true },
  secretName: 'Link',
  result: v.object({ id: v.string(), expiresAt: time }),
  judge: null,
  run: makeLink,
  show: ({ id, url, expiresAt }) => ({
    facts: { id, expiresAt: toIso(expiresAt) },
    view: [sentence('The link works once, for 15 minutes. Give it to nobody else.')],
    secret: url,
  }),
  undo: null,
  explain: (reason) => refusal('conflict', reason, explained[reason]),
})
