/** Parses filters (RFC 7644 §3.4.2.2) into a tree whose names are attributes of the schema. */
import type { Attribute } from './attribute.ts'
import { parseTime } from '../lib/time.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { lex, type Token } from './lex.ts'
import { findName, valueOf, type Named } from './name.ts'
import type { ResourceType } from './schema.ts'

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'present'; readonly named: Named }
  | Comparison
  /**
   * At least one element of the multi-valued attribute meets `of`, whose names are sub-attributes.
   */
  | { readonly kind: 'element'; readonly named: Named; readonly of: Filter }

export interface Comparison {
  readonly kind: 'compare'
  readonly operator: Operator
  readonly named: Named
  /** Has the type of the attribute; a dateTime is in milliseconds. */
  readonly value: string | number | boolean
}

export type Operator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

/** The reason of a refusal. It continues a sentence that begins with "The filter:". */
type Fault = string

export const UNKNOWN_NAME: Fault = 'it names an unknown attribute'

export const MAX_FILTER_LENGTH = 4096
const MAX_TERMS = 40
const MAX_DEPTH = 16

export function parseFilter(text: string, type: ResourceType): Result<Filter, Fault> {
  const tokens = lexBounded(text)
  if (!tokens.ok) return tokens
  const reader = createReader(tokens.value, (name) => {
    const found = findName(type, name)
    return found?.kind === 'attribute' ? found.named : null
  })
  const filter = reader.readOr(0)
  if (!filter.ok) return filter
  return reader.isAtEnd() ? filter : err('there is text after its end')
}

/**
 * Parses the filter in brackets in the path of a PATCH. Its names are sub-attributes of `named`.
 */
export function parseElementFilter(text: string, named: Named): Result<Filter, Fault> {
  const tokens = lexBounded(text)
  if (!tokens.ok) return tokens
  const reader = createReader(tokens.value, subNames(named))
  const filter = reader.readOr(0)
  if (!filter.ok) return filter
  return reader.isAtEnd() ? filter : err('there is text after its end')
}

/** Resolves names in brackets: they are sub-attributes of `named`. */
const subNames = (named: Named) => (name: string) => {
  const sub = named.attribute.sub.find((each) => each.name.toLowerCase() === name.toLowerCase())
  return sub ? { ...named, sub } : null
}

function lexBounded(text: string): Result<readonly Token[], Fault> {
  if (text.length > MAX_FILTER_LENGTH) return err(`it is longer than ${MAX_FILTER_LENGTH}`)
  return lex(text)
}

type Resolve = (name: string) => Named | null

