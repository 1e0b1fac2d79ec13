/** Who a subject is in the directory, and if it is nobody, who may be meant and why not. Pure. */
import type { JoinRule } from '../../src/directory/join.ts'
import type { Entry } from '../../src/directory/overview-store.ts'
import { fold, lowerAscii } from '../../src/lib/fold.ts'

export interface Explained {
  readonly subject: string
  readonly outcome: 'matches' | 'not active' | 'nobody' | 'several'
  /** The provisioned user that a sign-in joins or may join; null: no user is similar. */
  readonly userName: string | null
  readonly why: string
}

/** @param found by the rule. @param near by any of their names. */
export function explainSubject(
  rule: JoinRule,
  subject: string,
  found: Entry | 'several' | null,
  near: readonly Entry[],
): Explained {
  if (found === 'several') {
    const why = `Several people have this ${fieldOf[rule]}, so nobody is meant: one of them must lose it.`
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
        why: 'The directory has nobody of this name in any form: is the person assigned at the IdP?',
      }
}

const fieldOf: Readonly<Record<JoinRule, string>> = {
  'user-name': 'userName',
  'external-id': 'externalId',
  email: 'an email address',
}

/** Most telling first. */
function whyNot(rule: JoinRule, subject: string, entry: Entry): string {
  const same = (text: string): boolean => lowerAscii(text) === lowerAscii(subject)
  const other = otherRule(subject, entry)
  if (isGuest(entry.userName) && !same(entry.userName)) {
    return `A guest of Entra ID: userName is ${entry.userName}, and the IdP signs in ${subject}. ${other === null ? 'Let both send the address.' : change(other)}`
  }
  if (other === 'email') {
    return `UPN against mail: the subject is an address of ${entry.userName}, and not the ${fieldOf[rule]}. ${change(other)}`
  }
  if (other !== null) {
    return `The subject is the ${fieldOf[other]} of ${entry.userName}, and not ${fieldOf[rule]}. ${change(other)}`
  }
  if (entry.externalId !== null && same(entry.externalId)) {
    return `The externalId of ${entry.userName} is in another case, which counts there.`
  }
  if ([entry.userName, ...entry.emails].some((name) => fold(name) === fold(subject))) {
    return `${entry.userName} has it in another case, which counts beyond A to Z: let both send the same.`
  }
  return `Perhaps ${entry.userName}, whose name or address has changed at one side: addresses ${entry.emails.join(', ') || 'none'}.`
}

/** By which rule it would be the one. */
function otherRule(subject: string, entry: Entry): JoinRule | null {
  const same = (text: string): boolean => lowerAscii(text) === lowerAscii(subject)
  if (same(entry.userName)) return 'user-name'
  if (entry.externalId === subject) return 'external-id'
  return entry.emails.some(same) ? 'email' : null
}

const change = (rule: JoinRule): string =>
  `--join ${rule} would match, or let the IdP send the other.`

const isGuest = (userName: string): boolean => /#ext#/i.test(userName)

export interface Reach {
  readonly userName: string
  readonly outcome: 'reachable' | 'look' | 'unreachable'
  /** null: nothing to add. */
  readonly why: string | null
}

/** Whether a sign-in can be of each of these people at all, by the rule. */
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
      return { userName, outcome: 'look', why: 'a guest: does the IdP sign in this very name?' }
    }
    const isOther =
      entry.emails.length > 0 && !entry.emails.some((each) => sameText(each, userName))
    return isOther && userName.includes('@')
      ? { userName, outcome: 'look', why: `UPN is not the mail ${entry.emails[0]}: which is sent?` }
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
