/** Signing in: by a browser on this computer, or on another device by a code. */
import { spawn } from 'node:child_process'
import { createServer, type Server as HttpServer } from 'node:http'
import { once } from 'node:events'
import { encodeBase64Url, sha256, utf8 } from '../../src/lib/bytes.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { refused, type Failure } from '../command.ts'
import { complain, pause } from '../terminal.ts'
import { plain } from '../text.ts'
import { askFor, countField, postForm, textField, whyOf } from './ask.ts'
import type { Kept } from './kept.ts'
import type { Server } from './site.ts'
import { toKept, type Asked } from './token.ts'

const WAIT_MS = 10 * 60 * 1000
const PATH = '/callback'
const NAME = 'Gatehouse command line'
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

const random = (): string => encodeBase64Url(crypto.getRandomValues(new Uint8Array(32)))

/** @param client null: the command registers itself. */
export async function signInByBrowser(
  site: string,
  server: Server,
  {
    client: given,
    opensBrowser,
  }: { readonly client: string | null; readonly opensBrowser: boolean },
): Promise<Result<Kept, Failure>> {
  const client = given === null ? await register(server) : ok(given)
  if (!client.ok) return client
  const asked: Asked = { site, server, client: client.value }
  const verifier = random()
  const state = random()
  const listener = await listen()
  try {
    const redirect = `http://127.0.0.1:${listener.port}${PATH}`
    const url = new URL(server.authorize)
    const challenge = encodeBase64Url(await sha256(utf8(verifier)))
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: asked.client,
      redirect_uri: redirect,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      scope: 'access',
      resource: `${site}/`,
      state,
    })) {
      url.searchParams.set(name, value)
    }
    complain(`Open this address in a browser on this computer, and sign in:\n\n  ${url.href}\n`)
    if (opensBrowser) openBrowser(url.href)
    const code = await waitForCode(listener.server, { state, issuer: server.issuer })
    if (!code.ok) return code
    const answer = await postForm(server.token, {
      grant_type: 'authorization_code',
      client_id: asked.client,
      code: code.value,
      redirect_uri: redirect,
      code_verifier: verifier,
      resource: `${site}/`,
    })
    if (!answer.ok) return answer
    const kept = answer.value.status === 200 ? toKept(asked, answer.value) : null
    return kept ? ok(kept) : refused(`The login host gave no token: ${whyOf(answer.value)}`)
  } finally {
    listener.server.close()
    listener.server.closeAllConnections()
  }
}

/** RFC 8628 */
export async function signInByDevice(
  site: string,
  server: Server,
  client: string,
): Promise<Result<Kept, Failure>> {
  if (server.device === null) {
    return refused(
      'The login host has no device flow. Its operator turns it on: oauth: { device: "on" }.',
    )
  }
  const begun = await postForm(server.device, { client_id: client, resource: `${site}/` })
  if (!begun.ok) return begun
  const { fields } = begun.value
  const code = textField(fields, 'device_code')
  const userCode = textField(fields, 'user_code')
  const where = textField(fields, 'verification_uri')
  if (begun.value.status !== 200 || code === null || userCode === null || where === null) {
    return refused(`The login host gave no code: ${whyOf(begun.value)}`)
  }
  complain(
    `Open this address on any device, sign in, and enter the code:\n\n  ${plain(where)}\n  ${plain(userCode)}\n`,
  )
  let seconds = countField(fields, 'interval') ?? 5
  const until = Date.now() + (countField(fields, 'expires_in') ?? 600) * 1000
  while (Date.now() < until) {
    await pause(seconds)
    const answer = await postForm(server.token, {
      grant_type: DEVICE_GRANT,
      client_id: client,
      device_code: code,
    })
    // RFC 8628 §3.5: where no answer comes, the device asks less often.
    const error = answer.ok ? textField(answer.value.fields, 'error') : 'slow_down'
    if (error === 'slow_down') seconds += 5
    if (error === 'slow_down' || error === 'authorization_pending') continue
    if (!answer.ok) return answer
    const kept = answer.value.status === 200 ? toKept({ site, server, client }, answer.value) : null
    if (kept) return ok(kept)
    if (error === 'access_denied') return refused(REFUSED)
    if (error === 'expired_token') break
    return refused(`The login host gave no token: ${whyOf(answer.value)}`)
  }
  return refused('Nobody entered the code in time. Run the command again.')
}

const REFUSED =
  'Access was refused, by you or by the rules of the site. If you should have access, ask the operator of the site.'

/** RFC 7591, for programs on a person's own computer. */
async function register({ issuer, register: url }: Server): Promise<Result<string, Failure>> {
  if (url === null) {
    return refused(
      `${issuer} lets no program register itself. Ask its operator for a client, and name it: --client <client_id>. The operator makes one so: gatehouse client add cli --redirect http://127.0.0.1${PATH} --remote`,
    )
  }
  const answer = await askFor(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      client_name: NAME,
      redirect_uris: [`http://127.0.0.1${PATH}`],
      token_endpoint_auth_method: 'none',
    }),
  })
  if (!answer.ok) return answer
  const id = textField(answer.value.fields, 'client_id')
  return answer.value.status === 201 && id !== null
    ? ok(id)
    : refused(`${issuer} did not register this program: ${whyOf(answer.value)}`)
}

async function listen(): Promise<{ readonly server: HttpServer; readonly port: number }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { server, port: typeof address === 'object' && address ? address.port : 0 }
}

interface Expected {
  readonly state: string
  readonly issuer: string
}

/** Anything on this computer may send requests here: those without our state change nothing. */
function waitForCode(server: HttpServer, expected: Expected): Promise<Result<string, Failure>> {
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      resolve(
        refused(
          'Nobody came back from the browser within ten minutes. If the page said that you have no access, ask the operator of the site.',
        ),
      )
    }, WAIT_MS)
    server.on('request', (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
      const isOurs = pathname === PATH && readOnce(searchParams, 'state') === expected.state
      const read = isOurs ? readAnswer(searchParams, expected) : null
      response.writeHead(read ? 200 : 404, {
        'Content-Type': 'text/plain; charset=utf-8',
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'no-store',
        'Referrer-Policy': 'no-referrer',
        Connection: 'close',
      })
      response.end(page(read), () => {
        if (!read) return
        clearTimeout(late)
        resolve(read)
      })
    })
  })
}

function readAnswer(query: URLSearchParams, { issuer }: Expected): Result<string, Failure> {
  // RFC 9207: an answer of another server must not be redeemed here.
  if (readOnce(query, 'iss') !== issuer) {
    return refused('The answer is not from the login host of the site. Sign in again.')
  }
  const error = readOnce(query, 'error')
  if (error === 'access_denied') return refused(REFUSED)
  const code = readOnce(query, 'code')
  if (error !== null || code === null) {
    const why = readOnce(query, 'error_description') ?? error ?? 'it gave no code'
    return refused(`The login host did not give access: ${plain(why)}`)
  }
  return ok(code)
}

const readOnce = (query: URLSearchParams, name: string): string | null => {
  const [value, ...others] = query.getAll(name)
  return value !== undefined && others.length === 0 ? value : null
}

function page(read: Result<string, Failure> | null): string {
  if (!read) return 'There is nothing here.\n'
  return read.ok ? 'The sign-in is done. You can close this page.\n' : `${read.error.message}\n`
}

/** The address is on the terminal too, so it does not matter whether this works. */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url]
  const child = spawn(command ?? '', args, { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
