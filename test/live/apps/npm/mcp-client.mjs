/**
 * An MCP client by the official SDK, as an agent on a person's own computer: `node mcp-client.mjs
 * <sdk> <url> [client_id]`. It prints a JSON object in each line, and does what the lines of its input say.
 */
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

const [version, address, clientId] = process.argv.slice(2)
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
const sdk = await load()

async function load() {
  if (version === '2.x') {
    const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client')
    const options = { versionNegotiation: { mode: { pin: '2026-07-28' } } }
    return { Client, StreamableHTTPClientTransport, options }
  }
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js')
  const { StreamableHTTPClientTransport } =
    await import('@modelcontextprotocol/sdk/client/streamableHttp.js')
  return { Client, StreamableHTTPClientTransport, options: {} }
}

let answered = () => {}
const listener = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
  response.end('You can close this page.')
  if (pathname === '/callback') answered(searchParams)
}).listen(0, '127.0.0.1', () => void run())

/** What the SDK asks for is kept in memory. */
function createProvider(redirectUrl) {
  const kept = clientId ? { client: { client_id: clientId } } : {}
  return {
    redirectUrl,
    clientMetadata: {
      client_name: `MCP client ${version}`,
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    state: () => 'a state of the client',
    clientInformation: () => kept.client,
    saveClientInformation: (client) => void (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => {
      kept.tokens = tokens
      say({ kind: 'tokens', access: tokens.access_token, refresh: tokens.refresh_token })
    },
    redirectToAuthorization: (url) => say({ kind: 'authorize', url: url.href }),
    saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier,
    saveDiscoveryState: (state) => void (kept.discovery = state),
    discoveryState: () => kept.discovery,
    invalidateCredentials: (what) => {
      if (what === 'all' || what === 'tokens') kept.tokens = undefined
      if (what === 'all' || what === 'client') kept.client = undefined
    },
    /** For the test: the access token is no more, and the refresh token has to do. */
    forgetAccess: () => {
      const access_token = `${kept.tokens.access_token.slice(0, -1)}_`
      kept.tokens = { ...kept.tokens, access_token }
    },
  }
}

async function run() {
  const provider = createProvider(`http://127.0.0.1:${listener.address().port}/callback`)
  const open = () =>
    new sdk.StreamableHTTPClientTransport(new URL(address), { authProvider: provider })
  let client = null
  const connect = async (transport) => {
    client = new sdk.Client({ name: 'agent', version: '1.0.0' }, sdk.options)
    await client.connect(transport)
    say({ kind: 'connected' })
  }
  const back = new Promise((resolve) => (answered = resolve))
  const first = open()
  try {
    await connect(first)
  } catch (error) {
    say({ kind: 'refused', name: error.name })
    const answer = await back
    await first.finishAuth(version === '2.x' ? answer : answer.get('code'))
    await connect(open())
  }
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'forget') provider.forgetAccess()
    try {
      const { content } = await client.callTool({ name: 'whoami', arguments: {} })
      say({ kind: 'told', ...JSON.parse(content[0].text) })
    } catch (error) {
      say({ kind: 'refused', name: error.name })
    }
  }
  process.exit(0)
}
