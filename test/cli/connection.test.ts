import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { entities, entity, redirect, role } from '../support/idp-metadata.ts'
import { createStage, vector, type Stage } from './run.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.remove())

const certificate = (name: string): string => vector(`certificates/${name}.pem`)
const metadata = vector('responses/metadata/ssp.xml')
const byFields = (id: string, ...more: readonly string[]) => [
  'connection',
  'add',
  id,
  '--entity-id',
  `https://idp.example.com/${id}`,
  '--sso-url',
  'https://idp.example.com/sso',
  ...more,
]

describe('connection add', () => {
  it('takes metadata and prints what to enter under the labels of Okta', async () => {
    const { code, out, err } = await stage.run([
      'connection',
      'add',
      'acme',
      '--metadata',
      metadata,
      '--domain',
      'Acme.com',
      '--display-name',
      'Acme',
      '--for',
      'okta',
    ])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('Connection "acme" is added.')
    expect(out).toMatch(/IdP: +http:\/\/ssp\.localhost:8101\/idp\n/)
    expect(out).toMatch(/domains: +acme\.com\n/)
    expect(out).toMatch(
      /Single sign-on URL: +http:\/\/localhost:8787\/\.gatehouse\/saml\/acme\/acs\n/,
    )
    expect(out).toMatch(
      /Audience URI \(SP Entity ID\): +http:\/\/localhost:8787\/\.gatehouse\/saml\/acme\/metadata\n/,
    )
    expect(out).toContain('RSA, 2048 bits, expires 2046-11-19')
  })

  it('takes no id twice, and no domain of another connection', async () => {
    const again = await stage.run(byFields('acme', '--certificate', certificate('p-256')))
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.err).toContain('There is a connection "acme" already.')
    const domain = await stage.run(
      byFields('other', '--certificate', certificate('p-256'), '--domain', 'acme.com'),
    )
    expect(domain).toMatchObject({ code: 1, out: '' })
    expect(domain.err).toContain('acme.com belongs to "acme"')
  })

  it('tells every fault at once, under the names of the options', async () => {
    const refused = await stage.json([
      'connection',
      'add',
      'A_b',
      '--sso-url',
      'http://idp.example.com',
      '--clock-skew',
      'long',
      '--certificate',
      certificate('rsa-1024'),
    ])
    expect(refused.code).toBe(2)
    expect(refused.json).toMatchObject({
      error: {
        kind: 'usage',
        faults: [
          { at: '<id>' },
          { at: '--sso-url' },
          { at: '--clock-skew' },
          { at: '--entity-id' },
          { at: '--certificate', problem: expect.stringContaining('RSA key of 1024 bits') },
        ],
      },
    })
  })

  it('tells each fault as a sentence, and a choice as a list', async () => {
    const wrong = ['--clock-skew', 'long', '--sign-requests', 'md5', '--remove-domain', 'b.com']
    const refused = await stage.run(['connection', 'update', 'acme', ...wrong])
    const [faults = '', see = ''] = refused.err.split('\n\n')
    expect(faults.split('\n')).toEqual([
      '--clock-skew must be 0 to 300 seconds.',
      '--sign-requests must be rsa-sha256, ecdsa-sha256 or none.',
    ])
    expect(see).toBe('See npx gatehouse connection update --help\n')
    const [a, b] = ['https://a.example.com', 'https://b.example.com']
    const file = join(stage.directory, 'several.xml')
    await writeFile(file, entities(entity(role(redirect), a) + entity(role(redirect), b)))
    const several = await stage.run(['connection', 'add', 'several', '--metadata', file])
    expect(several.err).toContain(`Choose one of these entity IDs:\n  ${a}\n  ${b}\n\nSee `)
  })

  it('shows an exception in every list, as long as it lasts', async () => {
    const added = await stage.run(
      byFields(
        'weak',
        '--certificate',
        certificate('rsa-1024'),
        '--allow-weak-rsa-until',
        nextYear(),
      ),
    )
    expect(added.code).toBe(0)
    expect(added.out).toContain('has an RSA key of 1024 bits, accepted until')
    const list = await stage.run(['connection', 'list'])
    expect(list.out).toMatch(/^acme +Acme +enabled +http:\/\/ssp\.localhost:8101\/idp +1, /m)
    expect(list.out).toMatch(
      /^weak: Warning: Certificate [0-9a-f]{16} has an RSA key of 1024 bits/m,
    )
  })
})

describe('connection show', () => {
  it('tells all there is to know, and nothing of an id that is not there', async () => {
    const { code, json } = await stage.json(['connection', 'show', 'acme', '--for', 'entra'])
    expect(code).toBe(0)
    expect(json).toMatchObject({
      connection: {
        id: 'acme',
        displayName: 'Acme',
        enabled: true,
        ssoBinding: 'redirect',
        domains: ['acme.com'],
        certificates: [{ key: 'RSA, 2048 bits', notAfter: '2046-11-19T03:28:27.000Z' }],
        warnings: [],
      },
      paste: [
        {
          site: 'http://localhost:8787',
          acsUrl: 'http://localhost:8787/.gatehouse/saml/acme/acs',
          for: 'entra',
        },
      ],
    })
    // The site is a public one, and the store that of npm run dev.
    const text = await stage.run(['connection', 'show', 'acme'])
    expect(text.out).toContain('For http://localhost:8787.')
    expect(text.out).toMatch(/connection show acme --site https:\/\/app\.example\.com --local/)
    const deployed = await stage.run(['connection', 'show', 'acme', '--site', 'app.example.com'])
    expect(deployed.out).toContain('https://app.example.com/.gatehouse/saml/acme/acs')
    expect(deployed.out).not.toContain('npm run dev')
    const unknown = await stage.run(['connection', 'show', 'acm'])
    expect(unknown).toMatchObject({ code: 1, out: '' })
    expect(unknown.err).toContain('Did you mean "acme"?')
  })
})

