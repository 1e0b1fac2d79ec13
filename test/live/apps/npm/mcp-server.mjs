/**
 * An MCP server without a line about authentication: `node mcp-server.mjs <port>`. Its tool says who
 * asks, as the gate tells it. `/stream` is a stream of events that does not end.
 */
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'

const handler = createMcpHandler(({ requestInfo }) => {
  const server = new McpServer({ name: 'who', version: '1.0.0' })
  const told = (name) => requestInfo?.headers.get(name) ?? 'absent'
  server.registerTool('whoami', { description: 'Says who asks.' }, async () => ({
    content: [
      {
        type: 'text',
        text: JSON.stringify({
          user: told('x-forwarded-preferred-username'),
          via: told('x-gatehouse-via'),
          authorization: told('authorization'),
        }),
      },
    ],
  }))
  return server
})

createServer(async (incoming, outgoing) => {
  if (incoming.url === '/stream') {
    outgoing.writeHead(200, { 'Content-Type': 'text/event-stream' })
    const timer = setInterval(() => outgoing.write('data: tick\n\n'), 100)
    outgoing.on('close', () => clearInterval(timer))
    return
  }
  const { method = 'GET', headers, url = '/' } = incoming
  const body = method === 'GET' || method === 'HEAD' ? null : Readable.toWeb(incoming)
  const request = new Request(`http://${headers.host}${url}`, {
    method,
    headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
    body,
    duplex: 'half',
  })
  const response = await handler.fetch(request)
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body) Readable.fromWeb(response.body).pipe(outgoing)
  else outgoing.end()
}).listen(Number(process.argv[2]), '127.0.0.1')
