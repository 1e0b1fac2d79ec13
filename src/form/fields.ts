/** What a kept form says, to show it before it is sent. */
import { html } from 'hono/html'
import type { Html } from '../lib/html.ts'
import { toPlainLines } from '../lib/plain.ts'
import { sayCount, type Speech } from '../lib/words/speech.ts'
import type { KeptForm } from './kept.ts'

const MOST_FIELDS = 30
const MOST_OF_A_NAME = 80
/** The values of these are not shown: another person may see the screen. */
const secret = /pass|pwd|secret|token|csrf|xsrf/i

/** @param mostOfValue in characters; the rest of a value is left out. */
export async function fieldsOf(form: KeptForm, mostOfValue: number, speech: Speech): Promise<Html> {
  const fields = await readFields(form, speech)
  const shown = fields.slice(0, MOST_FIELDS)
  const left = fields.length - shown.length
  return html`<dl>
      ${shown.map(
        ([name, value]) =>
          html`<dt>${clip(name, MOST_OF_A_NAME)}</dt>
            <dd>${secret.test(name) ? '••••••' : clip(value, mostOfValue)}</dd>`,
      )}
    </dl>
    ${left > 0 ? html`<p>${sayCount(speech, 'moreFields', left, { count: left })}</p>` : ''}`
}

async function readFields(
  { contentType, body }: KeptForm,
  speech: Speech,
): Promise<readonly (readonly [string, string])[]> {
  const { fieldText, fieldForm } = speech.texts
  const bytes = (count: number) => sayCount(speech, 'bytes', count, { count })
  if (contentType.toLowerCase().startsWith('text/plain')) {
    return [[fieldText, new TextDecoder().decode(body)]]
  }
  try {
    const headers = { 'Content-Type': contentType }
    const data = await new Response(body, { headers }).formData()
    return [...data].map(([name, value]) => [
      name,
      typeof value === 'string' ? value : `${value.name} (${bytes(value.size)})`,
    ])
  } catch {
    return [[fieldForm, bytes(body.length)]]
  }
}

/** Characters that reorder or hide the text around them are shown as U+FFFD. */
function clip(text: string, most: number): string {
  const plain = toPlainLines(text)
  return plain.length > most ? `${plain.slice(0, most)} …` : plain
}
