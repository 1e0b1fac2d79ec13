/** The sites and their policies, as this Worker was deployed with them. */
import type { FC } from 'hono/jsx'
import { accessCheck } from '../../admin/access.ts'
import { mayDo, type Context, type DeployedConfig } from '../../admin/context.ts'
import { describeRule } from '../../policy/describe.ts'
import type { SettledPolicy } from '../../policy/policy.ts'
import type { Host } from '../../site/host.ts'
import type { ConfiguredSite, Route } from '../../site/site.ts'
import type { ConsolePage } from '../page.ts'
import { Badge, Card, Empty, Input, linkTo, Table, Values } from '../ui.tsx'
import { endSignInsPath } from './end-sign-ins.tsx'

export const sitesPage: ConsolePage = {
  path: '/sites',
  scope: 'read',
  show: async ({ deps: { config }, context, query }) => ({
    title: 'Sites',
    section: '/sites',
    body: (
      <>
        <p class="lead">
          Sites and policies are in <code>gatehouse.config.ts</code>. A deploy changes them; this
          page shows what was deployed.
        </p>
        <CheckCard query={query} checked={await check(context, query)} />
        {config.sites.map((site) => (
          <SiteCard
            site={site}
            config={config}
            mayEnd={mayDo(context.operator, 'people') && !site.authority.startsWith('*')}
          />
        ))}
        <HostsCard config={config} />
      </>
    ),
  }),
}

interface Checked {
  readonly isAllowed: boolean
  readonly lines: readonly string[]
}

const asked = ['person', 'method', 'url'] as const

/** null: nothing was asked. A text: why it cannot be answered. */
async function check(context: Context, query: URLSearchParams): Promise<Checked | string | null> {
  if (asked.every((name) => !query.has(name))) return null
  const given = new Map(asked.map((name) => [name, [query.get(name)?.trim() ?? '']]))
  const { prepare } = accessCheck
  const prepared = prepare(given)
  if (!prepared.ok) {
    return prepared.error.map(({ field, problem }) => `${field ?? 'This'} ${problem}.`).join(' ')
  }
  const bound = { seconds: null, words: '' }
  const done = await prepared.value(context, { bound, ifVersion: null })
  if (!done.ok) return done.error.message
  const { facts, view } = done.value
  return {
    isAllowed: facts['isAllowed'] === true,
    lines: view.flatMap((block) => (block.kind === 'sentence' ? block.text : [])),
  }
}

interface CheckProps {
  readonly query: URLSearchParams
  readonly checked: Checked | string | null
}

const CheckCard: FC<CheckProps> = ({ query, checked }) => (
  <Card title="May somebody open this?">
    <form class="filters" action={linkTo('/sites')}>
      <Input
        name="person"
        label="Person"
        value={query.get('person') ?? ''}
        hint="Address, name or id; or: nobody"
        isRequired
      />
      <Input name="method" label="Method" value={query.get('method') ?? 'GET'} isRequired />
      <Input
        name="url"
        label="Address"
        value={query.get('url') ?? ''}
        hint="Or a path of the first site"
        isRequired
      />
      <button>Check</button>
    </form>
    <div role="status">
      {checked === null ? null : typeof checked === 'string' ? (
        <p class="fault">{checked}</p>
      ) : (
        <>
          <p>
            <Badge tone={checked.isAllowed ? 'good' : 'bad'}>
              {checked.isAllowed ? 'Yes' : 'No'}
            </Badge>
          </p>
          <pre>{checked.lines.join('\n')}</pre>
        </>
      )}
    </div>
  </Card>
)

interface SiteCardProps {
  readonly site: ConfiguredSite
  readonly config: DeployedConfig
  /** Whether the admin may end the sign-ins of people who are in there. */
  readonly mayEnd: boolean
}

const SiteCard: FC<SiteCardProps> = ({ site, config, mayEnd }) => (
  <Card title={site.shown.name} beside={<a href={site.url}>{new URL(site.url).host}</a>}>
    <Values
      rows={[
        ['Origin', originOf(site)],
        ['Identity providers', connectionsOf(site)],
        ['Sessions', lengthOf(site)],
        ...(site.authority === config.loginHost.authority
          ? [['Login host', 'People sign in here'] as const]
          : []),
      ]}
    />
    <Table
      caption={`Routes of ${site.shown.name}`}
      head={['Path', 'Open to']}
      rows={site.routes.map((route) => [<code>{route.path}</code>, <Access route={route} />])}
    />
    <p class="soft">What no route covers is refused. The most specific path counts.</p>
    {mayEnd ? (
      <div class="actions">
        <a
          class="button quiet"
          href={linkTo(endSignInsPath({ site: site.authority }))}
          aria-label={`End all sign-ins at ${site.shown.name}`}
        >
          End all sign-ins…
        </a>
      </div>
    ) : null}
  </Card>
)

const HostsCard: FC<{ readonly config: DeployedConfig }> = ({
  config: { loginHost, sites, sitesElsewhere, isLoginElsewhere },
}) => (
  <Card title="Sign-in">
    <Values
      rows={[
        ['Login host', isLoginElsewhere ? `${loginHost.url}, of another Worker` : loginHost.url],
        ['Sessions there', lengthOf(loginHost)],
        [
          'Sites of other Workers',
          sitesElsewhere.length === 0 ? 'none' : sitesElsewhere.map(({ url }) => url).join(', '),
        ],
      ]}
    />
    {sites.length > 1 ? null : (
      <Empty>
        With one site there is one sign-in. Add another site to the config, and people who are
        signed in at one are signed in at both.
      </Empty>
    )}
  </Card>
)

const Access: FC<{ readonly route: Route }> = ({ route: { policy } }) => {
  if (policy.kind !== 'by-method') return <Settled policy={policy} />
  return (
    <>
      <Badge tone="warning">Public</Badge> for {policy.methods.join(', ')}; otherwise{' '}
      <Settled policy={policy.otherwise} />
    </>
  )
}

const Settled: FC<{ readonly policy: SettledPolicy }> = ({ policy }) => {
  switch (policy.kind) {
    case 'public':
      return <Badge tone="warning">Public</Badge>
    case 'signed-in':
      return <>everybody who is signed in</>
    case 'rule':
      return <>{describeRule(policy.rule)}</>
  }
}

function originOf({ origin, url }: ConfiguredSite): string {
  switch (origin.kind) {
    case 'service':
      return `the Worker at the binding ${origin.binding}`
    case 'by-label':
      return 'chosen by the label of the site'
    case 'url':
      return origin.host === 'public' ? `${origin.url}, asked for as ${url}` : origin.url
  }
}

const connectionsOf = ({ connections }: Host): string =>
  connections === null ? 'every enabled connection' : connections.join(', ')

function lengthOf({ session: { absoluteSeconds, idleSeconds } }: Host): string {
  const whole = `${timeOf(absoluteSeconds)} at most`
  return idleSeconds === null ? whole : `${whole}, or ${timeOf(idleSeconds)} without a request`
}

const units = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

/** In the largest unit that divides it. */
function timeOf(seconds: number): string {
  const [size, unit] = units.find(([each]) => seconds % each === 0) ?? [1, 'second']
  const count = seconds / size
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
