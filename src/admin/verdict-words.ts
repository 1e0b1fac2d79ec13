/** A verdict in words, line by line. */
import { describeMissing, describeRule } from '../policy/describe.ts'
import type { Explained } from '../policy/explain.ts'
import type { Decision } from '../policy/decide.ts'
// Rules name what operators wrote, which may have characters that nobody sees.
import { toPlainLine as plain } from '../lib/plain.ts'
import type { Verdict } from './verdict.ts'

/** One line: the answer to the request, and why. */
export function sayAnswer(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'no-site':
      return 'refused: no site of the config has this address'
    case 'no-route':
      return 'refused: no route covers the path'
    case 'ambiguous':
      return 'refused: servers may read the path in ways that fall under different policies'
    case 'own-path':
      return 'answered by Gatehouse itself: the path is one of its own'
    case 'judged':
      return plain(sayDecision(verdict.by))
  }
}

function sayDecision(decision: Decision): string {
  switch (decision.kind) {
    case 'allow':
      return 'allowed'
    case 'login':
      return decision.reason === 'other-connection'
        ? 'asked to sign in: the site does not take this connection'
        : 'asked to sign in'
    case 'anew': {
      const { contexts } = decision.anew
      const by = contexts === null ? '' : ` by ${contexts.join(' or ')}`
      return `asked to sign in again${by}: needs ${describeMissing(decision.why)}`
    }
    case 'deny':
      return `refused: needs ${describeMissing(decision.why)}`
  }
}

/** The route, and each part of its rule with its result. */
export function explainVerdict(verdict: Verdict): readonly string[] {
  if (verdict.kind !== 'judged') return []
  const { site, route, by } = verdict
  const why = by.kind === 'login' ? null : by.why
  return [
    `${'route'.padEnd(11)}${site.url}${route.path}`,
    ...(why === null ? [] : linesOf(why, 0)),
  ].map(plain)
}

function linesOf({ rule, holds, by, parts }: Explained, depth: number): readonly string[] {
  const word = holds === null ? 'not known' : holds ? 'yes' : 'no'
  const title = titleOf(rule, parts.length > 0)
  const fact = holds === null && by !== null ? `  (${by} is not known)` : ''
  return [
    word.padEnd(11) + '  '.repeat(depth) + title + fact,
    ...parts.flatMap((part) => linesOf(part, depth + 1)),
  ]
}

function titleOf(rule: Explained['rule'], hasParts: boolean): string {
  if (rule.kind === 'named') return `rule ${rule.name}`
  if (!hasParts) return describeRule(rule)
  return rule.kind === 'any' ? 'any of' : rule.kind === 'all' ? 'all of' : 'not'
}
