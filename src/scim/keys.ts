/** Attribute values of users that have an index, because identity providers search by them. */
import { fold } from '../lib/fold.ts'
import type { Doc } from './document.ts'
import type { Named } from './name.ts'

export interface Key {
  readonly path: string
  readonly value: string
}

const paths = ['emails.value', 'displayName', 'employeeNumber'] as const

/** The extension is not part of the path: its names differ from those of the core schema. */
export const keyPath = ({ attribute, sub }: Named): string =>
  sub ? `${attribute.name}.${sub.name}` : attribute.name

export const isKey = (named: Named): boolean => paths.some((path) => path === keyPath(named))

export function toKeys({ own, extension }: Doc): readonly Key[] {
  const emails = own['emails']
  const addresses = Array.isArray(emails) ? emails.map((email) => email['value']) : []
  const keys = [
    ...addresses.map((value) => ({ path: 'emails.value', value })),
    { path: 'displayName', value: own['displayName'] },
    { path: 'employeeNumber', value: extension['employeeNumber'] },
  ]
  const folded = keys.flatMap(({ path, value }) =>
    typeof value === 'string' && value !== '' ? [{ path, value: fold(value) }] : [],
  )
  return [...new Map(folded.map((key) => [JSON.stringify(key), key])).values()]
}
