/** xmlsec1, which shares no line with our verifier. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Verdict = 'holds' | 'does not hold'

const SAML = 'urn:oasis:names:tc:SAML:2.0'
/** What may carry a signature, as xmlsec1 names the elements with an ID. */
const signables = [
  'protocol:Response',
  'assertion:Assertion',
  'metadata:EntityDescriptor',
  'metadata:EntitiesDescriptor',
].flatMap((element) => ['--id-attr:ID', `${SAML}:${element}`])
const places = {
  response: "/*[local-name()='Response']/*[local-name()='Signature']",
  assertion: "/*[local-name()='Response']/*[local-name()='Assertion']/*[local-name()='Signature']",
  document: "/*/*[local-name()='Signature']",
}
export type Place = keyof typeof places
/** In a response. */
export const everyPlace: readonly Place[] = ['response', 'assertion']

/** Whether the signature at that place holds, by that certificate and none that comes with it. */
export async function xmlsecVerdict(
  xml: string,
  place: Place,
  certificateFile: string,
): Promise<Verdict> {
  return inFolder(xml, async (file) => {
    const keys = ['--enabled-key-data', 'raw-x509-cert', '--pubkey-cert-pem', certificateFile]
    const where = ['--enabled-reference-uris', 'same-doc', '--node-xpath', places[place]]
    const ran = await xmlsec(['--verify', ...signables, ...keys, ...where, file])
    if (ran.error === null) return 'holds'
    // Only these words say that it judged; a wrong option or a missing file fails as well.
    if (/^(FAIL|Error: signature failed)/m.test(ran.stderr)) return 'does not hold'
    throw ran.error
  })
}

export interface Signer {
  readonly keyFile: string
  readonly certificateFile: string
}

/** Fills in the signature of the document, which is there without its values. */
export function xmlsecSign(xml: string, { keyFile, certificateFile }: Signer): Promise<string> {
  return inFolder(xml, async (file) => {
    const keys = ['--privkey-pem', `${keyFile},${certificateFile}`]
    const ran = await xmlsec(['--sign', ...signables, ...keys, '--output', `${file}.signed`, file])
    if (ran.error !== null) throw ran.error
    return readFile(`${file}.signed`, 'utf8')
  })
}

interface Ran {
  readonly error: Error | null
  readonly stderr: string
}

const xmlsec = (args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    execFile('xmlsec1', args, (error, _, stderr) => resolve({ error, stderr }))
  })

async function inFolder<T>(xml: string, work: (file: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-xmlsec-'))
  try {
    const file = join(directory, 'document.xml')
    await writeFile(file, xml)
    return await work(file)
  } finally {
    await rm(directory, { recursive: true })
  }
}
