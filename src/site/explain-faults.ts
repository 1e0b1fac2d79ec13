import { toPlainLine } from '../lib/plain.ts'
import type { ConfigFault } from './faults.ts'

export const explainFaults = (faults: readonly ConfigFault[]): string =>
  // A name in the config may hold a line break, but a fault must stay on one line.
  faults.map(({ at, problem }) => toPlainLine(`  ${at} ${problem}`)).join('\n')
