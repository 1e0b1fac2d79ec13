/** A site in plain Node, as many are written: it decodes the path, joins it to a folder, and reads. */
import { appendFileSync, createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const { PORT, DOCROOT, LOG } = process.env

createServer((request, response) => {
  appendFileSync(LOG, `${request.method} ${request.url} HTTP/${request.httpVersion}\n`)
  const { host = '' } = request.headers
  if (host.startsWith('internal.')) return void response.end('INTERNAL')
  let path
  try {
    path = decodeURIComponent((request.url ?? '').replace(/^https?:\/\/[^/]*/, '').split('?')[0])
    path = path.replaceAll('\\', '/').replaceAll(/;[^/]*/g, '')
  } catch {
    return void response.writeHead(400).end('not a path')
  }
  if (/^\/+(public|guarded)\/+echo$/.test(join('/', path))) return echo(request, response)
  // Express and Fastify (`caseSensitive: false`) compare paths without case.
  if (/^\/guarded\/handler/i.test(join('/', path))) return void response.end('GUARDED handler')
  try {
    const file = join(DOCROOT, path)
    if (!file.startsWith(`${DOCROOT}/`) || !statSync(file).isFile()) throw new Error('no file')
    createReadStream(file).pipe(response)
  } catch {
    response.writeHead(404).end('nothing here')
  }
}).listen(Number(PORT), '127.0.0.1')

function echo(request, response) {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const saw = {}
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      // As CGI names them.
      const name = `HTTP_${request.rawHeaders[i].toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
      saw[name] = [...(name in saw ? [saw[name]] : []), request.rawHeaders[i + 1]].join(', ')
    }
    const { method, url, trailers } = request
    const body = Buffer.concat(chunks).toString('latin1')
    const all = { ...saw, TRAILERS: JSON.stringify(trailers) }
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ method, url, saw: all, body }))
  })
}
