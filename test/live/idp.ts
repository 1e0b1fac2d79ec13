/** Real identity providers, each started for one service provider on a port of this machine. */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned, toPem } from '../../tools/signing/certificate.ts'
import { people, type Person } from './people.ts'
import { freePort, startProcess, wrongClock, type Running } from '../../tools/stage/process.ts'

export type Product = 'SimpleSAMLphp' | 'samlp' | 'Lasso'
/** What carries a signature. */
export type Signs = 'response' | 'assertion' | 'both'

/** How an assertion is encrypted. The key of it always by RSA-OAEP. */
export type Cipher = 'aes128-cbc' | 'aes256-cbc' | 'aes128-gcm' | 'aes256-gcm'

/** What its operator may change while it runs. Certificates are base64 DER. */
export interface IdpChoices {
  /** null: everything goes in the clear. */
  readonly encrypt: {
    readonly what: 'assertion' | 'name-id'
    readonly cipher: Cipher
    readonly certificate: string
  } | null
  /** By whose key a request has to be signed; null: none need be. */
  readonly requestCertificate: string | null
  /** Our metadata as XML, which then is all that it knows of us; null: it was told what `sp` says. */
  readonly spMetadata: string | null
}

export interface IdpOptions {
  readonly sp: { readonly entityId: string; readonly acsUrl: string; readonly sloUrl: string }
  readonly signs: Signs
  /** Whom assertions are for; null: who asked. */
  readonly audience?: string
  /** How wrong its clock is, as faketime puts it. */
  readonly clock?: '-1h' | '+1h'
  /** Where one stood before that this one takes the place of. */
  readonly port?: number
}

export interface Idp {
  readonly entityId: string
  readonly ssoUrl: string
  readonly port: number
  readonly metadataFile: string
  readonly certificateFile: string
  /** Where its dashboard would lead: sign-in that nobody asked for, with a page as RelayState. */
  readonly tile: (page: string) => string
  /** Where a person signs out of it, and so of everything. */
  readonly logoutUrl: string
  /** It reads its settings with every request. */
  readonly choose: (choices: Partial<IdpChoices>) => Promise<void>
  readonly stop: () => Promise<void>
}

/** What an IdP's process reads: the PHP of SimpleSAMLphp, samlp-server.ts, lasso/server.py. */
export interface IdpSettings extends IdpChoices {
  readonly base: string
  readonly port: number
  readonly entityId: string
  readonly directory: string
  readonly salt: string
  readonly people: readonly Person[]
  readonly sp: IdpOptions['sp']
  readonly signs: Signs
  readonly audience: string | null
}

