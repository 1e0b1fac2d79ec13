/** Makes the input of src/connection/input.ts from options, files and URLs. */
import type { InputFault } from '../../src/connection/fields.ts'
import type { ConnectionInput } from '../../src/connection/input.ts'
import { ok, type Err, type Result } from '../../src/lib/result.ts'
import { err } from '../../src/lib/result.ts'
import { listOf, textOf, usage, type Failure, type Input } from '../command.ts'
import { plain } from '../text.ts'
import { oppositeSwitches, toFieldTexts } from './options.ts'
import { readCertificateFile, readMetadata } from './source.ts'

/** @param option the option that gives certificates. */
export async function readConnectionInput(
  input: Input,
  option: 'certificate' | 'add-certificate',
): Promise<Result<ConnectionInput, Failure>> {
  for (const [on, off] of oppositeSwitches) {
    if (input.switches.has(on) && input.switches.has(off)) {
      return usage(`--${on} and --${off} contradict each other: give one.`)
    }
  }
  const from = textOf(input, 'metadata')
  const entityId = textOf(input, 'entity')
  if (entityId !== null && from === null) return usage('--entity chooses within --metadata.')
  const metadata = from === null ? ok(null) : await readMetadata(from)
  if (!metadata.ok) return metadata
  const certificates = []
  for (const path of listOf(input, option)) {
    const text = await readCertificateFile(path, `--${option}`)
    if (!text.ok) return text
    certificates.push({ name: path, text: text.value })
  }
  return ok({
    fields: toFieldTexts(input),
    metadata: metadata.value === null ? null : { ...metadata.value, entityId },
    certificates,
    replaceCertificates: input.switches.has('replace-certificates'),
    removeCertificates: listOf(input, 'remove-certificate'),
  })
}

/** Every fault, with the name of the option that the operator typed. */
export function explainFaults(
  faults: readonly InputFault[],
  option: 'certificate' | 'add-certificate',
): Err<Failure> {
  const named = faults.map(({ field, problem }) => ({
    at: field === 'id' ? '<id>' : `--${field === 'certificate' ? option : field}`,
    problem: problem.replace(/\b(authn-context|allow-weak-rsa-until)\b/, '--$1'),
  }))
  return err({
    kind: 'usage',
    message: named.map(({ at, problem }) => `${at}${colon(problem)} ${plain(problem)}`).join('\n'),
    facts: { faults: named },
  })
}

/** Some problems go on from the name of the option. Others are sentences, and come after a colon. */
const colon = (problem: string): string => (/^["A-Z]/.test(problem) ? ':' : '')
