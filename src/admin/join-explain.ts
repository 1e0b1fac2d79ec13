/** The provisioned person that a subject matches; if none, similar people, and the reason. Pure. */
import type { JoinRule } from '../directory/join.ts'
import type { Entry } from '../directory/overview-store.ts'
import { fold, lowerAscii } from '../lib/fold.ts'

export interface Explained {
  readonly subject: string
  readonly outcome: 'matches' | 'not active' | 'nobody' | 'several'
  /** The provisioned user that a sign-in joins or may join; null: no user is similar. */
  readonly userName: string | null
  readonly why: string
}

/** @param found the match of the rule. @param near people with a similar name. */
export function explainSubject(
  rule: JoinRule,
  subject: string,
  found: Entry | 'several' | null,
  near: readonly Entry[],
): Explained {
  if (found === 'several') {
    const why = `Several people have this ${fieldOf[rule]}, so none of them matches: only one may have it.`
    return { subject, outcome: 'several', userName: null, why }
  }
  if (found) {
    const why = found.active
      ? `${fieldOf[rule]} is the subject.`
      : `${fieldOf[rule]} is the subject, and the directory says active: false.`
    const outcome = found.active ? 'matches' : 'not active'
    return { subject, outcome, userName: found.userName, why }
  }
  const [best] = near
  return best
    ? { subject, outcome: 'nobody', userName: best.userName, why: whyNot(rule, subject, best) }
    : {
        subject,
        outcome: 'nobody',
        userName: null,
        why: 'The directory has nobody with a similar name. Is the person assigned to the application at the IdP?',
      }
}

const fieldOf: Readonly<Record<JoinRule, string>> = {
  'user-name': 'userName',
  'external-id': 'externalId',
  email: 'an email address',
}

/** The most helpful reason first. */
function whyNot(rule: JoinRule, subject: string, entry: Entry): string {
  const same = (text: string): boolean => lowerAscii(text) === lowerAscii(subject)
  const other = otherRule(subject, entry)
  if (isGuest(entry.userName) && !same(entry.userName)) {
    return `A guest of Entra ID: userName is ${entry.userName}, but the IdP sends ${subject}. ${other === null ? 'Let both send the email address.' : change(other)}`
  }
  if (other === 'email') {
    return `UPN and mail differ: the subject is an address of ${entry.userName}, not the ${fieldOf[rule]}. ${change(other)}`
  }
  if (other !== null) {
    return `The subject is the ${fieldOf[other]} of ${entry.userName}, not the ${fieldOf[rule]}. ${change(other)}`
  }
  if (entry.externalId !== null && same(entry.externalId)) {
    return `The externalId of ${entry.userName} has other upper or lower case, which counts.`
  }
  if ([entry.userName, ...entry.emails].some((name) => fold(name) === fold(subject))) {
    return `${entry.userName} has it with other upper or lower case beyond A to Z, which counts: let both send the same.`
  }
  return `Perhaps ${entry.userName}, whose name or address has changed on one side (addresses: ${entry.emails.join(', ') || 'none'}).`
}

/** The rule by which the subject would match. */
function otherRule(subject: string, entry: Entry): JoinRule | null {
  const same = (text: string): boolean => lowerAscii(text) === lowerAscii(subject)
  if (same(entry.userName)) return 'user-name'
  if (entry.externalId === subject) return 'external-id'
  return entry.emails.some(same) ? 'email' : null
}

const change = (rule: JoinRule): string =>
  `join ${rule} would match, or let the IdP send the other value.`

const isGuest = (userName: string): boolean => /#ext#/i.test(userName)

export interface Reach {
  readonly userName: string
  readonly outcome: 'reachable' | 'look' | 'unreachable'
  /** null: nothing to add. */
  readonly why: string | null
}

/** Whether a sign-in can match each of these people by the rule. */
export function explainReach(rule: JoinRule, entries: readonly Entry[]): readonly Reach[] {
  const holders = new Map<string, Set<string>>()
  for (const entry of entries) {
    for (const key of keysOf(rule, entry)) {
      holders.set(key, (holders.get(key) ?? new Set()).add(entry.id))
    }
  }
  return entries.map((entry): Reach => {
    const { userName } = entry
    const keys = keysOf(rule, entry)
    if (keys.length === 0) {
      return { userName, outcome: 'unreachable', why: `has no ${nameOf[rule]}` }
    }
    if (keys.every((key) => (holders.get(key)?.size ?? 0) > 1)) {
      return { userName, outcome: 'unreachable', why: `shares every ${nameOf[rule]} with others` }
    }
    if (rule !== 'user-name') return { userName, outcome: 'reachable', why: null }
    if (isGuest(userName)) {
      return { userName, outcome: 'look', why: 'a guest: does the IdP send exactly this name?' }
    }
    const isOther =
      entry.emails.length > 0 && !entry.emails.some((each) => sameText(each, userName))
    return isOther && userName.includes('@')
      ? {
          userName,
          outcome: 'look',
          why: `UPN and mail (${entry.emails[0]}) differ: which one does the IdP send?`,
        }
      : { userName, outcome: 'reachable', why: null }
  })
}

const nameOf: Readonly<Record<JoinRule, string>> = {
  'user-name': 'userName',
  'external-id': 'externalId',
  email: 'address',
}

function keysOf(rule: JoinRule, { userName, externalId, emails }: Entry): readonly string[] {
  switch (rule) {
    case 'user-name':
      return [fold(userName)]
    case 'external-id':
      return externalId === null ? [] : [externalId]
    case 'email':
      return [...new Set(emails.map(fold))]
  }
}

const sameText = (a: string, b: string): boolean => lowerAscii(a) === lowerAscii(b)
