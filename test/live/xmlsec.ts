/** xmlsec1, which shares no line with our verifier. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Verdict = 'holds' | 'does not hold'

const SAML = 'urn:oasis:names:tc:SAML:2.0'
const places = {
  response: "/*[local-name()='Response']/*[local-name()='Signature']",
  assertion: "/*[local-name()='Response']/*[local-name()='Assertion']/*[local-name()='Signature']",
}
export type Place = keyof typeof places
export const everyPlace: readonly Place[] = ['response', 'assertion']

/** Whether the signature at that place holds, by that certificate and none that comes with it. */
export async function xmlsecVerdict(
  xml: string,
  place: Place,
  certificateFile: string,
): Promise<Verdict> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-xmlsec-'))
  const file = join(directory, 'response.xml')
  await writeFile(file, xml)
  const args = [
    '--verify',
    ...idsOf(`${SAML}:protocol:Response`),
    ...idsOf(`${SAML}:assertion:Assertion`),
    '--enabled-reference-uris',
    'same-doc',
    '--enabled-key-data',
    'raw-x509-cert',
    '--pubkey-cert-pem',
    certificateFile,
    '--node-xpath',
    places[place],
    file,
  ]
  try {
    return await new Promise((resolve, reject) => {
      execFile('xmlsec1', args, (error, _, stderr) => {
        if (!error) resolve('holds')
        // Only these words say that it judged; a wrong option or a missing file fails as well.
        else if (/^(FAIL|Error: signature failed)/m.test(stderr)) resolve('does not hold')
        else reject(error)
      })
    })
  } finally {
    await rm(directory, { recursive: true })
  }
}

const idsOf = (element: string): readonly string[] => ['--id-attr:ID', element]
