import type { FC } from 'hono/jsx'
import { describeKey, keyOf } from '../../connection/certificates.ts'
import { findSecret } from '../../connection/secrets.ts'
import { plusSeconds, type Instant } from '../../lib/instant.ts'
import { Action, Badge, Card, Empty, Form, Input, Table, Time } from '../ui.tsx'
import type { CardOf } from '../connection-card.ts'

const SOON_SECONDS = 30 * 86_400

/** Only these sign for the identity provider. The last one cannot be removed. */
export const Certificates: FC<CardOf & { readonly now: Instant }> = (props) => {
  const { connection, mayTrust, refused, back, now } = props
  const { id, certificates } = connection
  const isRefused = refused?.name === 'connection update' && refused.given.has('add-certificate')
  const isKey = (refused?.given.get('add-certificate') ?? []).some((text) => findSecret(text))
  return (
    <Card title="Certificates" id="certificates">
      {certificates.length === 0 ? (
        <Empty>There is none. They come with the metadata.</Empty>
      ) : (
        <Table
          caption="Certificates of the identity provider"
          head={['Fingerprint', 'Key', 'From', 'Until', 'State', ...(mayTrust ? [''] : [])]}
          rows={certificates.map((certificate) => {
            const { fingerprint, notBefore, notAfter } = certificate
            const key = keyOf(certificate)
            return [
              <code title={fingerprint}>{fingerprint.slice(0, 16)}</code>,
              key ? describeKey(key) : 'unreadable',
              <Time at={notBefore} />,
              <Time at={notAfter} />,
              <State notAfter={notAfter} now={now} />,
              ...(mayTrust
                ? [
                    certificates.length > 1 ? (
                      <Action
                        operation="connection update"
                        input={{ id, 'remove-certificate': fingerprint }}
                        back={`${back}#certificates`}
                        label="Remove"
                        about={`Remove certificate ${fingerprint.slice(0, 16)}`}
                        tone="danger"
                      />
                    ) : null,
                  ]
                : []),
            ]
          })}
        />
      )}
      {mayTrust && certificates.length > 0 ? (
        <details open={isRefused}>
          <summary>Add the next certificate beside</summary>
          <Form
            operation="connection update"
            input={{ id }}
            back={`${back}#certificates`}
            label="Add"
            refused={isRefused ? refused : null}
          >
            <Input
              name="add-certificate"
              label="Certificate"
              hint="As PEM or base64. Both count until you remove the old one."
              lines={4}
              form={isRefused && !isKey ? refused : null}
              isRequired
            />
          </Form>
        </details>
      ) : null}
    </Card>
  )
}

const State: FC<{ readonly notAfter: Instant; readonly now: Instant }> = ({ notAfter, now }) => {
  if (notAfter <= now) return <Badge tone="bad">Expired</Badge>
  return notAfter < plusSeconds(now, SOON_SECONDS) ? (
    <Badge tone="warning">Ends soon</Badge>
  ) : (
    <Badge tone="good">Good</Badge>
  )
}
