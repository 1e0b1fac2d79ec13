/** Goes through the gate like a browser: over real sockets, with cookies for each host. */
import { signedResponse } from '../signing/saml-signer.ts'
import { keepAnswerSecret, keepSecret, said } from './evidence.ts'
import { ask, type Asking, type Stage } from './stage.ts'

export interface Visitor {
  /** The Cookie header after sign-in. */
  readonly cookie: string
  readonly landedAt: string
}

const navigation = {
  Accept: 'text/html',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
}

/** @param host of the site. Another host than the login host is reached by way of that one. */
export async function signIn(
  stage: { readonly idp: Stage['idp']; readonly ports: readonly [number, ...number[]] },
  path: string,
  attributes: Readonly<Record<string, readonly string[]>> = {},
  host = LOGIN_HOST,
): Promise<Visitor> {
  const jars = new Map<string, Map<string, string>>()
  const go = async (to: string, asking: Partial<Asking> = {}, body?: string) => {
    const url = new URL(to, `http://${host}`)
    const jar = jars.get(url.host) ?? new Map<string, string>()
    jars.set(url.host, jar)
    const Cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...navigation, ...(Cookie ? { Cookie } : {}), ...asking.headers }
    const target = url.pathname + url.search
    const answer = await ask(
      target,
      { port: stage.ports[0], host: url.host, ...asking, headers },
      body,
    )
    for (const header of answer.headers['set-cookie'] ?? []) {
      const pair = header.split(';')[0] ?? ''
      const at = pair.indexOf('=')
      const value = pair.slice(at + 1)
      jar.set(pair.slice(0, at), value)
      keepSecret(value)
    }
    said.push(answer.text)
    return answer
  }
  const toLogin = (await go(path)).headers.location ?? ''
  const next = (await go(onwardIn((await go(toLogin)).text))).headers.location ?? ''
  const isThere = host === LOGIN_HOST
  const toIdp = isThere ? next : ((await go(next)).headers.location ?? '')

  const base = `http://${LOGIN_HOST}/.gatehouse/saml/okta`
  const SAMLResponse = await signedResponse(stage.idp, {
    spEntityId: `${base}/metadata`,
    acsUrl: `${base}/acs`,
    inResponseTo: await requestIdIn(toIdp),
    now: new Date(),
    assertionId: `_${crypto.randomUUID()}`,
    attributes,
  })
  keepAnswerSecret(SAMLResponse)
  const RelayState = new URL(toIdp).searchParams.get('RelayState') ?? ''
  const answered = await go(
    `${base}/acs`,
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    },
    new URLSearchParams({ SAMLResponse, RelayState }).toString(),
  )
  const passedOn = isThere ? answered : await go(onwardIn(answered.text))
  const answer = isThere ? answered : await go(passedOn.headers.location ?? '')
  const session = jars.get(host)?.get('__Host-gatehouse')
  if (!session) throw new Error(`no session: ${answer.status} ${answer.text}`)
  return { cookie: `__Host-gatehouse=${session}`, landedAt: answer.headers.location ?? '' }
}

/** The address that a page of ours leads on to. */
const onwardIn = (page: string): string =>
  /id="onward" href="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''

const LOGIN_HOST = 'app.localhost'

/** The ID of the AuthnRequest in a redirect to an IdP (Bindings §3.4). */
export async function requestIdIn(location: string): Promise<string> {
  const request = Buffer.from(new URL(location).searchParams.get('SAMLRequest') ?? '', 'base64')
  const inflated = new Blob([request]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const id = /\bID="([^"]*)"/.exec(await new Response(inflated).text())?.[1]
  if (id === undefined) throw new Error('the request has no ID')
  return id
}
