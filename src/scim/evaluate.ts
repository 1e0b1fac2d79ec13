/** Whether an element meets the filter in brackets in the path of a PATCH. */
import { comparePoints, fold } from '../lib/fold.ts'
import type { Parts, Scalar } from './document.ts'
import type { Comparison, Filter } from './filter.ts'

export function meets(filter: Filter, element: Parts): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.every((part) => meets(part, element))
    case 'or':
      return filter.of.some((part) => meets(part, element))
    case 'not':
      return !meets(filter.of, element)
    case 'present': {
      const value = element[filter.named.sub?.name ?? '']
      return value !== undefined && value !== ''
    }
    case 'compare':
      return compares(filter, element[filter.named.sub?.name ?? ''])
    case 'element':
      return false // unreachable: the parser refuses nested brackets
  }
}

function compares({ operator, named, value }: Comparison, actual: Scalar | undefined): boolean {
  const { caseExact } = named.sub ?? named.attribute
  if (typeof value !== 'string') return (operator === 'eq') === (actual === value)
  if (typeof actual !== 'string') return operator === 'ne'
  const [a, b] = caseExact ? [actual, value] : [fold(actual), fold(value)]
  switch (operator) {
    case 'eq':
      return a === b
    case 'ne':
      return a !== b
    case 'co':
      return a.includes(b)
    case 'sw':
      return a.startsWith(b)
    case 'ew':
      return a.endsWith(b)
    case 'gt':
      return comparePoints(a, b) > 0
    case 'ge':
      return comparePoints(a, b) >= 0
    case 'lt':
      return comparePoints(a, b) < 0
    case 'le':
      return comparePoints(a, b) <= 0
  }
}
