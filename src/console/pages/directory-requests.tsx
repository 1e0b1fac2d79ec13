/** The last requests of a directory, with their answers. */
import type { FC } from 'hono/jsx'
import type { NotedRequest } from '../../directory/request-store.ts'
import { clip, Said, To } from '../parts.tsx'
import { Badge, Card, Empty, Table, Time, type Tone } from '../ui.tsx'

interface RequestsProps {
  readonly requests: readonly NotedRequest[]
  readonly connection: string
}

export const Requests: FC<RequestsProps> = ({ requests, connection }) => (
  <Card
    title="Last requests"
    beside={
      <To path={`/audit?kind=scim-refused&connection=${connection}`}>Refused ones, in the audit</To>
    }
  >
    {requests.length > 0 ? (
      <Table
        caption="The last 50 requests of the directory"
        head={['When', 'Request', 'Answer', 'Token']}
        rows={requests.map(({ at, method, path, status, scimType, detail, label }) => [
          <Time at={at} />,
          <code>{clip(`${method} ${path}`)}</code>,
          <>
            <Badge tone={toneOf(status)}>{status}</Badge>
            {detail === null ? null : (
              <p class="soft">
                {scimType === null ? '' : `${scimType}: `}
                <Said text={detail} most={200} />
              </p>
            )}
          </>,
          label === null ? <span class="soft">gone</span> : <Said text={clip(label, 40)} />,
        ])}
      />
    ) : (
      <Empty>
        The directory has sent nothing yet. Requests without a valid token are in the audit only.
      </Empty>
    )}
  </Card>
)

function toneOf(status: number): Tone {
  if (status < 400) return 'good'
  return status === 404 || status === 429 ? 'warning' : 'bad'
}
