/** Certificates that end: warned of 30, 7 and 1 days before, once each. */
import { beforeEach, expect, it } from 'vitest'
import { createSealer } from '../../src/lib/seal.ts'
import { plusSeconds, toInstant, type Instant } from '../../src/lib/instant.ts'
import { createSpKeys, SP_KEYS_PURPOSE } from '../../src/sp/keys.ts'
import { warnOfEnds } from '../../src/upkeep/ends.ts'
import { newCertificate } from '../support/idp-metadata.ts'
import { db, emptyStore, events, now, seed, stored } from './stage.ts'

beforeEach(emptyStore)

const END = toInstant(now + 100 * 86_400_000)
const daysBefore = (days: number): Instant => plusSeconds(END, -days * 86_400)

async function seedEnding(id = 'acme'): Promise<string> {
  await seed([await newCertificate()], { id })
  const [certificate] = (await stored(id)).certificates
  await db
    .prepare('UPDATE connection_certificates SET not_after = ?1 WHERE connection = ?2')
    .bind(END, id)
    .run()
  return certificate?.fingerprint ?? ''
}
const warned = async () =>
  (await events()).map((event) => [event.kind, event.connection, 'days' in event && event.days])

it('the certificate of an identity provider has three warnings, once each', async () => {
  const certificate = await seedEnding()
  for (const days of [31, 30.1, 30, 29, 8, 7, 6.9, 2, 1, 0.5, 0, -1]) {
    await warnOfEnds(db, daysBefore(days))
  }
  expect(await warned()).toEqual([
    ['certificate-ends', 'acme', 30],
    ['certificate-ends', 'acme', 7],
    ['certificate-ends', 'acme', 1],
  ])
  expect((await events())[0]).toMatchObject({ certificate, endsAt: new Date(END).toISOString() })
})

it('one that is found late has the last warning only', async () => {
  await seedEnding()
  await warnOfEnds(db, daysBefore(5))
  await warnOfEnds(db, daysBefore(4))
  expect(await warned()).toEqual([['certificate-ends', 'acme', 7]])
})

it('runs at the same time warn once', async () => {
  await seedEnding()
  await Promise.all([1, 2, 3].map(() => warnOfEnds(db, daysBefore(20))))
  expect(await warned()).toHaveLength(1)
})

it('each connection that has it is warned of, and a disabled one is not', async () => {
  await seedEnding('one')
  await seedEnding('two')
  await seedEnding('three')
  await db.prepare("UPDATE connections SET enabled = 0 WHERE id = 'three'").run()
  await warnOfEnds(db, daysBefore(3))
  expect((await warned()).map(([, connection]) => connection)).toEqual(['one', 'two'])
})

it('our own certificates are warned of, each kind', async () => {
  const sealer = await createSealer(
    { current: new Uint8Array(32), previous: null },
    SP_KEYS_PURPOSE,
  )
  await createSpKeys(db, sealer).certificates('ecdsa-sha256', now)
  await warnOfEnds(db, now)
  expect(await warned()).toEqual([])
  const nearly = plusSeconds(now, (3650 - 6) * 86_400)
  await warnOfEnds(db, nearly)
  await warnOfEnds(db, nearly)
  expect(await warned()).toEqual([
    ['certificate-ends', null, 7],
    ['certificate-ends', null, 7],
  ])
})

it('what is past is forgotten', async () => {
  await seedEnding()
  await warnOfEnds(db, daysBefore(3))
  await warnOfEnds(db, daysBefore(-1))
  expect(await db.prepare('SELECT count(*) AS n FROM end_warnings').first('n')).toBe(0)
})
