/** What to do about the reason of a refusal: its section of docs/trouble.md. */
import type { Child } from 'hono/jsx'
import * as v from 'valibot'
import { ASSETS_PATH } from '../../lib/paths.ts'
import type { At, ConsolePage, Shown } from '../page.ts'
import { To, troublePath } from '../parts.tsx'
import { Card, Empty } from '../ui.tsx'

export const troublePage: ConsolePage = {
  path: '/trouble/:reason',
  scope: 'read',
  show: async ({ params, deps }) => {
    const reason = params['reason'] ?? ''
    const paragraphs = await findSection(reason, deps)
    return paragraphs ? shownSection(reason, paragraphs) : unknownReason
  },
}

const sections = v.record(v.string(), v.array(v.string()))

/** null: there is no such reason. */
async function findSection(
  reason: string,
  { assets }: Pick<At['deps'], 'assets'>,
): Promise<readonly string[] | null> {
  const file = await assets?.fetch(`https://assets.invalid${ASSETS_PATH}/trouble.json`)
  const known = file?.ok ? v.parse(sections, await file.json()) : {}
  return Object.hasOwn(known, reason) ? (known[reason] ?? null) : null
}

const shownSection = (reason: string, paragraphs: readonly string[]): Shown => ({
  title: reason,
  section: '/sign-ins',
  body: (
    <>
      <Card title="What it means, and what to change">
        {paragraphs.map((text) => (
          <p>{proseOf(text)}</p>
        ))}
      </Card>
      <p>
        <To path={`/audit?reason=${encodeURIComponent(reason)}`}>
          All people who were refused for it, in the audit
        </To>
      </p>
    </>
  ),
})

const unknownReason: Shown = {
  status: 404,
  title: 'There is no such reason',
  section: '/sign-ins',
  body: (
    <Empty>
      Nobody is stopped for a reason of this name. <To path="/sign-ins">Look at all sign-ins</To>.
    </Empty>
  ),
}

const MARKED = /`([^`]+)`|\*\*([^*]+)\*\*|(?<!\w)_([^_]+)_(?!\w)|\[([^\]]+)\]\(([^)]+)\)/g

/** The marks that a paragraph of docs/trouble.md may have. A link to another file is its text. */
function proseOf(text: string): Child[] {
  const parts: Child[] = []
  let from = 0
  for (const found of text.matchAll(MARKED)) {
    const [whole, code, strong, label, link, to] = found
    parts.push(text.slice(from, found.index))
    from = found.index + whole.length
    if (code !== undefined) parts.push(<code>{code}</code>)
    else if (strong !== undefined) parts.push(<strong>{strong}</strong>)
    else if (label !== undefined) parts.push(<em>{label}</em>)
    else parts.push(linkOf(link ?? '', to ?? ''))
  }
  return [...parts, text.slice(from)]
}

const linkOf = (text: string, to: string): Child =>
  to.startsWith('#') ? <To path={troublePath(to.slice(1))}>{proseOf(text)}</To> : proseOf(text)
