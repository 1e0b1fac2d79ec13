import type { FC } from 'hono/jsx'
import { showMetadata } from '../../admin/metadata.ts'
import { viewOf as blocksOf } from '../../admin/metadata-shown.ts'
import type { At } from '../page.ts'
import { To } from '../parts.tsx'
import { Blocks } from '../blocks.tsx'
import { Action, Card, Empty } from '../ui.tsx'
import type { CardOf } from '../connection-card.ts'

/** The state of the metadata URL, and the document that waits for an operator. */
export const MetadataCard: FC<CardOf & { readonly at: At }> = async (props) => {
  const { connection, mayChange, mayTrust, back, at } = props
  const { id } = connection
  const known = await showMetadata(at.context, id)
  const waiting = known.ok ? known.value.state.waiting : null
  return (
    <Card
      title="Metadata"
      id="metadata"
      beside={
        mayChange && known.ok ? (
          <Action
            operation="connection refresh"
            input={{ connection: id }}
            back={`${back}#metadata`}
            label="Read it now"
            tone="quiet"
          />
        ) : null
      }
    >
      {known.ok ? (
        <Blocks view={blocksOf(known.value)} caption="Certificates in the metadata that waits" />
      ) : (
        <Empty>
          The connection has no metadata address, so new certificates are not taken by themselves.{' '}
          {mayTrust ? <To path={`${back}/set-up#metadata`}>Give one</To> : null}
        </Empty>
      )}
      {waiting && mayTrust ? (
        <Action
          operation="connection accept-metadata"
          input={{ connection: id, digest: waiting.digest }}
          back={`${back}#metadata`}
          label="Accept what waits"
        />
      ) : null}
    </Card>
  )
}
