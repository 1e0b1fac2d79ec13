/**
 * Starts nginx, which is also the origin, and Apache with mod_auth_mellon, each in a usual
 * configuration.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeBase64 } from '../../src/lib/bytes.ts'
import { createTestIdp, signedResponse, type TestIdp } from '../signing/saml-signer.ts'
import { requestIdIn } from '../stage/sign-in.ts'
import { ask } from '../stage/stage.ts'
import { freePort } from '../stage/process.ts'
import { toPem } from '../signing/certificate.ts'
import type { Running } from './workerd.ts'

/** Debian packages, installed by tools/bench/install.sh. */
export const isInstalled = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

export interface Server extends Running {
  readonly port: number
}

/** An origin that answers every request with one kilobyte. */
export const startOrigin = (): Promise<Server> =>
  startNginx((port) => `server { listen 127.0.0.1:${port}; return 200 "${'x'.repeat(1024)}"; }`)

export const startProxy = (origin: Server): Promise<Server> =>
  startNginx(
    (port) => `
      upstream origin { server 127.0.0.1:${origin.port}; keepalive 64; }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://origin;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header X-Forwarded-Host $host;
        }
      }`,
  )

async function startNginx(site: (port: number) => string): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder};`)
    .join(' ')
  const config = join(folder, 'nginx.conf')
  const user = isRoot() ? 'user www-data;' : ''
  writeFileSync(
    config,
    `${user} daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
     events { worker_connections 1024; }
     http {
       access_log off; keepalive_requests 1000000000; keepalive_timeout 600; ${temporary}
       ${site(port)}
     }`,
  )
  return running('nginx', ['-p', folder, '-c', config], folder, port)
}

/**
 * Starts Apache with mellon and signs a user in with a response that is signed here. @returns the
 * server and the session cookie.
 */
export async function startMellon(
  origin: Server,
): Promise<Server & { readonly host: string; readonly cookie: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const port = await freePort()
  const site = `http://mellon.localhost:${port}`
  const [idp, sp] = [await createTestIdp(), await createTestIdp()]
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const key = await crypto.subtle.exportKey('pkcs8', sp.keys.privateKey)
  if (!(key instanceof ArrayBuffer)) throw new Error('unreachable: no JWK was asked for')
  const keyFile = file('sp.key', toPem('PRIVATE KEY', encodeBase64(new Uint8Array(key))))
  const certificate = file('sp.crt', toPem('CERTIFICATE', sp.certificate))
  const metadata = file('idp.xml', metadataOf(idp))
  const modules = [
    'mpm_event',
    'authn_core',
    'authz_core',
    'authz_user',
    'headers',
    'proxy',
    'proxy_http',
    'auth_mellon',
  ].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
  mkdirSync(join(folder, 'post'))
  if (isRoot()) for (const path of [folder, join(folder, 'post')]) chownToApache(path)
  chmodSync(folder, 0o755)
  const config = file(
    'httpd.conf',
    `ServerRoot ${folder}
PidFile ${folder}/pid
Listen 127.0.0.1:${port}
ServerName mellon.localhost:${port}
UseCanonicalName On
ErrorLog ${folder}/error.log
KeepAlive On
MaxKeepAliveRequests 0
${modules.join('\n')}
${isRoot() ? 'User www-data\nGroup www-data' : ''}
MellonLockFile ${folder}/lock
MellonPostDirectory ${folder}/post
<Location />
  MellonEnable info
  MellonEndpointPath /mellon
  MellonSPentityId ${site}/mellon/metadata
  MellonSPPrivateKeyFile ${keyFile}
  MellonSPCertFile ${certificate}
  MellonIdPMetadataFile ${metadata}
  MellonSecureCookie Off
</Location>
ProxyPass /mellon !
ProxyPass / http://127.0.0.1:${origin.port}/
<Location /page>
  AuthType Mellon
  MellonEnable auth
  Require valid-user
  RequestHeader set X-Remote-User "expr=%{REMOTE_USER}"
</Location>
`,
  )
  const server = await running('apache2', ['-f', config, '-DFOREGROUND'], folder, port)
  return { ...server, host: new URL(site).host, cookie: await signInAtMellon(idp, site, port) }
}

async function signInAtMellon(idp: TestIdp, site: string, port: number): Promise<string> {
  const headers = { Host: new URL(site).host }
  const begun = await ask(`/mellon/login?ReturnTo=${site}/page`, { port, headers })
  const location = begun.headers.location ?? ''
  const cookie = begun.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const SAMLResponse = await signedResponse(idp, {
    spEntityId: `${site}/mellon/metadata`,
    acsUrl: `${site}/mellon/postResponse`,
    inResponseTo: await requestIdIn(location),
    now: new Date(),
    assertionId: `_${crypto.randomUUID()}`,
  })
  const RelayState = new URL(location).searchParams.get('RelayState') ?? `${site}/page`
  const form = { ...headers, Cookie: cookie, 'Content-Type': 'application/x-www-form-urlencoded' }
  const done = await ask(
    '/mellon/postResponse',
    { port, method: 'POST', headers: form },
    new URLSearchParams({ SAMLResponse, RelayState }).toString(),
  )
  const session = done.headers['set-cookie']?.[0]?.split(';')[0]
  if (!session) throw new Error(`mellon gives no session: ${done.status} ${done.text}`)
  return session
}

const metadataOf = (idp: TestIdp): string =>
  `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${idp.entityId}">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>
      <X509Certificate>${idp.certificate}</X509Certificate>
    </X509Data></KeyInfo></KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
      Location="https://idp.example.test/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>`

const isRoot = (): boolean => process.getuid?.() === 0

function chownToApache(path: string): void {
  const id = (flag: string) => Number(String(spawnSync('id', [flag, 'www-data']).stdout))
  chownSync(path, id('-u'), id('-g'))
}

async function running(
  program: string,
  args: readonly string[],
  folder: string,
  port: number,
): Promise<Server> {
  // nginx creates its temporary folders in here as another system user.
  chmodSync(folder, 0o755)
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  for (let tries = 0; tries < 250; tries++) {
    if (await ask('/', { port }).catch(() => null)) break
    if (child.exitCode !== null) throw new Error(`${program} does not start`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}/`,
    port,
    stop: () => {
      child.kill()
      void ended.then(() => rmSync(folder, { recursive: true }))
    },
  }
}
