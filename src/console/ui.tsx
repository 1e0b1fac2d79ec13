/** The parts that pages of the console are made of. */
import type { Child, FC, PropsWithChildren } from 'hono/jsx'
import type { Typed } from '../admin/field.ts'
import { toIso, toMinute, type Instant } from '../lib/instant.ts'
import { CONSOLE_PATH } from '../lib/paths.ts'
import type { RefusedForm } from './page.ts'

export const linkTo = (path: string): string => CONSOLE_PATH + path

/** In UTC; the script shows it in the reader's own time zone. */
export const Time: FC<{ readonly at: Instant | null; readonly none?: string }> = ({ at, none }) =>
  at === null ? <>{none ?? 'never'}</> : <time datetime={toIso(at)}>{toMinute(at)}</time>

export type Tone = 'good' | 'warning' | 'bad' | 'plain'

export const Badge: FC<PropsWithChildren<{ readonly tone?: Tone }>> = ({ tone, children }) => (
  <span class={`badge ${tone ?? 'plain'}`}>{children}</span>
)

export interface CardProps {
  readonly title: string
  /** Beside the title: a link or a button. */
  readonly beside?: Child
  /** For a link to it. */
  readonly id?: string
}

export const Card: FC<PropsWithChildren<CardProps>> = ({ title, beside, id, children }) => (
  <section class="card" id={id}>
    <div class="card-head">
      <h2>{title}</h2>
      {beside}
    </div>
    {children}
  </section>
)

/** Where there is nothing to show: why, and what to do next. */
export const Empty: FC<PropsWithChildren> = ({ children }) => <p class="empty">{children}</p>

