/** An MCP server behind the gate: both official SDKs, and a person of a real identity provider. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { keepSecret, leaks } from '../../../tools/stage/evidence.ts'
import {
  freePort,
  startProcess,
  whenListening,
  type Running,
} from '../../../tools/stage/process.ts'
import { openGate, REVOCATION_SECONDS, type Gate, type Guarded } from '../gate.ts'
import type { Idp } from '../idp.ts'
import { zoe } from '../people.ts'
import { connect } from '../stage.ts'
import { installed, npmDirectory } from './installed.ts'
import { answer, openConsent } from './oauth.ts'

let gate: Gate
let idp: Idp
let server: Running
const clients: Agent[] = []

beforeAll(async () => {
  const port = await freePort()
  installed('@modelcontextprotocol/server/package.json')
  server = startProcess([process.execPath, `${npmDirectory}/mcp-server.mjs`, String(port)], {})
  await whenListening(port, [server])
  const site: Guarded['site'] = {
    oauth: true,
    origin: `http://127.0.0.1:${port}`,
    routes: [{ path: '/', access: 'signed-in' }],
  }
  gate = await openGate(async () => ({ site, boundPort: null }), undefined, [], {
    registration: 'loopback',
  })
  idp = (await connect(gate, 'SimpleSAMLphp', { signs: 'both' })).idp
})
afterEach(async () => {
  for (const each of clients.splice(0)) each.stop()
  await gate.command(['user', 'enable', zoe.uid])
})
afterAll(async () => {
  await idp.stop()
  await gate.close()
  await server.stop()
})

type Line = Readonly<Record<string, unknown>>

interface Agent {
  /** The next line of this kind. */
  readonly hear: (kind: string) => Promise<Line>
  readonly tell: (line: string) => void
  readonly stop: () => void
}

/** @param client a client_id that the operator gave it; without it, the agent registers itself. */
function startAgent(sdk: string, client: readonly string[] = []): Agent {
  const program = `${npmDirectory}/mcp-client.mjs`
  const child = spawn(process.execPath, [program, sdk, `${gate.url}/mcp`, ...client])
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const lines: Line[] = []
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line: Line = JSON.parse(text)
    if (line['kind'] === 'tokens') keepSecret(String(line['access']), String(line['refresh']))
    lines.push(line)
  })
  const hear = (kind: string) =>
    vi.waitFor(
      () => {
        const at = lines.findIndex((line) => line['kind'] === kind)
        const [line] = at < 0 ? [] : lines.splice(at, 1)
        if (!line) throw new Error(`nothing of the kind ${kind} was said. ${err}`)
        return line
      },
      { timeout: 120_000, interval: 50 },
    )
  const agent = {
    hear,
    tell: (line: string) => void child.stdin.write(`${line}\n`),
    stop: () => void child.kill(),
  }
  clients.push(agent)
  return agent
}

/** Signs in and allows it, as the person whom the agent asks. @returns the first access token. */
async function allowAgent(agent: Agent, name: string): Promise<Line> {
  const { url } = await agent.hear('authorize')
  const asked = new URL(String(url))
  expect(asked.origin).toBe(gate.loginUrl)
  expect(asked.searchParams.get('code_challenge_method')).toBe('S256')
  expect(asked.searchParams.get('resource')).toMatch(new RegExp(`^${gate.url}(/|/mcp)?$`))
  const browser = gate.browser()
  const page = await openConsent(browser, asked.href, zoe)
  expect(page.text).toContain(name)
  expect(page.text).toContain(new URL(gate.url).host)
  expect((await answer(browser, page, 'allow')).text).toBe('You can close this page.')
  return agent.hear('tokens')
}

