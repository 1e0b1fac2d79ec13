/** Reads what an operator names: metadata by URL or file, certificates by file. Every read is bounded. */
import { readFile, stat } from 'node:fs/promises'
import { isHttpsOrLocal } from '../../src/connection/fields.ts'
import { decodeUtf8, encodeBase64 } from '../../src/lib/bytes.ts'
import { parsePublicUrl } from '../../src/lib/public-url.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import { explainRefreshFault, type RefreshFault } from '../../src/upkeep/fault.ts'
import { judgePublic, type MetadataReach } from '../../src/upkeep/fetch.ts'
import { readWhole } from '../../src/upkeep/whole.ts'
import { refused, usage, type Failure } from '../command.ts'
import { certificateFault, codeOf } from '../unreachable.ts'

const LIMIT_BYTES = 1_000_000

export async function readSmallFile(
  path: string,
  option: string,
): Promise<Result<Uint8Array, Failure>> {
  try {
    const { size } = await stat(path)
    if (size > LIMIT_BYTES) return refused(`${option}: ${path} has ${size} bytes, more than 1 MB.`)
    return ok(await readFile(path))
  } catch {
    return usage(`${option}: ${path} cannot be read. Give the path of a file.`)
  }
}

/** PEM as it is, and DER as base64: consoles of IdPs offer both. */
export async function readCertificateFile(
  path: string,
  option: string,
): Promise<Result<string, Failure>> {
  const bytes = await readSmallFile(path, option)
  if (!bytes.ok) return bytes
  const text = decodeUtf8(bytes.value)
  // DER begins with 0x30 0x82. In UTF-8 no character begins with 0x82.
  return ok(text.ok ? text.value : encodeBase64(bytes.value))
}

/**
 * The operator's own machine may ask addresses of its own network, where the operator gave one. A
 * public address leads to public ones only.
 */
export const operatorReach: MetadataReach = {
  fetch: (url, init) => fetch(url, init),
  judgeAddress: (url, first) => {
    if (parsePublicUrl(first).ok) return judgePublic(url)
    return URL.canParse(url) && isHttpsOrLocal(new URL(url))
      ? null
      : 'must begin with https:// (plain http is for localhost only)'
  },
}

/** @param entityId the IdP that is kept of a document over 1 MB; null: a large one is refused. */
export async function fetchMetadata(
  url: string,
  entityId: string | null,
): Promise<Result<Uint8Array, string>> {
  const read = await readWhole(url, entityId, operatorReach)
  return read.ok ? read : err(explainFault(read.error))
}

const explainFault = (fault: RefreshFault): string =>
  fault.reason === 'unreachable'
    ? `${fault.url} ${whyNot(codeOf(fault.cause))}`
    : explainRefreshFault(fault)

const certificateFaults = {
  unknown:
    'has a certificate that no authority known to this machine has signed (it may be self-signed). Sign-ins are trusted because of the metadata, so get the file in a way that you trust, or name the authority: NODE_EXTRA_CA_CERTS=ca.pem',
  expired: 'has a certificate that has expired. Save the metadata as a file.',
  'other-host': 'has the certificate of another host. Is the address right?',
}

function whyNot(code: string): string {
  const fault = certificateFault(code)
  return fault === null
    ? `cannot be reached${code === '' ? '' : ` (${code})`}. Is the address right?`
    : certificateFaults[fault]
}