function createReader(tokens: readonly Token[], resolveAtTop: Resolve) {
  let at = 0
  let terms = 0
  const next = (): Token | undefined => tokens[at]
  const takeWord = (word: string): boolean => {
    const token = next()
    const isIt = token?.kind === 'word' && token.text.toLowerCase() === word
    if (isIt) at++
    return isIt
  }
  const takeSign = (sign: string): boolean => {
    const token = next()
    const isIt = token?.kind === 'sign' && token.text === sign
    if (isIt) at++
    return isIt
  }

  function readJoined(
    word: 'or' | 'and',
    readPart: (depth: number, resolve: Resolve) => Result<Filter, Fault>,
  ) {
    return (depth: number, resolve: Resolve): Result<Filter, Fault> => {
      const of: Filter[] = []
      do {
        const part = readPart(depth, resolve)
        if (!part.ok) return part
        of.push(part.value)
      } while (takeWord(word))
      const [only, ...others] = of
      return ok(only && others.length === 0 ? only : { kind: word, of })
    }
  }

  function readTerm(depth: number, resolve: Resolve): Result<Filter, Fault> {
    if (depth > MAX_DEPTH) return err(`it is nested deeper than ${MAX_DEPTH}`)
    const isNot = takeWord('not')
    if (takeSign('(')) {
      const inner = readOr(depth + 1, resolve)
      if (!inner.ok) return inner
      if (!takeSign(')')) return err('a parenthesis is not closed')
      return ok(isNot ? { kind: 'not', of: inner.value } : inner.value)
    }
    if (isNot) return err('`not` needs parentheses')
    if (++terms > MAX_TERMS) return err(`it has more than ${MAX_TERMS} comparisons`)
    return readComparison(depth, resolve)
  }

  function readComparison(depth: number, resolve: Resolve): Result<Filter, Fault> {
    const name = next()
    if (name?.kind !== 'word') return err('the name of an attribute is missing')
    at++
    const named = resolve(name.text)
    if (!named) return err(UNKNOWN_NAME)
    if (takeSign('[')) return readElement(named, depth, resolve)
    return readOperator(named)
  }

  function readElement(named: Named, depth: number, resolve: Resolve): Result<Filter, Fault> {
    if (resolve !== resolveAtTop) return err('brackets are nested')
    const { multiValued, sub } = named.attribute
    if (!multiValued || sub.length === 0 || named.sub)
      return err('brackets are only for attributes with several values')
    const inner = readOr(depth + 1, subNames(named))
    if (!inner.ok) return inner
    if (!takeSign(']')) return err('a bracket is not closed')
    const after = next()
    // Not in the grammar, but sent by Entra ID: `emails[type eq "work"].value eq "x"`. One element
    // must meet both conditions.
    if (after?.kind !== 'word' || !after.text.startsWith('.')) {
      return ok({ kind: 'element', named, of: inner.value })
    }
    at++
    const subNamed = subNames(named)(after.text.slice(1))
    if (!subNamed) return err('it names an unknown sub-attribute')
    if (++terms > MAX_TERMS) return err(`it has more than ${MAX_TERMS} comparisons`)
    const last = readOperator(subNamed)
    if (!last.ok) return last
    return ok({ kind: 'element', named, of: { kind: 'and', of: [inner.value, last.value] } })
  }

  function readOperator(named: Named): Result<Filter, Fault> {
    if (takeWord('pr')) return ok({ kind: 'present', named })
    const token = next()
    const operator = token?.kind === 'word' ? toOperator(token.text) : null
    if (!operator) return err('an operator is missing')
    at++
    const value = next()
    if (!value) return err('a value is missing')
    at++
    return toComparison(named, operator, value)
  }

  const readAnd = readJoined('and', readTerm)
  const readOrWith = readJoined('or', readAnd)
  function readOr(depth: number, resolve: Resolve = resolveAtTop): Result<Filter, Fault> {
    return readOrWith(depth, resolve)
  }

  return { readOr, isAtEnd: () => at === tokens.length }
}

const operators: readonly Operator[] = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']
const toOperator = (text: string): Operator | null =>
  operators.find((operator) => operator === text.toLowerCase()) ?? null

function toComparison(named: Named, operator: Operator, token: Token): Result<Filter, Fault> {
  const meant = toCompared(named)
  if (!meant) return err('it compares a complex attribute: name one of its sub-attributes')
  if (token.kind === 'word' && token.text === 'null') return toAbsence(meant, operator)
  const value = toValue(meant.sub ?? meant.attribute, operator, token)
  return value.ok ? ok({ kind: 'compare', operator, named: meant, value: value.value }) : value
}

/** RFC 7643 §2.5: null means absent. */
function toAbsence(named: Named, operator: Operator): Result<Filter, Fault> {
  if (operator === 'ne') return ok({ kind: 'present', named })
  if (operator === 'eq') return ok({ kind: 'not', of: { kind: 'present', named } })
  return err('null can only be compared with eq and ne')
}

/** `emails` means `emails.value`, and `manager` means `manager.value`. */
function toCompared(named: Named): Named | null {
  if (named.sub || named.attribute.type !== 'complex') return named
  const sub = valueOf(named.attribute)
  return sub && { ...named, sub }
}

function toValue(
  { type }: Attribute,
  operator: Operator,
  token: Token,
): Result<string | number | boolean, Fault> {
  const isEquality = operator === 'eq' || operator === 'ne'
  switch (type) {
    case 'boolean': {
      if (!isEquality) return err('true and false can only be compared with eq and ne')
      const word = token.kind === 'sign' ? '' : token.text.toLowerCase()
      return word === 'true' || word === 'false'
        ? ok(word === 'true')
        : err('the value must be true or false')
    }
    case 'dateTime': {
      if (['co', 'sw', 'ew'].includes(operator))
        return err('co, sw and ew cannot be used with a time')
      const time = token.kind === 'string' ? parseTime(token.text) : null
      return time === null
        ? err('the value must be a time such as "2026-11-24T12:00:00Z"')
        : ok(time)
    }
    case 'binary':
      if (!isEquality) return err('binary values can only be compared with eq and ne')
      return token.kind === 'string' ? ok(token.text) : err('the value must be a string in quotes')
    case 'string':
    case 'reference':
      return token.kind === 'string' ? ok(token.text) : err('the value must be a string in quotes')
    case 'complex':
      return err('it compares a complex attribute')
  }
}
