/** Tokens by which programs pass the gate. */
import type { FC } from 'hono/jsx'
import { mayDo } from '../../admin/context.ts'
import { listServiceTokens, type StoredServiceToken } from '../../admin/service-token-store.ts'
import type { Instant } from '../../lib/instant.ts'
import { partOf } from '../list.ts'
import type { At, ConsolePage } from '../page.ts'
import { firstOf, groupPath, MOST_OPTIONS, More, personPath, Said, To, Until } from '../parts.tsx'
import {
  Action,
  Badge,
  Card,
  Checks,
  Empty,
  Form,
  Input,
  Next,
  Select,
  Table,
  Time,
} from '../ui.tsx'

const PATH = '/service-tokens'

export const serviceTokensPage: ConsolePage = {
  path: PATH,
  scope: 'read',
  show: async (at) => {
    const tokens = await listServiceTokens(at.context.db)
    const kept = tokens.filter(isKept)
    const isOwner = mayDo(at.context.operator, 'all')
    return {
      title: 'Service tokens',
      section: PATH,
      body: (
        <>
          <p class="lead">
            A program passes the gate by a token instead of a sign-in. It acts for the token's
            owner, and is refused when the owner is disabled.
          </p>
          <TokensCard tokens={tokens} at={at} />
          {isOwner && kept.length > 0 ? <RotateCard at={at} tokens={kept} /> : null}
          {isOwner ? <NewTokenCard at={at} /> : null}
        </>
      ),
    }
  },
}

const isKept = ({ revokedAt }: StoredServiceToken): boolean => revokedAt === null

interface TokensProps {
  readonly tokens: readonly StoredServiceToken[]
  readonly at: At
}

const TokensCard: FC<TokensProps> = ({ tokens, at }) => {
  const { shown, next } = partOf(tokens, PATH, at.query)
  return (
    <Card title="Tokens">
      {tokens.length === 0 ? (
        <Empty>No program has a token yet.</Empty>
      ) : (
        <Table
          caption="Service tokens"
          head={['Name', 'Owner', 'Opens', 'State', '']}
          rows={shown.map((token) => [
            <>
              {token.name}
              {token.description === null ? null : (
                <p class="hint">
                  <Said text={token.description} />
                </p>
              )}
            </>,
            <Owner token={token} />,
            <Scope token={token} />,
            <>
              <State token={token} now={at.visit.now} />
              <p class="hint">
                Last use: <Time at={token.lastUsedAt} none="not yet" />
              </p>
            </>,
            isKept(token) && mayDo(at.context.operator, 'people') ? (
              <Action
                operation="service-token revoke"
                input={{ token: token.id }}
                back={PATH}
                label="Revoke"
                about={`Revoke ${token.name}`}
                tone="danger"
              />
            ) : null,
          ])}
        />
      )}
      <Next href={next} />
    </Card>
  )
}

const Owner: FC<{ readonly token: StoredServiceToken }> = ({ token }) => {
  const { owner, ownerId, ownerName, connection } = token
  return (
    <>
      <To path={owner === 'user' ? personPath(ownerId) : groupPath(ownerId)}>
        <Said text={ownerName} />
      </To>
      <p class="hint">
        {owner === 'group' ? 'a group of ' : ''}
        {connection}
      </p>
    </>
  )
}

const MOST_SITES = 5

const Scope: FC<{ readonly token: StoredServiceToken }> = ({
  token: { sites, paths, methods },
}) => {
  const [shown, more] = firstOf(sites, MOST_SITES)
  const only = [methods, paths].flatMap((each) => each?.join(', ') ?? [])
  return (
    <>
      {shown.map((site) => (
        <div>{site}</div>
      ))}
      <More says={more} />
      {only.length === 0 ? null : (
        <p class="hint">
          <Said text={only.join(' · ')} most={200} />
        </p>
      )}
    </>
  )
}

interface StateProps {
  readonly token: StoredServiceToken
  readonly now: Instant
}

const State: FC<StateProps> = ({ token, now }) => {
  const { revokedAt, hasOwner, expiresAt, oldSecretUntil } = token
  if (revokedAt !== null) return <Badge>Revoked</Badge>
  if (!hasOwner) return <Badge tone="bad">Refused: its owner is disabled</Badge>
  if (expiresAt <= now) return <Badge tone="bad">Expired</Badge>
  return (
    <>
      <Until at={expiresAt} now={now} />
      {oldSecretUntil !== null && oldSecretUntil > now ? (
        <p class="hint">
          The old secret counts until <Time at={oldSecretUntil} />
        </p>
      ) : null}
    </>
  )
}

const END = 'A day within a year, such as 2027-06-30.'

const RotateCard: FC<TokensProps> = ({ tokens, at: { refused } }) => {
  const form = refused?.name === 'service-token rotate' ? refused : null
  return (
    <Card title="Rotate a token">
      <p>
        The token gets a new secret. The old one counts beside it for a while, so that you can
        change the program over.
      </p>
      <Form
        operation="service-token rotate"
        input={{}}
        back={PATH}
        label="Rotate it"
        refused={form}
      >
        {tokens.length > MOST_OPTIONS ? (
          <Input
            name="token"
            id="rotate-token"
            label="Token"
            isRequired
            hint="Its name."
            form={form}
          />
        ) : (
          <Select
            name="token"
            id="rotate-token"
            label="Token"
            options={tokens.map(({ id, name }) => [id, name])}
            form={form}
          />
        )}
        <Input
          name="expires"
          id="rotate-expires"
          label="The new secret ends"
          isRequired
          hint={END}
          form={form}
        />
        <Input
          name="overlap"
          label="The old secret counts for"
          hint="Such as 12h or 7d, at most 30d; 0: it ends at once. Empty: a day."
          form={form}
        />
      </Form>
    </Card>
  )
}

const NewTokenCard: FC<{ readonly at: At }> = ({ at: { refused, deps } }) => {
  const form = refused?.name === 'service-token create' ? refused : null
  const sites = deps.config.sites.map(({ authority }) => authority)
  return (
    <Card title="Make a token">
      <Form operation="service-token create" input={{}} back={PATH} label="Make it" refused={form}>
        <Input
          name="name"
          label="Name"
          isRequired
          hint="As rules and the audit name it, such as ci."
          form={form}
        />
        <Input name="description" label="What has it, and where" form={form} />
        <Input
          name="user"
          label="Owner: a person"
          hint="The whole user name, email or id. Leave it empty if a group owns the token."
          form={form}
        />
        <Input
          name="group"
          label="Owner: a group"
          hint="A group of a directory. The program comes with this group, and as no person."
          form={form}
        />
        <Checks
          name="site"
          legend="Sites"
          options={sites.map((site) => [site, site])}
          chosen={sites.length === 1 ? sites : []}
          form={form}
        />
        <Input
          name="path"
          label="Path"
          hint="What the token opens, with everything below it. Empty: all paths."
          form={form}
        />
        <Input
          name="method"
          label="Method"
          hint="GET: it only reads. Empty: all methods."
          form={form}
        />
        <Input name="expires" label="Ends" isRequired hint={END} form={form} />
        <p class="hint">
          Several paths or methods, or sites of one family: by the command line or the API.
        </p>
      </Form>
    </Card>
  )
}
