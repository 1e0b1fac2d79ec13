import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findConnection } from '../../src/connection/store.ts'
import { listSessions } from '../../src/session/standing-store.ts'
import { ACCOUNT, DATABASE, startApi, TOKEN, type Api } from './cloudflare.ts'
import { connectionOf, now, seedConnection, seedSession, seedUser } from './people.ts'
import { createStage, vector, type Stage } from './run.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.remove())

const certificate = vector('certificates/rsa-2048.pem')
const remotely = (api: Api, args: readonly string[], token = TOKEN) =>
  stage.shell.run([...args, '--remote', '--config', `${stage.directory}/gatehouse.config.ts`], {
    env: {
      CLOUDFLARE_API_BASE_URL: api.url,
      CLOUDFLARE_API_TOKEN: token,
      CLOUDFLARE_ACCOUNT_ID: '',
    },
  })

const withApi = (use: (api: Api, db: D1Database) => Promise<void>): Promise<void> =>
  stage.withStore(async (db) => {
    const api = await startApi(db)
    try {
      await use(api, db)
    } finally {
      await api.stop()
    }
  })

describe('--remote', () => {
  it('finds the account and the database, and does there what --local does here', async () => {
    await withApi(async (api, db) => {
      const fields = [
        '--entity-id',
        'https://idp.acme.com',
        '--sso-url',
        'https://idp.acme.com/sso',
      ]
      const added = await remotely(api, [
        'connection',
        'add',
        'acme',
        ...fields,
        '--certificate',
        certificate,
        '--domain',
        'acme.com',
      ])
      expect([added.code, added.err]).toEqual([0, ''])
      expect(await findConnection(db, 'acme')).toMatchObject({
        idpEntityId: 'https://idp.acme.com',
        enabled: true,
        domains: ['acme.com'],
        certificates: [{}],
      })
      expect(api.calls.slice(0, 3)).toEqual([
        'GET /accounts',
        `GET /accounts/${ACCOUNT}/d1/database?name=gatehouse&per_page=100`,
        `POST /accounts/${ACCOUNT}/d1/database/${DATABASE}/query`,
      ])
      const again = await remotely(api, ['connection', 'update', 'acme', '--disable', '--json'])
      expect(JSON.parse(again.out)).toMatchObject({ connection: { enabled: false } })
      expect(await findConnection(db, 'acme')).toMatchObject({ enabled: false })
    })
  })

  it('ends sessions and keeps people out there', async () => {
    await withApi(async (api, db) => {
      await seedConnection(db, connectionOf('other'))
      const user = await seedUser(
        db,
        { connection: 'other', subject: 'ada', userName: "ada'; DROP TABLE users; --" },
        'user-ada',
      )
      await seedSession(db, user, 'session-1')
      const list = await remotely(api, ['session', 'list', 'user-ada', '--json'])
      expect(JSON.parse(list.out)).toMatchObject({ sessions: [{ id: 'session-1' }] })
      const disabled = await remotely(api, ['user', 'disable', "ada'; DROP TABLE users; --"])
      expect(disabled.out).toContain('refused everywhere within 20 seconds, with 1 open session')
      expect(await listSessions(db, 'user-ada', now())).toEqual([])
      const removed = await remotely(api, ['connection', 'remove', 'other', '--yes'])
      expect(removed.out).toContain('1 user and 0 open sessions')
      expect(await findConnection(db, 'other')).toBeNull()
    })
  })

  it('says what Cloudflare says, and never the token', async () => {
    await withApi(async (api) => {
      const { code, out, err } = await remotely(api, ['connection', 'list'], 'not-the-token-at-all')
      expect([code, out]).toEqual([1, ''])
      expect(err).toContain('Cloudflare refused (403): Authentication error')
      expect(err).not.toContain('not-the-token-at-all')
    })
  })

  it('says so when nothing answers', async () => {
    const gone = {
      url: 'http://127.0.0.1:1',
      calls: [],
      statements: [],
      values: new Map(),
      stop: async () => undefined,
    }
    const { code, err } = await remotely(gone, ['user', 'list'])
    expect(code).toBe(1)
    expect(err).toContain('Cloudflare cannot be reached')
  })
})
