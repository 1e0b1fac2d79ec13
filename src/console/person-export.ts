/** All data of a person, as a file. */
import type { Context } from '../admin/context.ts'
import { toGiven } from '../admin/field.ts'
import { withinSeconds } from '../admin/operation.ts'
import { userExport } from '../admin/person-data.ts'
import { toIso } from '../lib/instant.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { toPlainJson } from '../lib/plain.ts'
import { personPath } from './parts.tsx'
import { linkTo } from './ui.tsx'

const { prepare } = userExport

/** Where a person is not found, the page of the person says so. @param user an id. */
export async function answerPersonExport(context: Context, user: string): Promise<Response> {
  const prepared = prepare(toGiven({ user }))
  const done = prepared.ok
    ? await prepared.value(context, { bound: withinSeconds(0), ifVersion: null })
    : prepared
  if (!done.ok) {
    const Location = linkTo(personPath(user))
    return new Response(null, { status: 303, headers: { ...ownHeaders, Location } })
  }
  return new Response(`${toPlainJson(done.value.facts, 2)}\n`, {
    headers: {
      ...ownHeaders,
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Disposition': `attachment; filename="gatehouse-person-${toIso(context.now).slice(0, 10)}.json"`,
    },
  })
}
