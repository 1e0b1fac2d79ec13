/** The audit as a file: a page of it is in memory at a time, however long it is. */
import { formatField } from '../admin/audit.ts'
import { exportHead, exportLine, listPages, type ExportFormat } from '../admin/audit-export.ts'
import { filterFields, findFilter } from '../admin/audit-filter.ts'
import type { Context } from '../admin/context.ts'
import { readFields } from '../admin/field.ts'
import { logAudit } from '../audit/log.ts'
import type { StoredEvent } from '../audit/store.ts'
import { utf8 } from '../lib/bytes.ts'
import { toIso } from '../lib/instant.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import type { Visit } from '../site/visit.ts'
import { givenIn } from './list.ts'
import { linkTo } from './ui.tsx'

export const EXPORT_PATH = '/audit/export'

const types: Readonly<Record<ExportFormat, string>> = {
  jsonl: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
}

const fields = { ...filterFields, format: formatField }

/** Where the filters are wrong, the page of the audit says so. */
export async function answerExport({ db, now }: Context, visit: Visit): Promise<Response> {
  const { searchParams, search } = visit.url
  const read = readFields(fields, givenIn(searchParams, fields))
  const filter = read.ok ? await findFilter(db, read.value, now) : read
  if (!read.ok || !filter.ok) {
    const Location = `${linkTo('/audit')}${search}`
    return new Response(null, { status: 303, headers: { ...ownHeaders, Location } })
  }
  const { format } = read.value
  const pages = listPages(db, filter.value)
  // Before the status is sent: a database that is down is 503, and no empty file.
  const first = await pages.next()
  return new Response(toStream(linesOf(first, pages, format), visit), {
    headers: {
      ...ownHeaders,
      'Content-Type': types[format],
      'Content-Disposition': `attachment; filename="gatehouse-audit-${toIso(now).slice(0, 10)}.${format}"`,
    },
  })
}

type Pages = AsyncGenerator<readonly StoredEvent[]>

async function* linesOf(
  first: IteratorResult<readonly StoredEvent[]>,
  others: Pages,
  format: ExportFormat,
): AsyncGenerator<Uint8Array> {
  const toLine = exportLine(format)
  const toBytes = (page: readonly StoredEvent[]) => utf8(page.map(toLine).join(''))
  yield utf8(exportHead(format))
  if (first.done) return
  yield toBytes(first.value)
  for await (const page of others) yield toBytes(page)
}

/** A failure breaks the download off, so nobody takes a part for the whole. */
const toStream = (
  chunks: AsyncGenerator<Uint8Array>,
  { requestId, now }: Visit,
): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        if (error instanceof StoreUnavailable) {
          const { store, during } = error
          logAudit(requestId, now)({ kind: 'store-unavailable', store, during })
        }
        controller.error(error)
      }
    },
    async cancel() {
      await chunks.return(undefined)
    },
  })
