/** Which paths would open for a person, and why not. */
import type { FC } from 'hono/jsx'
import type { PathAccess } from '../../admin/person-access.ts'
import { firstOf, More, Said } from '../parts.tsx'
import { Badge, Card, Empty, Table } from '../ui.tsx'

const MOST_PATHS = 50

const verdicts = {
  open: ['good', 'Opens'],
  public: ['plain', 'Open to all'],
  'after-sign-in': ['good', 'After sign-in'],
  depends: ['warning', 'Depends'],
  closed: ['bad', 'Closed'],
} as const

interface AccessProps {
  readonly paths: readonly PathAccess[]
  /** Whether the person cannot sign in at all. */
  readonly isOut: boolean
}

export const Access: FC<AccessProps> = ({ paths, isOut }) => {
  const [shown, more] = firstOf(paths, MOST_PATHS)
  return (
    <Card title="What would open">
      <p>
        {isOut
          ? 'Nothing but public paths opens now. If this person could sign in, it would be:'
          : 'What the rules of the config let this person read now.'}
      </p>
      {shown.length > 0 ? (
        <Table
          caption="Paths, and whether they would open"
          head={['Path', 'Result', 'Why']}
          rows={shown.map(({ site, path, verdict, why }) => {
            const [tone, word] = verdicts[verdict]
            return [
              `${site}${path}`,
              <Badge tone={tone}>{word}</Badge>,
              <Said text={why} most={400} />,
            ]
          })}
        />
      ) : (
        <Empty>This Worker guards no site.</Empty>
      )}
      <More says={more} />
    </Card>
  )
}
