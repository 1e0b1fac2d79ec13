/** What operators do about metadata: look, read now, accept what waits, pin a certificate. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Answer, Operation } from '../../src/admin/operation.ts'
import {
  connectionAcceptMetadata,
  connectionMetadata,
  connectionPinMetadata,
  connectionRefresh,
  connectionUnpinMetadata,
} from '../../src/admin/metadata-operations.ts'
import type { Typed } from '../../src/admin/field.ts'
import { judgePublic } from '../../src/upkeep/fetch.ts'
import { createTestIdp, signatureFor, type TestIdp } from '../../tools/signing/saml-signer.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { pem } from '../connection/stage.ts'
import { keyInfoOf } from '../support/federation.ts'
import {
  entity,
  ENTITY,
  key,
  newCertificate,
  redirect,
  role,
  sso,
} from '../support/idp-metadata.ts'
import * as stage from '../upkeep/stage.ts'
import { act, audited, context, now, refusalOf, valueOf } from './stage.ts'

const { certificatesOf, cron, db, document, hours, seed, stateOf, stored, URL_OF_IT } = stage

let [a, b, c] = ['', '', '']
let publisher: TestIdp
beforeAll(async () => {
  ;[a, b, c] = [await newCertificate(), await newCertificate(), await newCertificate()]
  publisher = await createTestIdp()
})
beforeEach(stage.emptyStore)

/** An operator whose face reads this at the metadata URL. */
const reading = (answer: stage.Answer) => ({
  by: {
    ...context,
    metadataReach: {
      judgeAddress: judgePublic,
      fetch: stage.serverOf({ [URL_OF_IT]: answer }).fetch,
    },
  },
})
const ask = async (operation: Operation, more: Typed = {}, by = {}): Promise<Answer> =>
  valueOf(await act(operation, { connection: 'acme', ...more }, by))
const refused = async (operation: Operation, more: Typed = {}, by = {}) =>
  refusalOf(await act(operation, { connection: 'acme', ...more }, by))
const accept = async () =>
  ask(connectionAcceptMetadata, { digest: (await stateOf()).waiting?.digest ?? '' })

describe('the state of metadata', () => {
  it('is shown: the URL, the times, the certificates that leave, and the last fault', async () => {
    await seed([a])
    expect((await ask(connectionMetadata)).facts).toMatchObject({ url: URL_OF_IT, readAt: null })
    await cron(document([a, b]), now)
    await cron(document([b]), hours(1))
    await cron('no XML', hours(2))
    const { facts, view } = await ask(connectionMetadata)
    expect(facts).toMatchObject({
      goodAt: new Date(hours(1)).toISOString(),
      leaving: [{ since: new Date(hours(1)).toISOString() }],
      fault: { reason: 'malformed-xml', since: new Date(hours(2)).toISOString() },
      waiting: null,
    })
    expect(JSON.stringify(view)).toContain('Gatehouse cannot read this as XML')
  })

  it('says of a document that waits why it does, and what it says', async () => {
    await seed([a])
    const other = 'https://other.example.com'
    await cron(entity(role(key(b) + sso('HTTP-Redirect', 'https://x.example.net/sso')), other), now)
    const { facts, view } = await ask(connectionMetadata)
    expect(facts).toMatchObject({
      waiting: {
        entityId: other,
        ssoUrl: 'https://x.example.net/sso',
        why: [{ reason: 'entity-id' }, { reason: 'no-known-certificate' }, { reason: 'sso-host' }],
      },
    })
    expect(JSON.stringify(view)).toContain(`another identity provider than ${ENTITY}`)
  })

  it('is not there for a connection without a metadata URL', async () => {
    await seed([a], { metadataUrl: null })
    for (const operation of [connectionMetadata, connectionUnpinMetadata]) {
      expect(await refused(operation)).toMatchObject({ reason: 'no-metadata-url' })
    }
    expect(await refused(connectionMetadata, { connection: 'acne' })).toMatchObject({
      kind: 'not-found',
      reason: 'unknown-connection',
    })
  })
})

describe('to read metadata now', () => {
  it('does as cron does, and leaves an event of the operator', async () => {
    await seed([a])
    const done = await ask(connectionRefresh, {}, reading(document([a, b])))
    expect(done.facts).toMatchObject({ found: 'applied', fault: null })
    expect(await certificatesOf()).toHaveLength(2)
    const added = (await stored()).certificates.find(({ certificate }) => certificate === b)
    expect(await audited()).toMatchObject([
      ['connection refresh', 'acme', null, { found: 'applied', added: [added?.fingerprint] }],
    ])
    expect((await ask(connectionRefresh, {}, reading(document([a, b])))).facts).toMatchObject({
      found: 'same',
    })
    expect((await ask(connectionRefresh, {}, reading('no XML'))).facts).toMatchObject({
      found: 'failed',
      fault: { reason: 'malformed-xml' },
    })
    expect((await ask(connectionRefresh, {}, reading(document([c])))).facts).toMatchObject({
      found: 'waits',
    })
  })

  it('sends no ETag', async () => {
    await seed([a])
    const tagged = () => new Response(document([a]), { headers: { ETag: '"1"' } })
    await cron(tagged, now)
    const server = stage.serverOf({ [URL_OF_IT]: tagged })
    const by = { ...context, metadataReach: { judgeAddress: judgePublic, fetch: server.fetch } }
    await ask(connectionRefresh, {}, { by })
    expect(server.asked).toEqual([{ url: URL_OF_IT, ifNoneMatch: null }])
  })

  it('is not for a face that asks no URLs, nor for an auditor', async () => {
    await seed([a])
    const by = { ...context, metadataReach: null }
    expect(await refused(connectionRefresh, {}, { by })).toMatchObject({ reason: 'not-here' })
    const auditor = { ...context, operator: { ...context.operator, scopes: ['read' as const] } }
    for (const operation of [connectionRefresh, connectionUnpinMetadata]) {
      expect(await refused(operation, {}, { by: auditor })).toMatchObject({ kind: 'forbidden' })
    }
  })
})

