/** `origin` of a site in the config. */
import * as v from 'valibot'
import { options, text } from '../lib/options.ts'
import { bareUrl, PLAIN_SEGMENTS, seconds } from './config-values.ts'
import type { Origin, OriginByLabel, OriginHeader, OriginTerms } from './site.ts'

type HeaderValue = string | { secret: string }
interface Terms {
  headers?: Record<string, HeaderValue>
  timeoutSeconds?: number
}
export type OriginConfig =
  | string
  | ((label: string) => string | null)
  | ({ service: string } & Terms)
  | ({ url: string | ((label: string) => string | null); path?: string } & Terms)

/** Less than Cloudflare waits. */
const MOST_SECONDS = 100

/** Names that would break the request itself, or lie to the origin about the visitor. */
const isForbidden = (name: string): boolean =>
  /^(host|cookie|connection|upgrade|te|trailer|expect|forwarded|via|content-.*|transfer-encoding|proxy-.*|sec-.*|if-.*|range|x-(forwarded|real|gatehouse|auth-request|authentik)-.*|remote-.*|cf-(?!access-client-(id|secret)$).*)$/i.test(
    name,
  )

const headerName = v.pipe(
  v.string(),
  v.check(
    (name) => /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name) && !isForbidden(name),
    'is not a header that you can add: it belongs to the request itself, or tells the origin about the visitor',
  ),
)
const headerValue = v.lazy((input) =>
  typeof input === 'object'
    ? options({ secret: v.pipe(text, v.regex(/^\w+$/, 'must be the name of a secret')) })
    : v.pipe(
        v.string("must be text, or { secret: 'NAME' }"),
        v.regex(
          /^[\x21-\x7e]([\x20-\x7e]{0,4000}[\x21-\x7e])?$/,
          'must be visible ASCII characters',
        ),
      ),
) as v.GenericSchema<HeaderValue>
const terms = {
  headers: v.optional(v.record(headerName, headerValue), {}),
  timeoutSeconds: v.optional(seconds(1, MOST_SECONDS)),
}
const byLabel = v.function('must be a function of the label')
const originPath = v.pipe(text, v.regex(/^(\/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])+$/, PLAIN_SEGMENTS))

const problem =
  "must be a URL such as https://origin.example.com, { url } or { service: 'BINDING' }"
export const originSchema = v.lazy((input) => {
  if (typeof input === 'string') return bareUrl
  if (typeof input === 'function') return byLabel
  if (typeof input !== 'object' || input === null) return v.custom<never>(() => false, problem)
  if ('service' in input) return options({ service: text, ...terms })
  const url = v.lazy((value) => (typeof value === 'function' ? byLabel : bareUrl))
  return options({ url, path: v.optional(originPath), ...terms })
}) as v.GenericSchema<OriginConfig>

export function toOrigin(origin: OriginConfig, host: 'origin' | 'public'): Origin | OriginByLabel {
  if (typeof origin === 'object' && 'service' in origin) {
    return { kind: 'service', binding: origin.service }
  }
  const url = typeof origin === 'object' ? origin.url : origin
  return typeof url === 'string'
    ? { kind: 'url', url: new URL(url).origin, host }
    : { kind: 'by-label', url, host }
}

export function toOriginTerms(origin: OriginConfig): OriginTerms {
  const said: Terms & { readonly path?: string } = typeof origin === 'object' ? origin : {}
  const { headers = {}, timeoutSeconds = null } = said
  return {
    path: said.path ?? '',
    headers: Object.entries(headers).map(([name, value]): OriginHeader =>
      typeof value === 'string' ? { name, text: value } : { name, secret: value.secret },
    ),
    timeoutSeconds,
  }
}
