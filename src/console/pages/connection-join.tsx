import type { FC } from 'hono/jsx'
import { joinPreview } from '../../admin/join.ts'
import type { At } from '../page.ts'
import { Blocks } from '../blocks.tsx'
import { Card, linkTo, Select } from '../ui.tsx'
import { viewOf, type CardOf } from '../connection-card.ts'

const MOST_PEOPLE = '25'

export const joinOptions = [
  ['user-name', 'userName of the directory'],
  ['external-id', 'externalId of the directory'],
  ['email', 'an email address of the directory'],
] as const

/** The people in the store that a rule would match. The preview changes nothing. */
export const JoinCard: FC<CardOf & { readonly at: At }> = async ({ connection, back, at }) => {
  const { id, settings } = connection
  const asked = at.query.get('join')
  const join = joinOptions.find(([each]) => each === asked)?.[0] ?? settings.directory.join
  const view = await viewOf(joinPreview, { connection: id, join, limit: MOST_PEOPLE }, at)
  return (
    <Card title="Which person a sign-in means" id="join">
      <p>
        For people whom the directory has sent, the subject of a sign-in is compared with one of
        their fields. Try a rule on the first {MOST_PEOPLE} people before you set it.
      </p>
      <form class="filters" action={linkTo(back)}>
        <Select
          name="join"
          id="try-join"
          label="The subject is"
          options={joinOptions}
          value={join}
        />
        <button>Try</button>
      </form>
      <Blocks view={view} caption="People that the rule matches" />
    </Card>
  )
}
