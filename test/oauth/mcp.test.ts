/** What an MCP client does, step by step as the authorization of MCP says, by a client that nobody here wrote. */
import { env } from 'cloudflare:workers'
import * as oauth from 'oauth4webapi'
import { beforeEach, describe, expect, it } from 'vitest'
import { A, at } from '../login/person.ts'
import {
  begin,
  configOf,
  createStage,
  emptyAll,
  kept,
  lastSeen,
  LOCAL,
  personOf,
  press,
  through,
} from './stage.ts'

beforeEach(emptyAll)

const MCP = `${A}/mcp`
const call = (headers: Readonly<Record<string, string>>) =>
  new Request(MCP, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  })

it('an agent that knows the address of the MCP server only gets there as its person, until the person leaves', async () => {
  const stage = await createStage(configOf({ registration: 'loopback' }))
  const first = await stage.send(call({}))
  expect(first.status).toBe(401)
  expect(first.headers.get('WWW-Authenticate')).toContain(
    `resource_metadata="${A}/.well-known/oauth-protected-resource/mcp"`,
  )

  const resource = await oauth.processResourceDiscoveryResponse(
    new URL(MCP),
    await oauth.resourceDiscoveryRequest(new URL(MCP), through(stage)),
  )
  const issuer = new URL(resource.authorization_servers?.[0] ?? '')
  const server = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...through(stage) }),
  )
  const registered = await oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(
      server,
      {
        client_name: 'An agent',
        redirect_uris: ['http://127.0.0.1/cb'],
        token_endpoint_auth_method: 'none',
      },
      through(stage),
    ),
  )
  const client = { client_id: registered.client_id }
  const begun = await begin(stage, client, { redirect_uri: LOCAL, resource: MCP })
  const zoe = personOf(stage)
  await press(zoe, await (await zoe.open(begun.url.href)).text(), 'allow')
  const params = oauth.validateAuthResponse(server, client, lastSeen(zoe), begun.state)
  const { access, refresh } = kept(
    await oauth.processAuthorizationCodeResponse(
      server,
      client,
      await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        params,
        LOCAL,
        begun.verifier,
        { ...through(stage), additionalParameters: { resource: MCP } },
      ),
    ),
  )
  const renewed = kept(
    await oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refresh, through(stage)),
    ),
  )
  for (const token of [access, renewed.access]) {
    expect((await stage.send(call({ Authorization: `Bearer ${token}` }))).status).toBe(200)
    expect(stage.origin.at(-1)?.url).toContain('/mcp')
    expect(stage.origin.at(-1)?.headers.get('X-Forwarded-Email')).toBe('zoe@example.test')
    expect(stage.origin.at(-1)?.headers.has('Authorization')).toBe(false)
  }

  await env.DB.exec('UPDATE users SET active = 0')
  at(15)
  const reached = stage.origin.length
  for (const token of [access, renewed.access]) {
    const refused = await stage.send(call({ Authorization: `Bearer ${token}` }))
    expect(refused.status).toBe(401)
    expect(refused.headers.get('WWW-Authenticate')).toContain('error="invalid_token"')
  }
  expect(stage.origin).toHaveLength(reached)
  await expect(
    oauth
      .refreshTokenGrantRequest(server, client, oauth.None(), renewed.refresh, through(stage))
      .then((response) => oauth.processRefreshTokenResponse(server, client, response)),
  ).rejects.toMatchObject({ error: 'invalid_grant' })
})

describe('an agent in a browser', () => {
  const INSPECTOR = 'https://inspector.example'
  const preflight = (origin: string) =>
    new Request(MCP, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type,mcp-protocol-version',
      },
    })

  it('of corsOrigins may send requests and read where tokens are to be had, and no other may', async () => {
    const stage = await createStage(configOf({}, { [A]: { corsOrigins: [INSPECTOR] } }))
    const asked = await stage.send(preflight(INSPECTOR))
    expect([asked.status, asked.headers.get('Access-Control-Allow-Origin')]).toEqual([
      204,
      INSPECTOR,
    ])
    expect(asked.headers.get('Access-Control-Allow-Headers')).toContain('authorization')
    const refused = await stage.send(call({ Origin: INSPECTOR, 'Sec-Fetch-Site': 'cross-site' }))
    expect(refused.status).toBe(401)
    expect(refused.headers.get('Access-Control-Allow-Origin')).toBe(INSPECTOR)
    expect(refused.headers.get('Access-Control-Expose-Headers')).toContain('WWW-Authenticate')
    expect(refused.headers.get('WWW-Authenticate')).toMatch(/^Bearer resource_metadata=/)

    const other = await stage.send(preflight('https://evil.example'))
    expect([other.status, other.headers.get('Access-Control-Allow-Origin')]).toEqual([403, null])
  })
})
