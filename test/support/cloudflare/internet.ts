/**
 * The internet, for a command that asks deployed gates: a proxy at which each https host of the
 * account answers. A host that no Worker has is a connection that ends.
 */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createSelfSigned } from '../../cli/self-signed.ts'
import { workerAt } from './account.ts'
import type { Cloudflare } from './api.ts'

export interface Internet {
  /** For a command: it goes by the proxy, and trusts the certificate of the host. */
  readonly env: Readonly<Record<string, string>>
  /** Hosts that something else answers, with 200 and a page. */
  readonly elsewhere: Set<string>
  readonly stop: () => Promise<void>
}

/** @param host the name in the certificate of all hosts. */
export async function startInternet(
  { account, runtime }: Cloudflare,
  { host, folder }: { readonly host: string; readonly folder: string },
): Promise<Internet> {
  const elsewhere = new Set<string>()
  const pair = await createSelfSigned(host)
  const authority = join(folder, 'authority.pem')
  await writeFile(authority, pair.cert)

  const site = https.createServer(pair, (request, response) => {
    const name = request.headers.host ?? ''
    if (elsewhere.has(name)) {
      response.end('the site itself')
      return
    }
    const worker = workerAt(account, name)
    if (!worker) {
      response.destroy()
      return
    }
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([key, value]) =>
        typeof value === 'string' && key !== 'connection' ? [[key, value]] : [],
      ),
    )
    const visit = { method: request.method ?? 'GET', headers }
    runtime.visit(worker.name, `https://${name}${request.url}`, visit).then(
      async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers))
        response.end(Buffer.from(await answer.arrayBuffer()))
      },
      () => response.destroy(),
    )
  })
  site.listen(0, '127.0.0.1')
  await once(site, 'listening')
  const { port } = site.address() as AddressInfo

  const proxy = http.createServer()
  proxy.on('connect', (_request, socket) => {
    const inner = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      inner.pipe(socket).pipe(inner)
    })
    inner.on('error', () => socket.destroy())
    socket.on('error', () => inner.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port: proxied } = proxy.address() as AddressInfo
  return {
    env: {
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: `http://127.0.0.1:${proxied}`,
      NO_PROXY: '127.0.0.1,localhost',
      NODE_EXTRA_CA_CERTS: authority,
    },
    elsewhere,
    stop: async () => {
      site.closeAllConnections()
      proxy.closeAllConnections()
      await Promise.all([site, proxy].map((each) => new Promise((done) => each.close(done))))
    },
  }
}
