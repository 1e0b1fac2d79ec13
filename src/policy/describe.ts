/** Rules in words: in English for operators, in the visitor's language on a page. */
import { english, say, type Speech } from '../lib/words/speech.ts'
import type { Fact, Explained } from './explain.ts'
import type { Hours, Rule } from './policy.ts'

export function describeRule(rule: Rule, speech: Speech = english): string {
  const said = describeOne(rule, speech)
  return 'connection' in rule && rule.kind !== 'connection' && rule.connection !== null
    ? say(speech, 'ruleOfConnection', { rule: said, name: rule.connection })
    : said
}

function describeOne(rule: Rule, speech: Speech): string {
  const { or, ruleSignIn } = speech.texts
  const either = (names: readonly string[]): string => names.join(` ${or} `)
  const all = (rules: readonly Rule[]) => ({
    rules: rules.map((each) => describeRule(each, speech)).join(', '),
  })
  switch (rule.kind) {
    case 'signed-in':
      return ruleSignIn
    case 'group':
      return say(speech, 'ruleGroup', { name: rule.name })
    case 'group-id':
      return say(speech, 'ruleGroupId', { id: rule.id })
    case 'email':
      return say(speech, 'ruleEmail', { email: rule.email })
    case 'email-domain':
      return say(speech, 'ruleDomain', { domain: rule.domain })
    case 'attribute':
      return say(speech, 'ruleAttribute', { name: `${rule.name} = ${either(rule.values)}` })
    case 'has-attribute':
      return say(speech, 'ruleAttribute', { name: rule.name })
    case 'connection':
      return say(speech, 'ruleConnection', { name: rule.connection })
    case 'service':
      return say(speech, 'ruleService', { name: rule.name })
    case 'country':
      return say(speech, 'ruleCountry', { countries: either(rule.countries) })
    case 'ip':
      return say(speech, 'ruleIp', { ranges: either(rule.ranges.map(({ text }) => text)) })
    case 'method':
      return say(speech, 'ruleMethod', { methods: either(rule.methods) })
    case 'authn-context':
      return say(speech, 'ruleContext', { classes: either(rule.classes) })
    case 'device-bound':
      return speech.texts.ruleDevice
    case 'signed-in-within':
    case 'session-within':
      return say(speech, 'ruleWithin', { time: describeSeconds(rule.seconds, speech) })
    case 'hours':
      return say(speech, 'ruleHours', { hours: describeHours(rule, speech) })
    case 'any':
      return say(speech, 'ruleAny', all(rule.of))
    case 'all':
      return say(speech, 'ruleAll', all(rule.of))
    case 'not':
      return say(speech, 'ruleNot', { rule: describeRule(rule.rule, speech) })
    case 'named':
      return `${rule.name} (${describeRule(rule.rule, speech)})`
  }
}

/** The missing parts: those that did not hold, and the facts that are not known. */
export function describeMissing(why: Explained, speech: Speech = english): string {
  const { rule, parts } = why
  if (rule.kind === 'all') {
    const missing = parts.filter(({ holds }) => holds !== true)
    const [one] = missing
    if (one && missing.length === 1) return describeMissing(one, speech)
    if (one) {
      const rules = missing.map((each) => describeMissing(each, speech)).join(', ')
      return say(speech, 'ruleAll', { rules })
    }
  }
  const unknown = new Set(unknownFacts(why))
  const said = describeRule(rule, speech)
  if (unknown.size === 0) return said
  const facts = [...unknown].map((fact) => speech.texts.facts[fact]).join(', ')
  return say(speech, 'ruleNotKnown', { rule: said, facts })
}

const unknownFacts = ({ holds, by, parts }: Explained): readonly Fact[] => [
  ...(holds === null && by !== null ? [by] : []),
  ...parts.flatMap(unknownFacts),
]

/** In the largest unit that fits without a rest. */
export function describeSeconds(seconds: number, { language }: Speech = english): string {
  const [length, unit] = (
    [
      [86_400, 'day'],
      [3600, 'hour'],
      [60, 'minute'],
    ] as const
  ).find(([each]) => seconds % each === 0) ?? [1, 'second']
  const style = { style: 'unit', unit, unitDisplay: 'long', useGrouping: false } as const
  return new Intl.NumberFormat(language, style).format(seconds / length)
}

export const describeHours = (
  { from, to, days, zone }: Hours,
  { texts }: Speech = english,
): string => {
  const clock = (minute: number) =>
    [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':')
  const which = days.length === 7 ? '' : `${days.map((day) => texts.days[day]).join(', ')} `
  return `${which}${clock(from)}-${clock(to)} ${zone}`
}
