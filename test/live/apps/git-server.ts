/** git over HTTP as Debian's git serves it: git-http-backend(1), for the repositories of a folder. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

export interface GitServer {
  /** How requests came that reached it. */
  readonly received: readonly { readonly url: string; readonly authorization: string | null }[]
  readonly close: () => void
}

export function serveGit(folder: string, port: number): GitServer {
  const received: { url: string; authorization: string | null }[] = []
  const server = createServer((request, response) => {
    const { url = '/', method = 'GET', headers } = request
    received.push({ url, authorization: headers.authorization ?? null })
    if (url.startsWith('/echo')) {
      void text(request).then((body) => response.end(JSON.stringify({ body, headers })))
      return
    }
    const [path = '/', query = ''] = url.split('?')
    const child = spawn('git', ['http-backend'], {
      env: {
        ...process.env,
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: path,
        QUERY_STRING: query,
        REQUEST_METHOD: method,
        REMOTE_USER: String(headers['x-forwarded-user'] ?? ''),
        CONTENT_TYPE: headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
        ...(headers['content-length'] ? { CONTENT_LENGTH: headers['content-length'] } : {}),
      },
    })
    request.pipe(child.stdin)
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('close', () => {
      const all = Buffer.concat(chunks)
      const end = all.indexOf('\r\n\r\n')
      const head: string = all.toString('latin1', 0, end)
      const pairs = head.split('\r\n').map((line) => line.split(': '))
      const status = pairs.find(([name]) => name === 'Status')?.[1]?.slice(0, 3) ?? '200'
      for (const [name = '', value = ''] of pairs) {
        if (name !== '' && name !== 'Status') response.setHeader(name, value)
      }
      response.writeHead(Number(status)).end(all.subarray(end + 4))
    })
  }).listen(port, '127.0.0.1')
  return { received, close: () => void server.close() }
}
