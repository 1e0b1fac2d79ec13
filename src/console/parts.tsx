/** Parts that several pages share, and that know what the pages are about. */
import type { Child, FC, PropsWithChildren } from 'hono/jsx'
import type { Connection } from '../connection/connection.ts'
import type { User } from '../directory/user.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { Badge, Input, linkTo, Select, Time, type Tone } from './ui.tsx'

const MOST_CHARACTERS = 120

/** Any more of a foreign text would make the page too large. */
export const clip = (text: string, most = MOST_CHARACTERS): string =>
  text.length > most ? `${text.slice(0, most)}…` : text

/** A foreign text. Its direction of writing changes nothing around it. */
export const Said: FC<{ readonly text: string; readonly most?: number }> = ({ text, most }) => (
  <bdi>{clip(text, most)}</bdi>
)

/** Hosts and addresses, of email too. A column with short ones is so wide that none is broken. */
export const Address: FC<{ readonly text: string }> = ({ text }) => (
  <bdi class={text.split(' ').every(({ length }) => length <= 30) ? 'whole' : undefined}>
    {clip(text)}
  </bdi>
)

export const To: FC<PropsWithChildren<{ readonly path: string }>> = ({ path, children }) => (
  <a href={linkTo(path)}>{children}</a>
)

export const personPath = (id: string): string => `/people/${encodeURIComponent(id)}`
export const groupPath = (id: string): string => `/groups/${encodeURIComponent(id)}`
export const signInPath = (id: string): string => `/sign-ins/${encodeURIComponent(id)}`
export const troublePath = (reason: string): string => `/trouble/${encodeURIComponent(reason)}`
export const directoryPath = (connection: string): string => `/directory/${connection}`

export interface UserState {
  readonly tone: Tone
  readonly word: string
  /** The name of the operator; '': none. */
  readonly by: string
  readonly why: string
}

/** @param connection of the user; null: it is not known. */
export function stateOfUser(
  { barred, active, source }: Pick<User, 'barred' | 'active' | 'source'>,
  connection: Pick<Connection, 'enabled' | 'provisioning'> | null,
): UserState {
  if (barred) {
    return {
      tone: 'bad',
      word: 'Disabled',
      by: 'by an operator',
      why: 'An operator keeps this person out, whatever the identity provider or the directory says.',
    }
  }
  if (!active) {
    return {
      tone: 'warning',
      word: 'Deactivated',
      by: 'by the directory',
      why: 'The directory has deactivated this person. Activate the person there to let them in again.',
    }
  }
  if (connection?.enabled === false) {
    return {
      tone: 'warning',
      word: 'Shut out',
      by: 'with the connection',
      why: 'The connection is disabled, so none of its people can sign in.',
    }
  }
  if (connection?.provisioning === 'scim' && source === 'jit') {
    return {
      tone: 'warning',
      word: 'Not sent',
      by: 'by the directory',
      why: 'The connection takes only people whom its directory sends, and it has not sent this person. Assign the person to the application at the identity provider.',
    }
  }
  return { tone: 'good', word: 'Active', by: '', why: 'This person may sign in.' }
}

export const State: FC<{ readonly state: UserState }> = ({ state: { tone, word, by } }) => (
  <>
    <Badge tone={tone}>{word}</Badge>
    {by === '' ? null : <span class="soft"> {by}</span>}
  </>
)

const SOON_SECONDS = 30 * 86_400

/** Until when a token counts. */
export const Until: FC<{ readonly at: Instant; readonly now: Instant }> = ({ at, now }) => {
  const isSoon = at <= plusSeconds(now, SOON_SECONDS)
  return (
    <>
      <Badge tone={isSoon ? 'warning' : 'good'}>{isSoon ? 'Ends soon' : 'Good'}</Badge> until{' '}
      <Time at={at} />
    </>
  )
}

/** The result of a test. */
export const Outcome: FC<{ readonly reason: string | null }> = ({ reason }) =>
  reason === null ? (
    <Badge tone="good">Accepted</Badge>
  ) : (
    <>
      <Badge tone="bad">Refused</Badge> <code>{reason}</code>
    </>
  )

export interface ConnectionFilterProps {
  readonly connections: readonly Pick<Connection, 'id' | 'displayName'>[]
  readonly chosen: string | null
}

/** Of a field. With more to choose from, the value is typed. */
export const MOST_OPTIONS = 50

export const ConnectionFilter: FC<ConnectionFilterProps> = ({ connections, chosen }) =>
  connections.length > MOST_OPTIONS ? (
    <Input name="connection" label="Connection" value={chosen ?? ''} />
  ) : (
    <Select
      name="connection"
      label="Connection"
      options={[['', 'All'], ...connections.map(({ id }) => [id, id] as const)]}
      value={chosen ?? ''}
    />
  )

export interface SearchProps extends ConnectionFilterProps {
  /** The page, below /.gatehouse/admin. */
  readonly path: string
  readonly label: string
  readonly hint: string
  readonly value: string
}

/** The hint of the field has the id `field-<name>-hint`. */
export const SearchField: FC<{
  readonly name: string
  readonly label: string
  readonly value: string
}> = ({ name, label, value }) => (
  <div class="field wide">
    <label for={`field-${name}`}>{label}</label>
    <input
      id={`field-${name}`}
      type="search"
      name={name}
      value={value}
      maxlength={200}
      autocomplete="off"
      aria-describedby={`field-${name}-hint`}
    />
  </div>
)

/** A search that finds as the operator types; without JavaScript, by its button. */
export const Search: FC<PropsWithChildren<SearchProps>> = ({
  path,
  label,
  hint,
  value,
  connections,
  chosen,
  children,
}) => (
  <form class="filters" role="search" action={linkTo(path)} data-live>
    <SearchField name="search" label={label} value={value} />
    <ConnectionFilter connections={connections} chosen={chosen} />
    {children}
    <button>Search</button>
    <p class="hint" id="field-search-hint">
      {hint}
    </p>
    <p class="heard" role="status" />
  </form>
)

export interface FoundProps {
  readonly words: readonly [none: string, one: string, several: string]
  readonly shown: number
  readonly areMore: boolean
}

/** What a search found. The script says aloud how much it is, when it changes. */
export const Found: FC<PropsWithChildren<FoundProps>> = ({ children, ...found }) => (
  <div data-results data-says={saysOf(found)}>
    {children}
  </div>
)

function saysOf({ words: [none, one, several], shown, areMore }: FoundProps): string {
  if (shown === 0) return `${none} found.`
  if (areMore) return `The first ${shown} ${several}. There are more.`
  return shown === 1 ? `1 ${one}.` : `${shown} ${several}.`
}

/** Only so many of a long list; the rest is counted. */
export function firstOf<T>(items: readonly T[], most: number): readonly [readonly T[], string] {
  const more = items.length - most
  return [items.slice(0, most), more > 0 ? `and ${more.toLocaleString('en')} more` : '']
}

/** Below a table of the first ones. */
export const More: FC<{ readonly says: string }> = ({ says }) =>
  says === '' ? null : <p class="soft">{says}</p>

export const Facts: FC<{ readonly items: readonly Child[]; readonly more: string }> = ({
  items,
  more,
}) => (
  <ul class="inline">
    {items.map((item) => (
      <li>{item}</li>
    ))}
    {more === '' ? null : <li class="soft">{more}</li>}
  </ul>
)
