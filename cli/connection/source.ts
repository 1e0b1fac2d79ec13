/** Reads what an operator names: metadata by URL or file, certificates by file. Every read is bounded. */
import { readFile, stat } from 'node:fs/promises'
import { isHttpsOrLocal } from '../../src/connection/fields.ts'
import { concatBytes, decodeUtf8, encodeBase64 } from '../../src/lib/bytes.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { refused, usage, type Failure } from '../command.ts'

const LIMIT_BYTES = 1_000_000
const TIMEOUT_MS = 15_000
const REDIRECTS = 5

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

/** Metadata has keys, so no hop of a redirect may be plain http. */
export async function fetchMetadata(from: string): Promise<Result<Uint8Array, Failure>> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  let url = from
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    if (!URL.canParse(url) || !isHttpsOrLocal(new URL(url))) {
      return refused(`Metadata is fetched over https only (http for localhost), not from ${url}.`)
    }
    const response = await fetch(url, {
      headers: { Accept: 'application/samlmetadata+xml, application/xml;q=0.9, */*;q=0.5' },
      redirect: 'manual',
      signal,
    }).catch(codeOf)
    if (typeof response === 'string') {
      return refused(
        signal.aborted
          ? `${url} did not answer within ${TIMEOUT_MS / 1000} seconds. Is the address right?`
          : `${url} ${whyNot(response)}`,
      )
    }
    const location = response.headers.get('Location')
    if (response.status >= 300 && response.status < 400 && location) {
      if (!URL.canParse(location, url))
        return refused(`${url} redirects to something that is not a URL.`)
      url = new URL(location, url).href
      continue
    }
    if (!response.ok) return refused(`${url} answered ${response.status}, not metadata.`)
    return readBounded(response, url)
  }
  return refused(`${from} redirects more than ${REDIRECTS} times.`)
}

/** Node's code for the error; empty: it has none. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null
  return typeof cause === 'object' && cause && 'code' in cause ? String(cause.code) : ''
}

const IS_UNKNOWN =
  'has a certificate that no authority known to this machine has signed (it may be self-signed). Sign-ins are trusted because of the metadata, so get the file in a way that you trust, or name the authority: NODE_EXTRA_CA_CERTS=ca.pem'
const certificateFaults: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: IS_UNKNOWN,
  SELF_SIGNED_CERT_IN_CHAIN: IS_UNKNOWN,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: IS_UNKNOWN,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: IS_UNKNOWN,
  CERT_HAS_EXPIRED: 'has a certificate that has expired. Save the metadata as a file.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has the certificate of another host. Is the address right?',
}

const whyNot = (code: string): string =>
  certificateFaults[code] ??
  `cannot be reached${code === '' ? '' : ` (${code})`}. Is the address right?`

async function readBounded(response: Response, url: string): Promise<Result<Uint8Array, Failure>> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length
      if (size > LIMIT_BYTES) {
        return refused(`${url} sends more than 1 MB. Save the part about your IdP as a file.`)
      }
      chunks.push(chunk)
    }
  } catch {
    return refused(`${url} stopped in the middle. Try again.`)
  }
  return ok(concatBytes(...chunks))
}