/** Names and their values. */
export const Values: FC<{ readonly rows: readonly (readonly [string, Child])[] }> = ({ rows }) => (
  <dl class="values">
    {rows.map(([name, value]) => (
      <div>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)

export interface TableProps {
  /** What the table lists, for people who do not see it. */
  readonly caption: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly Child[])[]
}

/** On a narrow screen each row becomes a block, and each cell has its heading beside it. */
export const Table: FC<TableProps> = ({ caption, head, rows }) => (
  <table>
    <caption>{caption}</caption>
    <thead>
      <tr>
        {head.map((name) => (
          <th scope="col">{name === '' ? <span class="heard">Change</span> : name}</th>
        ))}
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <tr>
          {row.map((cell, i) => (
            <td data-head={head[i]}>
              <div>{cell}</div>
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
)

/** A value to copy into another console. The button appears with the script. */
export const Copy: FC<{ readonly label: string; readonly value: string }> = ({ label, value }) => (
  <div class="copy">
    <span class="copy-label">{label}</span>
    <code>{value}</code>
    <button type="button" class="quiet" data-copy={value} aria-label={`Copy ${label}`} hidden>
      Copy
    </button>
  </div>
)

export interface ActionProps {
  /** The name of the operation. */
  readonly operation: string
  readonly input: Typed
  /** The page to come back to, below /.gatehouse/admin. */
  readonly back: string
  /** The page that comes after success; absent: `back`. */
  readonly next?: string
  readonly label: string
  /** What the button is about, for people who hear it alone: "Disable ada@example.com". */
  readonly about?: string
  readonly tone?: 'quiet' | 'danger'
}

/** A button that runs an operation. */
export const Action: FC<ActionProps> = ({ operation, input, back, next, label, about, tone }) => (
  <form method="post" action={actionOf(operation)}>
    <Hidden input={input} back={back} next={next} />
    <button class={tone} aria-label={about}>
      {label}
    </button>
  </form>
)

export interface FormProps extends Omit<ActionProps, 'about' | 'tone'> {
  readonly refused: RefusedForm | null
  /** Whether a file may be chosen in it. */
  readonly hasFile?: boolean
}

/** A form of an operation, with its faults. */
export const Form: FC<PropsWithChildren<FormProps>> = (props) => {
  const { operation, input, back, next, label, refused, hasFile, children } = props
  const faults = refused?.name === operation ? refused.faults : []
  return (
    <form
      method="post"
      action={actionOf(operation)}
      enctype={hasFile ? 'multipart/form-data' : undefined}
      class="form"
    >
      {faults
        .filter(({ field }) => field === null || Object.hasOwn(input, field))
        .map(({ problem }) => (
          <p class="fault">{problem}</p>
        ))}
      <Hidden input={input} back={back} next={next} />
      {children}
      <button>{label}</button>
    </form>
  )
}

/** `user disable` → `user-disable`, in the address of its form. */
export const slugOf = (operation: string): string => operation.replaceAll(' ', '-')

const actionOf = (operation: string): string => linkTo(`/do/${slugOf(operation)}`)

interface HiddenProps extends Pick<ActionProps, 'input' | 'back'> {
  readonly next: string | undefined
}

const Hidden: FC<HiddenProps> = ({ input, back, next }) => (
  <>
    <input type="hidden" name="back" value={back} />
    {next === undefined ? null : <input type="hidden" name="next" value={next} />}
    {Object.entries(input).flatMap(([name, value]) =>
      (typeof value === 'string' ? [value] : value).map((each) => (
        <input type="hidden" name={name} value={each} />
      )),
    )}
  </>
)

export interface InputProps {
  readonly name: string
  /** Where a page has several fields of this name. */
  readonly id?: string | undefined
  readonly label: string
  /** Below the label: what to enter. */
  readonly hint?: string
  /** A password is never in a page: it has to be typed again. */
  readonly type?: 'text' | 'email' | 'url' | 'number' | 'file' | 'search' | 'password'
  readonly isRequired?: boolean
  readonly value?: string
  /** Lines of a text field. */
  readonly lines?: number
  /** The form that was refused, so that what was typed is not lost. */
  readonly form?: RefusedForm | null
}

export const Input: FC<InputProps> = ({ name, label, hint, type, value, lines, form, ...more }) => {
  const typed = form?.given.get(name)?.[0] ?? value ?? ''
  const faults = form?.faults.filter(({ field }) => field === name) ?? []
  const isKept = type !== 'file' && type !== 'password'
  const id = more.id ?? `field-${name}`
  const about = [...(hint ? [`${id}-hint`] : []), ...(faults.length > 0 ? [`${id}-fault`] : [])]
  const shared = {
    id,
    name,
    required: more.isRequired,
    'aria-describedby': about.length > 0 ? about.join(' ') : undefined,
    'aria-invalid': faults.length > 0 ? ('true' as const) : undefined,
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint ? (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      {lines ? (
        <textarea {...shared} rows={lines}>
          {typed}
        </textarea>
      ) : (
        <input {...shared} type={type ?? 'text'} value={isKept ? typed : undefined} />
      )}
      {faults.length > 0 ? (
        <p class="fault" id={`${id}-fault`}>
          {label} {faults.map(({ problem }) => problem).join('; ')}.
        </p>
      ) : null}
    </div>
  )
}

export interface SelectProps {
  readonly name: string
  readonly id?: string
  readonly label: string
  readonly hint?: string
  /** Values and their names. */
  readonly options: readonly (readonly [string, string])[]
  readonly value?: string
  readonly form?: RefusedForm | null
}

export const Select: FC<SelectProps> = ({ name, label, hint, options, value, form, ...more }) => {
  const chosen = form?.given.get(name)?.[0] ?? value ?? ''
  const id = more.id ?? `field-${name}`
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint ? (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      <select id={id} name={name} aria-describedby={hint ? `${id}-hint` : undefined}>
        {options.map(([each, said]) => (
          <option value={each} selected={each === chosen}>
            {said}
          </option>
        ))}
      </select>
    </div>
  )
}

export interface ChecksProps {
  readonly name: string
  readonly legend: string
  /** Values and their names. */
  readonly options: readonly (readonly [string, string])[]
  /** Before anything was ticked. */
  readonly chosen: readonly string[]
  readonly form: RefusedForm | null
}

/** Several values of one field. */
export const Checks: FC<ChecksProps> = ({ name, legend, options, chosen, form }) => {
  const ticked = form?.given.get(name) ?? chosen
  return (
    <fieldset>
      <legend>{legend}</legend>
      {options.map(([value, said]) => (
        <label class="check">
          <input type="checkbox" name={name} value={value} checked={ticked.includes(value)} />
          <span>{said}</span>
        </label>
      ))}
      {form?.faults
        .filter(({ field }) => field === name)
        .map(({ problem }) => (
          <p class="fault">
            {legend}: the field {problem}.
          </p>
        ))}
    </fieldset>
  )
}

/** To the next page of a list. */
export const Next: FC<{ readonly href: string | null }> = ({ href }) =>
  href === null ? null : (
    <p>
      <a class="button quiet" href={href} rel="next">
        Show more
      </a>
    </p>
  )