interface Kind {
  readonly host: string
  readonly entityPath: string
  readonly metadataPath: string
  readonly ssoPath: string
  readonly logoutPath: string
  readonly tile: (settings: IdpSettings, page: string) => string
  readonly command: (settings: IdpSettings) => readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const kinds: Readonly<Record<Product, Kind>> = {
  SimpleSAMLphp: {
    host: 'ssp.localhost',
    entityPath: '/idp',
    metadataPath: '/saml2/idp/metadata.php',
    ssoPath: '/saml2/idp/SSOService.php',
    logoutPath: '/saml2/idp/initSLO.php?RelayState=/',
    tile: ({ base, sp }, page) =>
      withQuery(`${base}/saml2/idp/SSOService.php`, { spentityid: sp.entityId, RelayState: page }),
    command: ({ port, directory }) =>
      `php -d session.save_path=${directory}/sessions -d display_errors=0 -S 127.0.0.1:${port} -t /usr/share/simplesamlphp/www`.split(
        ' ',
      ),
    env: { SIMPLESAMLPHP_CONFIG_DIR: join(import.meta.dirname, 'simplesamlphp') },
  },
  samlp: {
    host: 'samlp.localhost',
    entityPath: '/metadata',
    metadataPath: '/metadata',
    ssoPath: '/sso',
    logoutPath: '/slo',
    tile: ({ base }, page) => withQuery(`${base}/tile`, { RelayState: page }),
    command: () => [process.execPath, join(import.meta.dirname, 'samlp-server.ts')],
    env: {},
  },
  Lasso: {
    host: 'lasso.localhost',
    entityPath: '/metadata',
    metadataPath: '/metadata',
    ssoPath: '/sso',
    logoutPath: '/logout',
    tile: ({ base }, page) => withQuery(`${base}/tile`, { RelayState: page }),
    // Debian's Python has Debian's module, whichever is first on the PATH.
    command: () => ['/usr/bin/python3', join(import.meta.dirname, 'lasso', 'server.py')],
    env: {},
  },
}

export async function startIdp(product: Product, options: IdpOptions): Promise<Idp> {
  const kind = kinds[product]
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-idp-'))
  const port = options.port ?? (await freePort())
  const base = `http://${kind.host}:${port}`
  const settings: IdpSettings = {
    base,
    port,
    entityId: base + kind.entityPath,
    directory,
    salt: randomBytes(16).toString('hex'),
    people,
    sp: options.sp,
    signs: options.signs,
    audience: options.audience ?? null,
    encrypt: null,
    requestCertificate: null,
    spMetadata: null,
  }
  await writeFiles(settings)
  const running = startProcess(kind.command(settings), {
    ...kind.env,
    ...(options.clock === undefined ? {} : wrongClock(options.clock)),
    LIVE_IDP: join(directory, 'settings.json'),
  })
  const stop = async () => {
    await running.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const metadataFile = join(directory, 'metadata.xml')
    await writeFile(metadataFile, await whenUp(base + kind.metadataPath, running))
    return {
      entityId: settings.entityId,
      ssoUrl: base + kind.ssoPath,
      port,
      metadataFile,
      certificateFile: join(directory, 'idp.crt'),
      tile: (page) => kind.tile(settings, page),
      logoutUrl: base + kind.logoutPath,
      choose: (choices) => writeSettings(Object.assign(settings, choices)),
      stop,
    }
  } catch (error) {
    await stop()
    throw new Error(`${product} does not start. Are its packages there? test/live/install.sh`, {
      cause: error,
    })
  }
}

async function writeFiles(settings: IdpSettings): Promise<void> {
  const { directory } = settings
  for (const name of ['sessions', 'tmp']) await mkdir(join(directory, name))
  const { certificate, key } = await newCertificate()
  await writeFile(join(directory, 'idp.crt'), certificate)
  await writeFile(join(directory, 'idp.key'), key)
  await writeSettings(settings)
}

const writeSettings = (settings: IdpSettings): Promise<void> =>
  writeFile(join(settings.directory, 'settings.json'), JSON.stringify(settings))

/** For a year from yesterday on, as PEM. */
export async function newCertificate(): Promise<{
  readonly certificate: string
  readonly key: string
}> {
  const keys = await newKeys()
  const days = (count: number) => new Date(Date.now() + count * 86_400_000)
  const certificate = await selfSigned(keys, { notBefore: days(-1), notAfter: days(365) })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  return {
    certificate: toPem('CERTIFICATE', certificate),
    key: toPem('PRIVATE KEY', key.toString('base64')),
  }
}

const newKeys = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength: 2048,
      publicExponent: Uint8Array.of(1, 0, 1),
    },
    true,
    ['sign', 'verify'],
  ) as Promise<CryptoKeyPair>

const withQuery = (url: string, fields: Readonly<Record<string, string>>): string =>
  `${url}?${new URLSearchParams(fields).toString()}`

/** What stands at an address, as soon as something does. */
async function whenUp(url: string, running: Running): Promise<string> {
  const until = Date.now() + 120_000
  while (Date.now() < until && !running.hasEnded()) {
    const text = await read(url)
    if (text !== null) return text
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(running.said())
}

function read(url: string): Promise<string | null> {
  const { host, port, pathname } = new URL(url)
  const options = { host: '127.0.0.1', port, path: pathname, headers: { Host: host } }
  return new Promise((resolve) => {
    const asked = get(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(response.statusCode === 200 ? text : null))
    })
    asked.on('error', () => resolve(null))
  })
}