describe('connection update', () => {
  it('changes certificates over, and never takes the last one', async () => {
    const added = await stage.run([
      'connection',
      'update',
      'acme',
      '--add-certificate',
      certificate('p-256'),
    ])
    expect(added).toMatchObject({ code: 0 })
    expect(added.out).toContain('1 certificate added.')
    const again = await stage.json(['connection', 'update', 'acme', '--metadata', metadata])
    expect(again.json).toMatchObject({ certificatesAdded: [], certificatesRemoved: [] })
    const old = 'cfa8d24f24d17dae'
    const removed = await stage.run(['connection', 'update', 'acme', '--remove-certificate', old])
    expect(removed.out).toContain('1 certificate removed.')
    expect(removed.out).toContain('ECDSA, P-256')
    expect(removed.out).not.toContain(old)
    const last = /([0-9a-f]{64}): ECDSA/.exec(removed.out)?.[1] ?? ''
    const refused = await stage.run(['connection', 'update', 'acme', '--remove-certificate', last])
    expect(refused).toMatchObject({ code: 2, out: '' })
    expect(refused.err).toContain('--remove-certificate would remove the last one')
    const replaced = await stage.json([
      'connection',
      'update',
      'acme',
      '--metadata',
      metadata,
      '--replace-certificates',
    ])
    expect(replaced.json).toMatchObject({
      certificatesRemoved: [last],
      certificatesAdded: [expect.stringContaining(old)],
    })
  })

  it('closes a connection and opens it, and says how soon', async () => {
    const closed = await stage.run(['connection', 'update', 'acme', '--disable'])
    expect(closed.out).toContain('everybody who did is refused everywhere within 20 seconds.')
    expect(closed.out).toMatch(/state: +disabled/)
    const open = await stage.json(['connection', 'update', 'acme', '--enable'])
    expect(open.json).toMatchObject({ connection: { enabled: true } })
  })

  it('takes a DER file as well as a PEM file', async () => {
    const pem = await import('node:fs/promises').then((fs) =>
      fs.readFile(certificate('p-256'), 'utf8'),
    )
    const der = join(stage.directory, 'idp.cer')
    await writeFile(der, Buffer.from(pem.replaceAll(/-----.*-----/g, ''), 'base64'))
    const { code, json } = await stage.json([
      'connection',
      'update',
      'weak',
      '--add-certificate',
      der,
    ])
    expect(code).toBe(0)
    expect(json).toMatchObject({ certificatesAdded: [expect.stringMatching(/^[0-9a-f]{64}$/)] })
  })
})

describe('connection remove', () => {
  it('says who goes with it and wants a yes', async () => {
    const asked = await stage.run(['connection', 'remove', 'weak'])
    expect(asked).toMatchObject({ code: 1, out: '' })
    expect(asked.err).toContain('0 users and 0 open sessions would be removed')
    const { code, json } = await stage.json(['connection', 'remove', 'weak', '--yes'])
    expect(code).toBe(0)
    expect(json).toEqual({ removed: 'weak', users: 0, sessions: 0, withinSeconds: 20 })
    expect((await stage.run(['connection', 'show', 'weak'])).code).toBe(1)
  })
})

const nextYear = (): string => new Date(Date.now() + 100 * 86_400_000).toISOString().slice(0, 10)

describe('a link into the console, with --local', () => {
  const links = () =>
    stage.withStore((db) =>
      db
        .prepare('SELECT (SELECT count(*) FROM admin_links) + (SELECT count(*) FROM hand_overs)')
        .first<number>(),
    )
  const commands = [
    ['admin', 'link'],
    ['connection', 'handover', 'acme', '--label', 'Ada'],
  ]

  it.each(commands)(
    'is not made where a site stands at the login host: %s %s',
    async (...words) => {
      const before = await links()
      const { code, out, err } = await stage.run(words)
      expect([code, out, err]).toEqual([1, '', expect.stringContaining('a host without a site')])
      expect(await links()).toEqual(before)
    },
  )

  it.each(commands)('leads to the login host on this machine: %s %s', async (...words) => {
    const file = join(stage.directory, 'console.config.ts')
    const site = `{ url: 'https://app.example.com', origin: 'https://origin.example.net', routes: [{ path: '/', access: 'signed-in' }] }`
    const login = `loginHost: { url: 'https://login.example.com' }`
    await writeFile(file, `export default { ${login}, sites: [${site}] }`)
    const { code, out, err } = await stage.runWith(file, words)
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/Link: +http:\/\/login\.example\.com\.localhost:8787\/\.gatehouse\//)
  })
})

it('says how to add the first connection, where one is asked for and there is none', async () => {
  const empty = await createStage()
  const { code, err } = await empty.run(['connection', 'show', 'okta'])
  await empty.remove()
  expect([code, err]).toEqual([
    1,
    expect.stringContaining('There is none yet: `npx gatehouse connection add <id> --local '),
  ])
})
