/** Auth0's samlp as an identity provider: `node samlp-server.ts`, with settings as in idp.ts. */
import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import samlp, { type Asked } from 'samlp'
import { toPem } from '../../tools/signing/certificate.ts'
import type { Cipher, IdpChoices, IdpSettings } from './idp.ts'
import type { Person } from './people.ts'

const readSettings = (): IdpSettings =>
  JSON.parse(readFileSync(process.env['LIVE_IDP'] ?? '', 'utf8'))
const settings = readSettings()
const { base, entityId, directory, sp } = settings
const readOwn = (name: string): string => readFileSync(join(directory, name), 'utf8')
const cert = readOwn('idp.crt')
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

interface Session {
  readonly person: Person
  readonly index: string
  /** Service providers that the person has gone to. */
  readonly participants: object[]
  /** What samlp keeps from step to step of a logout. */
  readonly state: object
}
const sessions = new Map<string, Session>()

/** How samlp is told about a person. */
function profileMapper({ uid, mail, cn, givenName, sn, groups }: Person) {
  const nameIdentifier = createHash('sha256')
    .update(settings.salt + uid)
    .digest('hex')
  return {
    getClaims: () => ({ uid, mail, cn, givenName, sn, groups }),
    getNameIdentifier: () => ({ nameIdentifier, nameIdentifierFormat: PERSISTENT }),
  }
}
profileMapper.prototype.metadata = []

const options = {
  issuer: entityId,
  key: readOwn('idp.key'),
  cert,
  profileMapper,
  audience: settings.audience ?? sp.entityId,
  destination: sp.acsUrl,
  recipient: sp.acsUrl,
  signResponse: settings.signs !== 'assertion',
  signAssertion: settings.signs !== 'response',
  signatureAlgorithm: 'rsa-sha256',
  digestAlgorithm: 'sha256',
  lifetimeInSeconds: 300,
  authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
}

createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    response.writeHead(500).end(error instanceof Error ? error.message : 'failed')
  })
}).listen(settings.port, '127.0.0.1')

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', base)
  const fields = new Map([...searchParams, ...new URLSearchParams(await readBody(request))])
  const session = readSession(request)
  if (pathname === '/metadata') return sendMetadata(request, response)
  if (pathname === '/login') return logIn(response, fields)
  if (pathname === '/slo') return logOut(response, fields, session)
  if (pathname !== '/sso' && pathname !== '/tile') return void response.writeHead(404).end()
  if (!session) {
    // The way back takes everything along that was asked.
    const asked = { ...Object.fromEntries(fields), next: pathname }
    return sendForm(
      response,
      '/login',
      asked,
      '<input name="username"><input type="password" name="password">',
    )
  }
  const asked = pathname === '/sso' ? await readAsked(fields) : null
  const saml = await respond(session, asked)
  session.participants.splice(0, 1, participantOf(session))
  sendForm(response, sp.acsUrl, {
    SAMLResponse: Buffer.from(saml).toString('base64'),
    RelayState: fields.get('RelayState') ?? '',
  })
}

function logIn(response: ServerResponse, fields: ReadonlyMap<string, string>): void {
  const { username, password, next = '', ...asked } = Object.fromEntries(fields)
  const person = settings.people.find(({ uid }) => uid === username)
  if (!person || person.password !== password) return void response.writeHead(403).end()
  const id = randomBytes(16).toString('hex')
  const index = `_${randomBytes(8).toString('hex')}`
  sessions.set(id, { person, index, participants: [], state: {} })
  response.setHeader('Set-Cookie', `idp=${id}; Path=/; HttpOnly`)
  sendForm(response, next, asked)
}

const participantOf = ({ person, index }: Session) => {
  const { nameIdentifier, nameIdentifierFormat } = profileMapper(person).getNameIdentifier()
  const { requestCertificate } = readSettings()
  return {
    serviceProviderId: sp.entityId,
    sessionIndex: index,
    nameId: nameIdentifier,
    nameIdFormat: nameIdentifierFormat,
    serviceProviderLogoutURL: sp.sloUrl,
    cert: requestCertificate === null ? undefined : toPem('CERTIFICATE', requestCertificate),
  }
}

