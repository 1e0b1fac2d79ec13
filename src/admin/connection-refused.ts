/** The words for what an operation on connections refuses. */
import type { InputFault } from '../connection/fields.ts'
import type { MetadataRefusal } from './connection-fields.ts'
import { explainUnknownConnection, type ConnectionRefusal } from './connections.ts'
import { refusal, type Refusal } from './operation.ts'
import type { See } from './view.ts'
import { withStop } from '../lib/sentence.ts'

/** @param certificateField the field that gives certificates. */
export function explainConnection(
  refused: ConnectionRefusal | MetadataRefusal,
  certificateField: 'certificate' | 'add-certificate' = 'certificate',
): Refusal {
  const { reason } = refused
  switch (reason) {
    case 'unknown-connection':
      return explainUnknownConnection(refused)
    case 'metadata-not-fetched':
      return refusal('conflict', reason, refused.why)
    case 'input':
      return explainFaults(refused.faults, certificateField)
    case 'connection-exists':
      return conflict(reason, `There is a connection "${refused.id}" already. Change it.`, {
        operation: 'connection update',
        asks: null,
        input: { id: refused.id },
      })
    case 'connection-gone':
      return conflict(reason, `Connection "${refused.id}" is gone: another operator removed it.`)
    case 'connection-changed':
      return {
        ...conflict(
          reason,
          `Another operator, or cron, changed connection "${refused.id}" meanwhile, so this change was not made. Look at it, and ask for the change again.`,
          { operation: 'connection show', asks: null, input: { id: refused.id } },
        ),
        kind: 'stale',
      }
    case 'domains-taken': {
      const taken = refused.taken.map(({ domain, owner }) => `${domain} belongs to "${owner}"`)
      return conflict(
        reason,
        `${taken.join('; ')}, and a domain has one connection. Take it away there first: remove-domain of that connection.`,
        { operation: 'connection update', asks: 'id' },
      )
    }
  }
}

const conflict = (reason: string, message: string, see: See | null = null): Refusal =>
  refusal('conflict', reason, message, see)

function explainFaults(faults: readonly InputFault[], certificateField: string): Refusal {
  const named = faults.map(({ field, problem }) => ({
    field: field === 'certificate' ? certificateField : field,
    problem,
  }))
  const message = named.map(({ field, problem }) => withStop(`${field} ${problem}`)).join('\n')
  return { ...refusal('invalid', 'input', message), faults: named }
}
