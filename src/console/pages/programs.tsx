/** Programs that act for people by OAuth: what people granted, and the clients that are registered. */
import type { FC } from 'hono/jsx'
import { mayDo } from '../../admin/context.ts'
import { knownBy, MOST_LISTED } from '../../admin/grants.ts'
import { listClients, type ListedClient } from '../../oauth/client-store.ts'
import { listGrants } from '../../oauth/grant-store.ts'
import type { ShownGrant } from '../../oauth/grant.ts'
import { partOf } from '../list.ts'
import type { At, ConsolePage, RefusedForm } from '../page.ts'
import { clip, personPath, Said, To } from '../parts.tsx'
import { Action, Badge, Card, Empty, Form, Input, linkTo, Next, Table, Time } from '../ui.tsx'

const PATH = '/settings/programs'

export const programsPage: ConsolePage = {
  path: PATH,
  scope: 'read',
  show: async (at) => {
    const { db, now, operator } = at.context
    const client = at.query.get('client')
    const grants = await listGrants(db, { userId: null, client, now, most: MOST_LISTED })
    const { shown, next } = partOf(grants, PATH, at.query)
    const isOwner = mayDo(operator, 'all')
    return {
      title: 'Programs',
      section: '/settings',
      body: (
        <>
          <p class="lead">
            A person lets a program act for them at one site, by OAuth. Which programs may ask is in{' '}
            <code>oauth</code> of <code>gatehouse.config.ts</code>, and here.
          </p>
          <GrantsCard
            grants={shown}
            next={next}
            client={client}
            mayRevoke={mayDo(operator, 'people')}
          />
          <ClientsCard clients={await listClients(db)} mayRemove={isOwner} />
          {isOwner ? <NewClientCard at={at} /> : null}
        </>
      ),
    }
  },
}

interface GrantsProps {
  readonly grants: readonly ShownGrant[]
  /** The address of the next page; null: this is the last. */
  readonly next: string | null
  /** Of this program only; null: of all. */
  readonly client: string | null
  readonly mayRevoke: boolean
}

const GrantsCard: FC<GrantsProps> = ({ grants, next, client, mayRevoke }) => (
  <Card title="What people granted">
    {client === null ? null : (
      <p>
        Of the program <code>{client}</code> only. <a href={linkTo(PATH)}>Show all</a>
      </p>
    )}
    {grants.length === 0 ? (
      <Empty>Nobody has given a program access.</Empty>
    ) : (
      <Table
        caption={`Grants, the newest first, ${MOST_LISTED} at most`}
        head={['Person', 'Program', 'Site', 'Access', '']}
        rows={grants.map((grant) => [
          <To path={personPath(grant.userId)}>
            <Said text={grant.userName} />
          </To>,
          <>
            <Said text={grant.clientName} />{' '}
            <Badge tone={grant.clientKind === 'listed' ? 'good' : 'warning'}>
              {knownBy[grant.clientKind]}
            </Badge>
            {grant.clientKind === 'document' ? (
              <p class="hint">
                <Said text={grant.client} most={300} />
              </p>
            ) : null}
          </>,
          grant.site,
          <>
            Until <Time at={grant.expiresAt} />
            <p class="hint">
              Granted: <Time at={grant.grantedAt} />
            </p>
            <p class="hint">
              Last use: <Time at={grant.lastUsedAt} />
            </p>
          </>,
          mayRevoke ? (
            <Action
              operation="grant revoke"
              input={{ grant: grant.id }}
              back={PATH}
              label="Revoke"
              about={`Revoke the access of ${grant.clientName} for ${clip(grant.userName)}`}
              tone="danger"
            />
          ) : null,
        ])}
      />
    )}
    <Next href={next} />
  </Card>
)

interface ClientsProps {
  readonly clients: readonly ListedClient[]
  readonly mayRemove: boolean
}

const ClientsCard: FC<ClientsProps> = ({ clients, mayRemove }) => (
  <Card title="Registered programs">
    {clients.length === 0 ? (
      <Empty>No program is registered.</Empty>
    ) : (
      <Table
        caption="Programs that an owner registered"
        head={['Name', 'client_id', 'Kind', 'Answers go to', 'Registered', '']}
        rows={clients.map((client) => [
          <a href={linkTo(`${PATH}?client=${encodeURIComponent(client.id)}`)}>{client.name}</a>,
          <code>{client.id}</code>,
          [
            client.secretHash === null ? 'public' : 'confidential',
            ...(client.device ? ['device flow'] : []),
          ].join(', '),
          client.redirects.join(' ') || 'Nowhere',
          <Time at={client.createdAt} />,
          mayRemove ? (
            <Action
              operation="client remove"
              input={{ client: client.id }}
              back={PATH}
              label="Remove"
              about={`Remove ${client.name}, with all access that people gave it`}
              tone="danger"
            />
          ) : null,
        ])}
      />
    )}
  </Card>
)

const NewClientCard: FC<{ readonly at: At }> = ({ at: { refused } }) => (
  <Card title="Register a program">
    <Form operation="client add" input={{}} back={PATH} label="Register it" refused={refused}>
      <Input
        name="name"
        label="Name"
        isRequired
        hint="As people see it when the program asks."
        form={refused}
      />
      <Input
        name="redirect"
        label="Address for answers"
        hint="https, or http at 127.0.0.1, [::1] or localhost, where the port does not count. Empty: the program uses the device flow only."
        form={refused}
      />
      <fieldset>
        <legend>What it is</legend>
        <Check name="confidential" says="It runs on a server, and gets a secret" form={refused} />
        <Check name="device" says="It may use the device flow" form={refused} />
      </fieldset>
    </Form>
  </Card>
)

interface CheckProps {
  /** The name of a switch. */
  readonly name: string
  readonly says: string
  readonly form: RefusedForm | null
}

const Check: FC<CheckProps> = ({ name, says, form }) => (
  <label class="check">
    <input
      type="checkbox"
      name={name}
      value="true"
      checked={form?.given.get(name)?.[0] === 'true'}
    />
    <span>{says}</span>
  </label>
)