describe('to accept metadata', () => {
  it('takes new certificates beside the old ones, which go after a day', async () => {
    await seed([a])
    await cron(document([b, c]), now)
    const done = await accept()
    expect((await certificatesOf()).toSorted()).toEqual([a, b, c].toSorted())
    expect(done.facts['leaving']).toHaveLength(1)
    expect((await stateOf()).waiting).toBeNull()
    await cron(document([b, c]), hours(23))
    expect(await certificatesOf()).toHaveLength(3)
    await cron(document([b, c]), hours(25))
    expect((await certificatesOf()).toSorted()).toEqual([b, c].toSorted())
    expect(await audited()).toMatchObject([
      ['connection accept-metadata', 'acme', null, { why: ['no-known-certificate'] }],
    ])
  })

  it('of another identity provider drops the old keys at once: they must not sign for it', async () => {
    await seed([a, c])
    const other = 'https://other.example.com'
    await cron(entity(role(key(b) + redirect), other), now)
    await accept()
    expect(await certificatesOf()).toEqual([b])
    expect((await stored()).idpEntityId).toBe(other)
  })

  it('of another host sends people there', async () => {
    await seed([a])
    await cron(entity(role(key(a) + sso('HTTP-POST', 'https://x.example.net/sso'))), now)
    await accept()
    expect(await stored()).toMatchObject({
      ssoUrl: 'https://x.example.net/sso',
      ssoBinding: 'post',
    })
  })

  it('without a signature, where there was one, ends the wish for one', async () => {
    await seed([a])
    const xml = document([a], ' ID="_m"')
    const signature = await signatureFor(xml, '_m', publisher, { keyInfo: keyInfoOf(publisher) })
    await cron(xml.replace('>', `>${signature}`), now)
    await cron(document([a, b]), hours(1))
    expect((await stateOf()).waiting?.why).toEqual(['unsigned'])
    await accept()
    await cron(document([a, b, c]), hours(2))
    expect((await stateOf()).waiting).toBeNull()
    expect(await certificatesOf()).toHaveLength(3)
  })

  it('needs the digest of the document that waits, and takes that document, not a later one', async () => {
    await seed([a])
    expect(await refused(connectionAcceptMetadata, { digest: 'a'.repeat(64) })).toMatchObject({
      reason: 'nothing-waits',
    })
    await cron(document([b]), now)
    const shown = (await stateOf()).waiting?.digest ?? ''
    await cron(document([c]), hours(1))
    for (const digest of [
      shown,
      '',
      shown.slice(0, 8),
      (await stateOf()).waiting?.digest.slice(0, 7),
    ]) {
      const answer = await act(connectionAcceptMetadata, {
        connection: 'acme',
        digest: digest ?? '',
      })
      expect(answer.ok).toBe(false)
    }
    expect(await certificatesOf()).toEqual([a])
    const digest = (await stateOf()).waiting?.digest.slice(0, 8).toUpperCase() ?? ''
    await ask(connectionAcceptMetadata, { digest })
    expect((await certificatesOf()).toSorted()).toEqual([a, c].toSorted())
  })

  it('is refused when the connection has become another one meanwhile', async () => {
    await seed([a])
    await cron(document([b]), now)
    const { digest = '' } = (await stateOf()).waiting ?? {}
    const changed = { ...(await stored()), idpEntityId: 'https://new.example.com' }
    await saveConnection(db, changed, hours(0))
    expect(await refused(connectionAcceptMetadata, { digest })).toMatchObject({
      reason: 'connection-changed',
    })
    expect(await stored()).toEqual(changed)
  })
})

describe('to pin a certificate', () => {
  it('has the next document judged by it, is undone, and leaves events', async () => {
    await seed([a])
    await cron(document([c]), now)
    const pinned = await ask(connectionPinMetadata, { certificate: publisher.certificate })
    expect(await stateOf()).toMatchObject({ waiting: null, pinned: publisher.certificate })
    await cron(document([a, b]), hours(1))
    expect((await stateOf()).fault?.reason).toBe('signature')
    expect(pinned.undo).toEqual({
      operation: 'connection unpin-metadata',
      input: { connection: 'acme' },
    })
    const unpinned = await ask(connectionUnpinMetadata)
    expect(unpinned.undo?.input).toEqual({ connection: 'acme', certificate: publisher.certificate })
    await cron(document([a, b]), hours(2))
    expect(await certificatesOf()).toHaveLength(2)
    expect((await audited()).map(([command]) => command)).toEqual([
      'connection pin-metadata',
      'connection unpin-metadata',
    ])
    expect(await refused(connectionUnpinMetadata)).toMatchObject({ reason: 'not-pinned' })
  })

  it('takes a certificate with a good key only', async () => {
    await seed([a])
    expect(await refused(connectionPinMetadata, { certificate: 'x' })).toMatchObject({
      reason: 'not-a-certificate',
    })
    expect(await refused(connectionPinMetadata, { certificate: pem.rsa1024 })).toMatchObject({
      reason: 'weak-key',
    })
    await ask(connectionPinMetadata, { certificate: pem.rsa2048 })
  })
})