describe.each(['1.x', '2.x'])('the official SDK %s', (sdk) => {
  it('discovers, registers, asks the person, calls a tool, refreshes, and is refused when the person has left', async () => {
    const agent = startAgent(sdk)
    const { access, refresh } = await allowAgent(agent, `MCP client ${sdk}`)
    await agent.hear('connected')

    agent.tell('call')
    const told = {
      user: zoe.uid,
      via: expect.stringMatching(/^oauth gh_lc_/),
      authorization: 'absent',
    }
    expect(await agent.hear('told')).toMatchObject(told)

    agent.tell('forget')
    const renewed = await agent.hear('tokens')
    expect(await agent.hear('told')).toMatchObject(told)
    expect(renewed['access']).not.toBe(access)
    expect(renewed['refresh']).not.toBe(refresh)

    const stream = await fetch(`${gate.url}/stream`, {
      headers: { Authorization: `Bearer ${String(renewed['access'])}` },
    })
    expect(stream.status).toBe(200)
    const streamed = stream.text().then(
      () => 'ended',
      () => 'ended',
    )
    await gate.command(['user', 'disable', zoe.uid])
    await new Promise((resolve) => setTimeout(resolve, REVOCATION_SECONDS * 1000))
    const refused = await fetch(`${gate.url}/mcp`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${String(renewed['access'])}` },
    })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('WWW-Authenticate')).toContain(
      `resource_metadata="${gate.url}/.well-known/oauth-protected-resource`,
    )
    agent.tell('call')
    expect(['UnauthorizedError', 'Error', 'InvalidGrantError']).toContain(
      (await agent.hear('refused'))['name'],
    )
    // The stream that was open has ended too.
    expect(await streamed).toBe('ended')
  })
})

it.each(['1.x', '2.x'])(
  'an agent by the official SDK %s that the operator listed has the name that the operator gave it',
  async (sdk) => {
    const words = ['client', 'add', `Our agent ${sdk}`, '--redirect', 'http://127.0.0.1/callback']
    const made = JSON.stringify(await gate.command(words))
    const [, id = ''] = /"id":"([^"]+)"/.exec(made) ?? []
    const agent = startAgent(sdk, [id])
    await allowAgent(agent, `Our agent ${sdk}`)
    await agent.hear('connected')
    agent.tell('call')
    expect(await agent.hear('told')).toMatchObject({ user: zoe.uid, via: `oauth ${id}` })
  },
)

/** The official tests send no token: this adds one to each request. */
async function openTokenProxy(token: string): Promise<{ readonly url: string; close: () => void }> {
  const port = await freePort()
  const { host } = new URL(gate.url)
  const proxy = createServer((incoming, outgoing) => {
    const { method = 'GET', url: path = '/' } = incoming
    const headers = { ...incoming.headers, host, authorization: `Bearer ${token}` }
    const onward = httpRequest(gate.url, { method, path, headers })
    onward.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  proxy.listen(port, '127.0.0.1')
  await once(proxy, 'listening')
  return { url: `http://127.0.0.1:${port}/mcp`, close: () => void proxy.close() }
}

it('the official conformance tests pass through the gate, as far as the server has what they ask for', async () => {
  const agent = startAgent('2.x')
  const { access } = await allowAgent(agent, 'MCP client 2.x')
  const proxy = await openTokenProxy(String(access))
  const program = installed('@modelcontextprotocol/conformance/dist/index.js')
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-mcp-'))
  for (const scenario of ['server-initialize', 'ping', 'tools-list']) {
    const args = [program, 'server', '--url', proxy.url, '--scenario', scenario]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: directory })
    expect(stdout).toContain('Passed: 1/1, 0 failed, 0 warnings')
  }
  proxy.close()
  await rm(directory, { recursive: true })
})

it('no token is in a log, and the audit has what happened', () => {
  const kinds = new Set(gate.audit().map(({ audit }) => audit))
  expect([...kinds]).toEqual(expect.arrayContaining(['login', 'grant-made']))
  // Their number only: what this prints is a log, too.
  expect(leaks().length).toBe(0)
})
