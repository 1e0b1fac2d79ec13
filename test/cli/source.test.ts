/** Metadata by URL: why it cannot be fetched is said, for each reason that an operator can mend. */
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fetchMetadata } from '../../cli/connection/source.ts'
import { findFreePort } from '../../cli/free-port.ts'
import { selfSigned, toPem } from '../../tools/signing/certificate.ts'

let server: Server
beforeAll(async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new Error('no key pair')
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  if (!(key instanceof ArrayBuffer)) throw new Error('no PKCS #8')
  server = createServer(
    {
      key: toPem('PRIVATE KEY', Buffer.from(key).toString('base64')),
      cert: toPem('CERTIFICATE', await selfSigned(keys, { commonName: 'localhost' })),
    },
    (_, response) => response.end('<xml/>'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => server.close())

const failureOf = async (url: string) => {
  const read = await fetchMetadata(url, null)
  return read.ok ? 'read' : read.error
}

it('says that a certificate is self-signed, and what to do', async () => {
  const { port } = server.address() as AddressInfo
  const message = await failureOf(`https://127.0.0.1:${port}/metadata`)
  expect(message).toMatch(/has a certificate that no authority known to this machine has signed/)
  expect(message).toContain('get the file in a way that you trust')
})

it('says what Node says of an address where nothing is', async () => {
  const url = `https://127.0.0.1:${await findFreePort(0)}/metadata`
  expect(await failureOf(url)).toBe(
    `${url} cannot be reached (ECONNREFUSED). Is the address right?`,
  )
})
