/** Asks before all sign-ins of a person, a connection, a site or of everybody end: how many are they? */
import { toGiven } from '../../admin/field.ts'
import { signInEnd } from '../../admin/sign-in-end.ts'
import { withinSeconds } from '../../admin/operation.ts'
import type { ConsolePage, Shown } from '../page.ts'
import { personPath, To } from '../parts.tsx'
import { Action, Card, Empty, linkTo } from '../ui.tsx'

const PATH = '/end-sign-ins'

/** @param typed whose sign-ins, as the operation takes it. */
export const endSignInsPath = (typed: Readonly<Record<string, string>>): string =>
  `${PATH}?${new URLSearchParams(typed).toString()}`

const { name: operation, prepare } = signInEnd
const asked = ['user', 'connection', 'site', 'everybody'] as const

export const endSignInsPage: ConsolePage = {
  path: PATH,
  scope: 'people',
  show: async ({ context, deps, query }) => {
    const input = Object.fromEntries(
      asked.flatMap((name) => {
        const value = query.get(name)
        return value === null || value === '' ? [] : [[name, value]]
      }),
    )
    const prepared = prepare(toGiven(input))
    if (!prepared.ok) return nobody(prepared.error.map(({ problem }) => problem).join(' '))
    const bound = withinSeconds(deps.config.revocationSeconds)
    const preview = await prepared.value(context, { bound, ifVersion: null })
    if (preview.ok || preview.error.reason !== 'unconfirmed') {
      return nobody(preview.ok ? '' : preview.error.message)
    }
    const from = pageOf(input)
    const isEverybody = input['everybody'] !== undefined
    return {
      title: isEverybody ? 'Break glass' : 'End all sign-ins',
      section: `/${from.split('/')[1] ?? ''}`,
      body: (
        <Card title={isEverybody ? 'Everybody signs in again' : 'They sign in again'}>
          <p class="lead">{preview.error.message}</p>
          <p>
            They are refused everywhere {bound.words}, and what is open ends. They may sign in
            again. Your own sign-in may be among them.
          </p>
          <div class="actions">
            <Action
              operation={operation}
              input={{ ...input, yes: 'true' }}
              back={endSignInsPath(input)}
              next={from}
              label="End these sign-ins"
              tone="danger"
            />
            <a class="button quiet" href={linkTo(from)}>
              Cancel
            </a>
          </div>
        </Card>
      ),
    }
  },
}

/** The page that the button is on. */
function pageOf({ user, connection, site }: Readonly<Record<string, string>>): string {
  if (user !== undefined) return personPath(user)
  if (connection !== undefined) return `/connections/${encodeURIComponent(connection)}`
  return site === undefined ? '' : '/sites'
}

const nobody = (why: string): Shown => ({
  status: 404,
  title: 'Whose sign-ins?',
  section: '',
  body: (
    <Empty>
      {why} <To path="/people">Look at all people</To>.
    </Empty>
  ),
})