/** All three steps of a logout: one that begins here, a LogoutRequest, and a LogoutResponse. */
function logOut(
  response: ServerResponse,
  fields: ReadonlyMap<string, string>,
  session: Session | undefined,
): void {
  const { participants = [], state = {} } = session ?? {}
  samlp.logout({
    issuer: entityId,
    cert,
    key: options.key,
    deflate: true,
    protocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
    signatureAlgorithm: 'rsa-sha256',
    digestAlgorithm: 'sha256',
    sessionParticipants: {
      hasElements: () => participants.length > 0,
      getFirst: (done: Done) => done(null, participants[0]),
      get: (_: string, __: unknown, ___: string, done: Done) => done(null, participants[0]),
      remove: (_: string, __: unknown, ___: string, done: Done) => done(null, participants.shift()),
    },
    clearIdPSession(done: Done) {
      for (const [id, each] of sessions) if (each === session) sessions.delete(id)
      done(null)
    },
  })(
    { query: Object.fromEntries(fields), body: {}, session: state },
    {
      redirect: (location) => void response.writeHead(302, { Location: location }).end(),
      set: (name, value) => void response.setHeader(name, value),
      send: (body) => void response.end(String(body)),
    },
    (error) => void response.writeHead(403).end(error.message),
  )
}
type Done = (error: null, found?: object) => void

const readAsked = (fields: ReadonlyMap<string, string>): Promise<Asked> =>
  new Promise((resolve, reject) => {
    const all = Object.fromEntries(fields)
    // A signature of HTTP-Redirect is looked for in the query, whichever way it came from the login.
    const request = fields.has('Signature') ? { query: all, body: {} } : { query: {}, body: all }
    const { requestCertificate } = readSettings()
    const how = requestCertificate === null ? {} : { signingCert: requestCertificate }
    samlp.parseRequest(request, how, (error, asked) => {
      if (asked) resolve(asked)
      else reject(error ?? new Error('nothing was asked'))
    })
  })

const respond = ({ person, index }: Session, asked: Asked | null): Promise<string> =>
  new Promise((resolve, reject) => {
    const answering = asked === null ? {} : { inResponseTo: asked.id }
    const encrypting = encryptionOf(readSettings().encrypt)
    const all = { ...options, ...answering, ...encrypting, sessionIndex: index }
    samlp.getSamlResponse(all, person, (error, response) => {
      if (error) reject(error)
      else resolve(response)
    })
  })

const ciphers: Readonly<Record<Cipher, string>> = {
  'aes128-cbc': 'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'aes256-cbc': 'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
  'aes128-gcm': 'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'aes256-gcm': 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
}

function encryptionOf(encrypt: IdpChoices['encrypt']): object {
  if (encrypt === null) return {}
  const certificate = new X509Certificate(Buffer.from(encrypt.certificate, 'base64'))
  return {
    encryptionCert: certificate.toString(),
    encryptionPublicKey: certificate.publicKey.export({ type: 'spki', format: 'pem' }),
    encryptionAlgorithm: ciphers[encrypt.cipher],
    // What it calls insecure is CBC, which others know nothing but.
    disallowEncryptionWithInsecureAlgorithm: false,
    warnOnInsecureEncryptionAlgorithm: false,
  }
}

function sendMetadata({ headers }: IncomingMessage, response: ServerResponse): void {
  const paths = {
    redirectEndpointPath: '/sso',
    postEndpointPath: '/sso',
    logoutEndpointPaths: { redirect: '/slo' },
  }
  samlp.metadata({ issuer: entityId, cert, profileMapper, ...paths })(
    { headers, protocol: 'http' },
    {
      set: (name, value) => void response.setHeader(name, value),
      send: (xml) => void response.end(xml),
    },
  )
}

/** A form that sends itself, unless it has something to ask. */
function sendForm(
  response: ServerResponse,
  action: string,
  fields: Readonly<Record<string, string>>,
  questions = '',
): void {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escape(value)}">`,
  )
  const script = questions === '' ? '<script>document.forms[0].submit()</script>' : ''
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.end(
    `<!doctype html><form method="post" action="${escape(action)}">${hidden.join('')}${questions}<button>Go on</button></form>${script}`,
  )
}

const escape = (text: string): string =>
  text.replaceAll(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`)

const readSession = ({ headers }: IncomingMessage): Session | undefined =>
  sessions.get(/(?:^|; )idp=([0-9a-f]+)/.exec(headers.cookie ?? '')?.[1] ?? '')

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk)
  return body
}
