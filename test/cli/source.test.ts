/** Metadata by URL: why it cannot be fetched is said, for each reason that an operator can mend. */
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fetchMetadata } from '../../cli/connection/source.ts'
import { findFreePort } from '../../cli/free-port.ts'
import { createSelfSigned } from './self-signed.ts'

let server: Server
beforeAll(async () => {
  server = createServer(await createSelfSigned(), (_, response) => response.end('<xml/>'))
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
