/** Metadata that keeps itself current: what cron applies, and what it leaves to a person. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toInstant } from '../../src/lib/instant.ts'
import { findVersion } from '../../src/connection/store.ts'
import { claimDue, saveState } from '../../src/upkeep/metadata-store.ts'
import { refresh, refreshDue } from '../../src/upkeep/refresh.ts'
import { createTestIdp, signatureFor, type TestIdp } from '../../tools/signing/saml-signer.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { federation, idOf, keyInfoOf } from '../support/federation.ts'
import {
  ENTITY,
  entities,
  entity,
  key,
  newCertificate,
  redirect,
  role,
  sso,
} from '../support/idp-metadata.ts'
import { pem } from '../connection/stage.ts'
import {
  certificatesOf,
  cron,
  db,
  depsOf,
  document,
  emptyStore,
  events,
  hours,
  now,
  seed,
  serverOf,
  stateOf,
  stored,
  URL_OF_IT,
} from './stage.ts'

let [a, b, c] = ['', '', '']
let publisher: TestIdp
let stranger: TestIdp
beforeAll(async () => {
  ;[a, b, c] = [await newCertificate(), await newCertificate(), await newCertificate()]
  publisher = await createTestIdp()
  stranger = await createTestIdp()
})
beforeEach(emptyStore)

const why = async () => (await stateOf()).waiting?.why ?? []
const faultOf = async () => (await stateOf()).fault?.reason ?? null
const kinds = async () => (await events()).map(({ kind }) => kind)

async function signed(xml: string, by: TestIdp): Promise<string> {
  const signature = await signatureFor(xml, '_m', by, { keyInfo: keyInfoOf(by) })
  return xml.replace('>', `>${signature}`)
}

describe('a new certificate', () => {
  it('is taken beside the old one, at once', async () => {
    await seed([a])
    await cron(document([a, b]), now)
    expect(await certificatesOf()).toEqual(expect.arrayContaining([a, b]))
    const [event, ...others] = await events()
    expect(event).toMatchObject({ kind: 'metadata-changed', connection: 'acme', removed: [] })
    expect(others).toEqual([])
    const fingerprint = (await stored()).certificates.find((each) => each.certificate === b)
    expect(event).toMatchObject({ added: [fingerprint?.fingerprint] })
  })

  it('changes nothing else of the connection, and nothing when there is none', async () => {
    await seed([a], { displayName: 'Acme', domains: ['acme.example'] })
    const before = await stored()
    const version = await findVersion(db, 'acme')
    await cron(document([a]), now)
    expect(await stored()).toEqual(before)
    expect(await findVersion(db, 'acme')).toBe(version)
    await cron(document([a, b]), hours(1))
    const { certificates, ...others } = await stored()
    expect(certificates).toHaveLength(2)
    expect(others).toEqual({ ...before, certificates: undefined })
    expect(await kinds()).toEqual(['metadata-changed'])
  })

  it('may come with another address for logout, which the audit names, once', async () => {
    await seed([a])
    const at = (path: string, certificates = [a]) => {
      const binding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'
      const slo = `<md:SingleLogoutService Binding="${binding}" Location="https://idp.example.com/${path}"/>`
      return document(certificates).replace('<md:SingleSignOn', `${slo}<md:SingleSignOn`)
    }
    await cron(at('slo'), now)
    await cron(at('slo'), hours(1))
    await cron(at('out'), hours(2))
    await cron(at('out', [a, b]), hours(3))
    expect(await events()).toMatchObject([
      { kind: 'metadata-changed', ssoUrl: null, sloUrls: ['https://idp.example.com/slo'] },
      { kind: 'metadata-changed', sloUrls: ['https://idp.example.com/out'], added: [] },
      { kind: 'metadata-changed', sloUrls: [] },
    ])
  })

  it('with a weak key is left out', async () => {
    await seed([a])
    const weak = pem.rsa1024.replace(/-----[^-]+-----|\s/g, '')
    await cron(document([a, weak, b]), now)
    expect((await certificatesOf()).toSorted()).toEqual([a, b].toSorted())
  })
})

describe('a certificate that is gone', () => {
  it('is dropped after a day of absence, and not before', async () => {
    await seed([a])
    await cron(document([a, b]), now)
    for (const hour of [1, 12, 24]) {
      await cron(document([b]), hours(hour))
      expect(await certificatesOf()).toHaveLength(2)
    }
    await cron(document([b]), hours(25))
    expect(await certificatesOf()).toEqual([b])
    expect(await kinds()).toEqual(['metadata-changed', 'metadata-changed'])
    expect((await stateOf()).leaving).toEqual({})
  })

  it('that comes back begins anew', async () => {
    await seed([a])
    await cron(document([a, b]), now)
    await cron(document([b]), hours(1))
    await cron(document([a, b]), hours(20))
    await cron(document([b]), hours(26))
    expect(await certificatesOf()).toHaveLength(2)
  })

  it('stays while the document cannot be read', async () => {
    await seed([a])
    await cron(document([a, b]), now)
    await cron(document([b]), hours(1))
    await cron(new Error('down'), hours(30))
    await cron(new Response('', { status: 404 }), hours(31))
    expect(await certificatesOf()).toHaveLength(2)
  })

  it('stays where an operator added it, and does not come back where one removed it', async () => {
    await seed([a, c])
    await cron(document([a, b]), now)
    const connection = await stored()
    const certificates = connection.certificates.filter(({ certificate }) => certificate !== b)
    await saveConnection(db, { ...connection, certificates }, hours(1))
    for (const hour of [2, 30, 60]) await cron(document([a, b]), hours(hour))
    expect((await certificatesOf()).toSorted()).toEqual([a, c].toSorted())
  })
})

describe('a document waits for a person', () => {
  it('that would drop every known key', async () => {
    await seed([a])
    await cron(document([b, c]), now)
    expect(await certificatesOf()).toEqual([a])
    expect(await why()).toEqual(['no-known-certificate'])
    expect(await events()).toMatchObject([
      { kind: 'metadata-waits', connection: 'acme', why: ['no-known-certificate'] },
    ])
  })

  it('that has another entity ID', async () => {
    await seed([a])
    await cron(entity(role(key(a) + redirect), 'https://other.example.com'), now)
    expect((await stored()).idpEntityId).toBe(ENTITY)
    expect(await why()).toEqual(['entity-id'])
  })

  it('that sends people to another host, while the same host is followed', async () => {
    await seed([a])
    const to = (url: string) => entity(role(key(a) + sso('HTTP-Redirect', url)))
    await cron(to('https://idp.example.com/sso/2'), now)
    expect((await stored()).ssoUrl).toBe('https://idp.example.com/sso/2')
    expect(await events()).toMatchObject([{ ssoUrl: 'https://idp.example.com/sso/2' }])
    for (const url of ['https://login.example.net/sso', 'https://idp.example.com:8443/sso']) {
      await cron(to(url), hours(2))
      expect(await why()).toEqual(['sso-host'])
      expect((await stored()).ssoUrl).toBe('https://idp.example.com/sso/2')
      await db.prepare('UPDATE connection_metadata SET next_at = 0').run()
    }
    await cron(to('http://idp.example.com/sso/2'), hours(3))
    expect(await faultOf()).toBe('sso-url')
  })

  it('that is unsigned where it was signed, or signed by another key', async () => {
    await seed([a])
    await cron(await signed(document([a], ' ID="_m"'), publisher), now)
    expect((await stateOf()).signer).toBe(publisher.certificate)
    await cron(document([a, b]), hours(1))
    expect(await why()).toEqual(['unsigned'])
    await cron(await signed(document([a, b], ' ID="_m"'), stranger), hours(2))
    expect(await why()).toEqual(['other-signer'])
    expect(await certificatesOf()).toEqual([a])
    await cron(await signed(document([a, b], ' ID="_m"'), publisher), hours(3))
    expect(await why()).toEqual([])
    expect(await certificatesOf()).toHaveLength(2)
  })

  it('but not when it is signed by a key that already signs for the connection', async () => {
    await seed([a, stranger.certificate])
    await cron(await signed(document([a, stranger.certificate], ' ID="_m"'), publisher), now)
    await cron(await signed(document([a, stranger.certificate, b], ' ID="_m"'), stranger), hours(1))
    expect(await why()).toEqual([])
    expect(await certificatesOf()).toHaveLength(3)
    expect((await stateOf()).signer).toBe(stranger.certificate)
  })

  it('and is told once, until it says something else', async () => {
    await seed([a])
    for (const hour of [0, 1, 2]) await cron(document([b]), hours(hour))
    const { waiting } = await stateOf()
    expect(waiting?.since).toBe(now)
    await cron(document([c]), hours(3))
    expect(await kinds()).toEqual(['metadata-waits', 'metadata-waits'])
    expect((await stateOf()).waiting?.digest).not.toBe(waiting?.digest)
    await cron(document([a, b]), hours(4))
    expect((await stateOf()).waiting).toBeNull()
  })
})

const streamOf = (pieces: AsyncIterable<Uint8Array>): Response => {
  const iterator = pieces[Symbol.asyncIterator]()
  return new Response(
    new ReadableStream({
      async pull(controller) {
        const next = await iterator.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
    }),
  )
}

describe('a pinned certificate', () => {
  const pin = async (by: TestIdp) => {
    await saveState(db, { ...(await stateOf()), pinned: by.certificate })
  }

  it('must sign the document: nothing else is applied, and nothing else waits', async () => {
    await seed([a])
    await pin(publisher)
    for (const [hour, xml] of [
      document([a, b]),
      await signed(document([a, b], ' ID="_m"'), stranger),
    ].entries()) {
      await cron(xml, hours(hour))
      expect(await faultOf()).toBe('signature')
      expect(await why()).toEqual([])
      expect(await certificatesOf()).toEqual([a])
    }
    await cron(await signed(document([a, b], ' ID="_m"'), publisher), hours(3))
    expect(await faultOf()).toBeNull()
    expect(await certificatesOf()).toHaveLength(2)
  })

  it('verifies a federation of 10,000 identity providers', async () => {
    await seed([a], { idpEntityId: idOf(42), ssoUrl: 'https://idp.example.com/sso' })
    await pin(publisher)
    const signing = { of: 42, certificate: a }
    const { pieces } = await federation({ entities: 10_000, signing }, publisher)
    await cron(() => streamOf(pieces()), now)
    expect(await stateOf()).toMatchObject({ fault: null, goodAt: now, waiting: null })
    const evil = await federation({ entities: 100, signing: { of: 42, certificate: b } }, stranger)
    await cron(() => streamOf(evil.pieces()), hours(1))
    expect(await faultOf()).toBe('signature')
  })
})

describe('a document that cannot be used', () => {
  it.each([
    ['a web page', '<!doctype html><p>Sign in', 'malformed-xml'],
    [
      'an entity bomb',
      '<!DOCTYPE l [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><l>&b;</l>',
      'malformed-xml',
    ],
    ['JSON', '{}', 'malformed-xml'],
    ['another XML', '<rss/>', 'not-metadata'],
    ['one of 2 MB', `<x>${' '.repeat(2_000_000)}</x>`, 'malformed-xml'],
    ['no IdP', entity('<md:SPSSODescriptor/>'), 'not-an-idp'],
    ['the entity twice', entities(entity('') + entity('')), 'entity-repeated'],
    ['another federation', entities(entity(role(''), 'https://x.example')), 'entity-not-found'],
    ['one that is over', entity(role(''), ENTITY, ' validUntil="2026-01-01T00:00:00Z"'), 'expired'],
  ])('leaves all as it was, with the reason: %s', async (_, xml, reason) => {
    await seed([a])
    const before = await stored()
    await cron(xml, now)
    await cron(xml, hours(1))
    expect(await stored()).toEqual(before)
    expect(await faultOf()).toBe(reason)
    expect((await stateOf()).fault).toMatchObject({ since: now, text: /^.{20}/ })
    expect(await events()).toMatchObject([{ kind: 'metadata-failed', connection: 'acme', reason }])
  })

  it('has too many certificates, or weak ones only', async () => {
    await seed([a])
    const many = await Promise.all(Array.from({ length: 20 }, newCertificate))
    await cron(document([a, ...many]), now)
    expect(await faultOf()).toBe('too-many-certificates')
    await cron(document([pem.rsa1024.replace(/-----[^-]+-----|\s/g, '')]), hours(1))
    expect(await faultOf()).toBe('weak-keys')
    expect(await certificatesOf()).toEqual([a])
  })

  it('breaks off, or never ends', async () => {
    await seed([a])
    const drip = () =>
      new Response(new ReadableStream({ start: (s) => s.enqueue(new Uint8Array([60])) }))
    await cron(drip, now, 0.05)
    expect(await faultOf()).toBe('cut-off')
  })

  it('does not keep other connections from being read', async () => {
    await seed([a], { id: 'one', metadataUrl: 'https://one.example.com/m' })
    await seed([a], { id: 'two', metadataUrl: 'https://two.example.com/m' })
    await seed([a], { id: 'three', metadataUrl: 'https://three.example.com/m' })
    const { fetch } = serverOf({
      'https://one.example.com/m': document([a, b]),
      'https://two.example.com/m': () => {
        throw new Error('a bug')
      },
      'https://three.example.com/m': document([a, b]),
    })
    await refreshDue(depsOf(fetch), now)
    expect(await certificatesOf('one')).toHaveLength(2)
    expect(await certificatesOf('two')).toHaveLength(1)
    expect(await certificatesOf('three')).toHaveLength(2)
  })

  it('nor does D1, when it fails for one of them: the error is told in the end', async () => {
    await seed([a], { id: 'one', metadataUrl: 'https://one.example.com/m' })
    await seed([a], { id: 'two', metadataUrl: 'https://two.example.com/m' })
    await db
      .prepare(
        `CREATE TRIGGER broken BEFORE UPDATE OF good_at ON connection_metadata
         WHEN NEW.connection = 'one' BEGIN SELECT RAISE(ABORT, 'D1 is down'); END`,
      )
      .run()
    const { fetch } = serverOf({
      'https://one.example.com/m': document([a, b]),
      'https://two.example.com/m': document([a, b]),
    })
    await expect(refreshDue(depsOf(fetch), now)).rejects.toThrow('D1 failed')
    await db.prepare('DROP TRIGGER broken').run()
    expect(await certificatesOf('two')).toHaveLength(2)
    // The next run finds the certificate there already, and puts the state right.
    await refreshDue(depsOf(fetch), hours(1))
    expect(await certificatesOf('one')).toHaveLength(2)
    expect((await stateOf('one')).listed).toHaveLength(2)
  })
})

describe('the turns of connections', () => {
  it('are every hour, and later where the document may be used for longer', async () => {
    await seed([a])
    const long = document([a], ' cacheDuration="PT6H"')
    expect(await cron(long, now)).toHaveLength(1)
    for (const hour of [1, 5]) expect(await cron(long, hours(hour))).toHaveLength(0)
    const forever = document([a], ' cacheDuration="P1Y"')
    expect(await cron(forever, hours(6))).toHaveLength(1)
    expect(await cron(forever, hours(29))).toHaveLength(0)
    expect(await cron(document([a]), hours(30))).toHaveLength(1)
    expect(await cron(document([a]), toInstant(hours(31) - 1000))).toHaveLength(1)
  })

  it('are five in a run, the longest overdue first', async () => {
    const ids = Array.from({ length: 13 }, (_, i) => `c${i + 10}`)
    for (const id of ids) await seed([a], { id, metadataUrl: `https://${id}.example.com/m` })
    const { fetch, asked } = serverOf(
      Object.fromEntries(ids.map((id) => [`https://${id}.example.com/m`, document([a])])),
    )
    for (const minutes of [0, 10, 20]) {
      await refreshDue(depsOf(fetch), toInstant(now + minutes * 60_000))
      expect(asked.length).toBe(Math.min(13, 5 * (minutes / 10 + 1)))
    }
    expect(asked.map(({ url }) => url)).toEqual(ids.map((id) => `https://${id}.example.com/m`))
  })

  it('leave out a connection that is disabled, or has no URL', async () => {
    await seed([a], { enabled: false })
    await seed([a], { id: 'file', metadataUrl: null })
    expect(await cron(document([a, b]), now)).toEqual([])
  })

  it('begin anew with another URL, of which nothing is known', async () => {
    await seed([a])
    await cron(await signed(document([a], ' ID="_m"'), publisher), now)
    await saveConnection(
      db,
      { ...(await stored()), metadataUrl: 'https://new.example.com/' },
      hours(0),
    )
    expect(await stateOf()).toMatchObject({ signer: null, listed: null, goodAt: null })
    const { fetch } = serverOf({ 'https://new.example.com/': document([a, b]) })
    await refreshDue(depsOf(fetch), toInstant(now + 1000))
    expect(await certificatesOf()).toHaveLength(2)
  })
})

describe('an ETag', () => {
  const tagged = (xml: string) => (asked: { ifNoneMatch: string | null }) =>
    asked.ifNoneMatch === '"v1"'
      ? new Response(null, { status: 304 })
      : new Response(xml, { headers: { ETag: '"v1"' } })

  it('saves reading the document again', async () => {
    await seed([a])
    expect(await cron(tagged(document([a])), now)).toMatchObject([{ ifNoneMatch: null }])
    expect(await cron(tagged(document([a])), hours(1))).toMatchObject([{ ifNoneMatch: '"v1"' }])
    expect(await stateOf()).toMatchObject({ goodAt: hours(1), fault: null })
  })

  it('is not sent while a certificate leaves, so that it is dropped in time', async () => {
    await seed([a])
    await cron(document([a, b]), now)
    await cron(tagged(document([b])), hours(1))
    expect(await cron(tagged(document([b])), hours(26))).toMatchObject([{ ifNoneMatch: null }])
    expect(await certificatesOf()).toEqual([b])
  })

  it('is not sent when the document is over: then it is refused', async () => {
    await seed([a])
    const xml = document([a], ' validUntil="2026-11-25T14:00:00Z"')
    await cron(tagged(xml), now)
    await cron(tagged(xml), hours(1))
    expect(await cron(tagged(xml), hours(2))).toMatchObject([{ ifNoneMatch: null }])
    expect(await faultOf()).toBe('expired')
  })
})

describe('runs at the same time', () => {
  it('take different connections', async () => {
    const ids = Array.from({ length: 8 }, (_, i) => `c${i + 10}`)
    for (const id of ids) await seed([a], { id, metadataUrl: `https://${id}.example.com/m` })
    const { fetch, asked } = serverOf(
      Object.fromEntries(ids.map((id) => [`https://${id}.example.com/m`, document([a, b])])),
    )
    await Promise.all([refreshDue(depsOf(fetch), now), refreshDue(depsOf(fetch), now)])
    expect(asked.map(({ url }) => url).toSorted()).toEqual(
      ids.map((id) => `https://${id}.example.com/m`),
    )
    for (const id of ids) expect(await certificatesOf(id)).toHaveLength(2)
  })

  it('of the same connection: the later one to write does nothing', async () => {
    await seed([a])
    const [old] = await claimDue(db, 1, now)
    if (!old) throw new Error('nothing was due')
    await cron(document([a, b]), hours(1))
    const { fetch } = serverOf({ [URL_OF_IT]: document([c]) })
    const after = await stateOf()
    expect(await refresh(depsOf(fetch), old, hours(1))).toEqual({ kind: 'overtaken' })
    expect(await stateOf()).toEqual(after)
  })

  it('do not undo what an operator changes meanwhile', async () => {
    await seed([a])
    const meanwhile = async () => {
      await saveConnection(db, { ...(await stored()), displayName: 'By hand' }, hours(0))
      return new Response(document([a, b]))
    }
    await cron(meanwhile, now)
    expect(await stored()).toMatchObject({ displayName: 'By hand' })
    expect(await certificatesOf()).toEqual([a])
    expect(await kinds()).toEqual([])
    await cron(document([a, b]), hours(1))
    expect(await certificatesOf()).toHaveLength(2)
  })

  it('do not bring back a connection that is removed meanwhile', async () => {
    await seed([a])
    await cron(async () => {
      await db.prepare('DELETE FROM connections').run()
      return new Response(document([a, b]))
    }, now)
    const left = await db.prepare('SELECT count(*) AS n FROM connection_certificates').first('n')
    expect(left).toBe(0)
  })
})
