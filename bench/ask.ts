/** One request over a socket of its own, nothing followed, with any header. */
import http from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export async function ask(port: number, path: string, asking: Asking): Promise<Answer> {
  const { method, headers, body } = asking
  const options = { host: '127.0.0.1', port, path, method: method ?? 'GET', agent: false }
  const request = http.request({ ...options, headers: { ...headers } })
  request.end(body)
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject)
  })
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const text = String(Buffer.concat(chunks))
  return { status: response.statusCode ?? 0, headers: response.headers, text }
}

/** An attribute of the AuthnRequest in an address that leads to an IdP. */
export async function fieldOf(location: string, name: string): Promise<string> {
  const bytes = Buffer.from(new URL(location).searchParams.get('SAMLRequest') ?? '', 'base64')
  const xml = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const found = new RegExp(`\\b${name}="([^"]*)"`).exec(await new Response(xml).text())?.[1]
  if (found === undefined) throw new Error(`the request has no ${name}`)
  return found
}
