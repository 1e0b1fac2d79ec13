/**
 * Whether steps would change who is in a group, as SQL. A step that changes nothing leaves the group
 * to the next one as it was, so all of them change something only if one of them alone does.
 */
import type { MemberCondition, MemberStep } from './member.ts'

/** So that a text of them is well below the 2 MB that D1 binds. */
export const IDS_IN_STATEMENT = 20_000
/** Beside those of the statement: D1 binds 100. */
const MAX_VALUES = 90
/** ?1 is the group, ?2 its connection, and ?3 to ?5 are the statement's own. */
const FIRST = 6

/** Long lists are not sent twice: they are taken for a change. */
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
