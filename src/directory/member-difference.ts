/**
 * SQL: whether the steps would change the members of a group. A step that changes nothing leaves
 * the members to the next step as they were. So it is enough to ask whether any single step would
 * change them.
 */
import type { MemberCondition, MemberStep } from './member.ts'

/** Keeps the JSON text of this many ids well below the 2 MB that D1 can bind. */
export const IDS_IN_STATEMENT = 20_000
/** D1 binds at most 100 values; the rest is for the statement itself. */
const MAX_VALUES = 90
/** ?1 is the group, ?2 its connection; ?3 to ?5 belong to the statement. */
const FIRST = 6

/** Long lists count as a change without being compared, so that they are not sent twice. */
export function toDifference(steps: readonly MemberStep[]): MemberCondition {
  const named = steps.reduce((sum, step) => sum + ('ids' in step ? step.ids.length : 0), 0)
  const values: (string | number)[] = []
  const terms = steps.map((step) => toTerm(step, values))
  return named > IDS_IN_STATEMENT || values.length > MAX_VALUES
    ? { where: '1', values: [] }
    : { where: terms.join(' OR '), values }
}

function toTerm(step: MemberStep, values: (string | number)[]): string {
  if (step.kind === 'remove-where') {
    const { where, values: more } = step.toCondition(FIRST + values.length)
    values.push(...more)
    return `EXISTS (SELECT 1 FROM scim_members m CROSS JOIN scim_users x ON x.id = m.user_id
      WHERE m.group_id = ?1 AND ${where})`
  }
  const ids = `?${FIRST + values.push(JSON.stringify(step.ids)) - 1}`
  const isNew = `EXISTS (SELECT 1 FROM json_each(${ids}) j CROSS JOIN scim_users u
    WHERE u.id = j.value AND u.connection = ?2 AND NOT EXISTS (
      SELECT 1 FROM scim_members m WHERE m.group_id = ?1 AND m.user_id = u.id))`
  switch (step.kind) {
    case 'add':
      return isNew
    case 'remove':
      return `EXISTS (SELECT 1 FROM json_each(${ids}) j CROSS JOIN scim_members m
        WHERE m.group_id = ?1 AND m.user_id = j.value)`
    case 'set':
      return `${isNew} OR EXISTS (SELECT 1 FROM scim_members m
        WHERE m.group_id = ?1 AND m.user_id NOT IN (SELECT value FROM json_each(${ids})))`
  }
}
