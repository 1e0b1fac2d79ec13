/** A site of programs: repositories of git, a registry of Docker, one of npm, and an index of pip. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'

export interface ProgramsOrigin {
  readonly url: string
  /** The headers of each request, as one text. */
  readonly received: readonly string[]
  readonly close: () => void
}

/** @param directory has `repo.git`, `hello-gate-1.0.0.tgz` and the wheel. */
export async function startProgramsOrigin(
  directory: string,
  registryPort: number,
): Promise<ProgramsOrigin> {
  const received: string[] = []
  const server = createServer((request, response) => {
    const { url = '/', headers } = request
    received.push(JSON.stringify(request.rawHeaders))
    const site = `http://${String(headers['x-forwarded-host'])}`
    const file = (name: string) => void response.end(readFileSync(join(directory, name)))
    if (url.startsWith('/git/')) runGit(directory, request, response)
    else if (url.startsWith('/v2/')) passOn(registryPort, request, response)
    else if (url === '/hello-gate') response.end(JSON.stringify(packageAt(site)))
    else if (url.endsWith('.tgz')) file('hello-gate-1.0.0.tgz')
    else if (url.endsWith('.whl')) file(WHEEL)
    else if (url === '/simple/hello-gate/') {
      response.setHeader('Content-Type', 'text/html')
      response.end(`<!DOCTYPE html><a href="/simple/${WHEEL}">${WHEEL}</a>`)
    } else response.end('hello')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, received, close: () => void server.close() }
}

export const WHEEL = 'hello_gate-1.0-py3-none-any.whl'

const packageAt = (site: string) => ({
  name: 'hello-gate',
  'dist-tags': { latest: '1.0.0' },
  versions: {
    '1.0.0': {
      name: 'hello-gate',
      version: '1.0.0',
      dist: { tarball: `${site}/hello-gate/-/hello-gate-1.0.0.tgz` },
    },
  },
})

/** CGI, as git-http-backend(1) has it. */
function runGit(directory: string, request: IncomingMessage, response: ServerResponse): void {
  const { url = '', method, headers } = request
  const [path = '', query = ''] = url.slice('/git'.length).split('?')
  const cgi = spawn('git', ['http-backend'], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: method,
      CONTENT_TYPE: headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
      REMOTE_USER: 'somebody',
    },
  })
  request.pipe(cgi.stdin)
  const parts: Uint8Array[] = []
  cgi.stdout.on('data', (part: Uint8Array) => void parts.push(part))
  cgi.on('close', () => {
    const all = Buffer.concat(parts)
    const end = all.indexOf('\r\n\r\n')
    for (const line of all.subarray(0, end).toString().split('\r\n')) {
      const [, name = '', value = ''] = /^([^:]+): (.*)$/.exec(line) ?? []
      if (name === 'Status') response.statusCode = parseInt(value, 10)
      else if (name !== '') response.setHeader(name, value)
    }
    response.end(all.subarray(end + 4))
  })
}

function passOn(port: number, request: IncomingMessage, response: ServerResponse): void {
  const { url: path, method, headers } = request
  const asked = ask({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  asked.on('error', () => response.writeHead(502).end())
  request.pipe(asked)
}
