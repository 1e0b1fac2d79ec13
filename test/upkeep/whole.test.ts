/** A document that an operator names, for a connection that is made or changed. */
import { expect, it } from 'vitest'
import { parseIdpMetadata } from '../../src/saml/metadata/idp.ts'
import { toBase64Der } from '../../src/saml/certificate.ts'
import { judgePublic } from '../../src/upkeep/fetch.ts'
import { readWhole } from '../../src/upkeep/whole.ts'
import { federation, idOf } from '../support/federation.ts'
import { newCertificate } from '../support/idp-metadata.ts'
import { serverOf, URL_OF_IT, type Answer } from './stage.ts'

const read = (answer: Answer, entityId: string | null = null, url = URL_OF_IT) =>
  readWhole(url, entityId, { ...serverOf({ [URL_OF_IT]: answer }), judgeAddress: judgePublic })
const reasonOf = async (...given: Parameters<typeof read>) => {
  const result = await read(...given)
  return result.ok ? 'read' : result.error.reason
}

it('is given as it is, up to 1 MB', async () => {
  const result = await read('<x/>')
  expect(result.ok && new TextDecoder().decode(result.value)).toBe('<x/>')
  expect(await reasonOf(' '.repeat(1_000_000))).toBe('read')
  expect(await reasonOf(' '.repeat(1_000_001))).toBe('large-document')
})

it('of a federation is given with the wanted entity only', async () => {
  const der = await newCertificate()
  const { pieces } = await federation({ entities: 500, signing: { of: 7, certificate: der } }, null)
  const chunks: Uint8Array[] = []
  for await (const piece of pieces()) chunks.push(piece)
  const large = () => new Response(new Blob(chunks).stream())
  expect(await reasonOf(large)).toBe('large-document')
  expect(await reasonOf(large, 'https://x.example')).toBe('entity-not-found')
  const result = await read(large, idOf(7))
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  expect(result.value.length).toBeLessThan(5000)
  const metadata = parseIdpMetadata(result.value, { entityId: idOf(7), now: new Date(0) })
  expect(metadata.ok && metadata.value.certificates.map(toBase64Der)).toEqual([der])
})

it('is not read from a private address, nor when it breaks off', async () => {
  expect(await reasonOf('<x/>', null, 'https://10.0.0.1/')).toBe('address')
  const breaks = () => new Response(new ReadableStream({ pull: (to) => to.error(new Error()) }))
  expect(await reasonOf(breaks)).toBe('cut-off')
})
