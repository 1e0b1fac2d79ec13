/** As much of HTML as a client without a browser needs: forms, and the one kind of refresh. */

export interface Field {
  readonly tag: string
  readonly type: string
  readonly name: string
  readonly value: string
}

export interface Form {
  readonly method: string
  /** As written; empty: the address of the page. */
  readonly action: string
  readonly fields: readonly Field[]
}

const FORM = /<form\b((?:"[^"]*"|'[^']*'|[^>"'])*)>([\s\S]*?)<\/form>/gi
const CONTROL = /<(input|button)\b((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi
const ATTRIBUTE = /([a-z_:][-\w:.]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/gi

export const readForms = (html: string): readonly Form[] =>
  Array.from(html.matchAll(FORM), ([, attributes = '', inner = '']) => {
    const form = readAttributes(attributes)
    return {
      method: (form.get('method') ?? 'get').toUpperCase(),
      action: form.get('action') ?? '',
      fields: Array.from(inner.matchAll(CONTROL), ([, tag = '', of = '']) =>
        toField(tag.toLowerCase(), readAttributes(of)),
      ),
    }
  })

/** Where a page that waits for nobody goes on to; null: it does not. */
export function readRefresh(html: string): string | null {
  const [, to] = /http-equiv=["']?refresh["']?[^>]*?url=([^"'>]+)/i.exec(html) ?? []
  return to === undefined ? null : unescapeHtml(to)
}

const toField = (tag: string, attributes: ReadonlyMap<string, string>): Field => ({
  tag,
  type: (attributes.get('type') ?? (tag === 'button' ? 'submit' : 'text')).toLowerCase(),
  name: attributes.get('name') ?? '',
  value: attributes.get('value') ?? '',
})

function readAttributes(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [, name = '', quoted, single, bare] of text.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase()
    if (!found.has(key)) found.set(key, unescapeHtml(quoted ?? single ?? bare ?? ''))
  }
  return found
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

const unescapeHtml = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(parseInt(hex, 16))
    if (decimal) return String.fromCodePoint(parseInt(decimal, 10))
    return ENTITIES[String(name).toLowerCase()] ?? whole
  })
