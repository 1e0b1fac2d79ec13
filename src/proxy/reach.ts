/**
 * What a request reaches: the path in its URL, and the other resources that its headers and its
 * method name. The policy of each one's route applies, and the request must satisfy all of them.
 */
import { plainName, type HeaderPair } from '../identity/profiles.ts'
import { allOf, settle } from '../policy/combine.ts'
import type { SettledPolicy } from '../policy/policy.ts'
import { matchRoute, routesWithin } from '../site/match.ts'
import { originUrl, type Route, type Site } from '../site/site.ts'
import { isReading, isUpgrade } from './request-kind.ts'

export type Reach =
  | {
      readonly kind: 'judged'
      /** The route of the path in the URL. */
      readonly route: Route
      /** The policies of everything that the request reaches, combined: all must allow it. */
      readonly policy: SettledPolicy
      /** In upper case: every method that the origin may read in the request, or that it amounts to. */
      readonly methods: readonly string[]
      /**
       * The headers that name resources, rewritten for the origin. No other such header is sent to
       * it.
       */
      readonly headers: readonly HeaderPair[]
    }
  | { readonly kind: 'no-route' | 'ambiguous' }
  | { readonly kind: 'unreadable' | 'foreign'; readonly header: 'Destination' | 'If' }

export function readReach(request: Request, site: Site, pathname: string): Reach {
  const match = matchRoute(site, pathname)
  if (match.kind !== 'route') return match
  const { route } = match
  // A GET or HEAD reads one resource. Headers that name others are not sent on.
  if (isReading(request)) {
    // A client that opens a WebSocket may send as well as read.
    const methods = isUpgrade(request) ? [request.method, 'WEBSOCKET'] : [request.method]
    return { kind: 'judged', route, policy: settle(route.policy, methods), methods, headers: [] }
  }
  const named = readNamed(request.headers, site)
  if (named.kind !== 'named') return named
  const own = methodsOf(request)
  const methods = [...own, ...named.methods]
  // RFC 5323 §5.4: the body of a SEARCH says where to look, and the gate does not read it, so every
  // route counts.
  const routes = own.includes('SEARCH') ? [...site.routes] : [...named.routes]
  if (isDeep(own, request.headers)) routes.push(...routesWithin(site, pathname))
  for (const { target, isTree } of named.targets) {
    const other = matchRoute(site, target.pathname)
    if (other.kind !== 'route') return other
    routes.push(other.route, ...(isTree ? routesWithin(site, target.pathname) : []))
  }
  const policies = [...new Set([route, ...routes])].map((it) => settle(it.policy, methods))
  return { kind: 'judged', route, policy: allOf(policies), methods, headers: named.headers }
}

/** Whether a header names a resource or a method. It is sent on only as `readReach` says. */
export const namesResource = (plain: string): boolean =>
  plain === 'destination' || plain === 'if' || unmapped.test(plain) || methodOverride.test(plain)

/**
 * Headers by which object stores name other objects (`X-Copy-From`, `x-amz-copy-source`,
 * `x-ms-rename-source` and similar). Only the store knows which path of the site such an object
 * has, so every route counts.
 */
const unmapped =
  /^(x-([a-z0-9]+-)?)?(copy|move|rename|append|symlink)-(source|from|target)(-|$)|^x-object-manifest$|^x-destination$|^destination-account$|^upload-concat$/
const methodOverride = /^(x-)?(http-)?(method|verb)-?override$|^x-(http-)?(method|verb)$/

interface Target {
  readonly target: URL
  /** The request replaces the resource and everything below it. */
  readonly isTree: boolean
}

type Named =
  | {
      readonly kind: 'named'
      readonly targets: readonly Target[]
      readonly routes: readonly Route[]
      /**
       * What the request amounts to, beside its own method. A policy is judged with one list of
       * methods, so these count for the path in the URL as well.
       */
      readonly methods: readonly string[]
      readonly headers: readonly HeaderPair[]
    }
  | Extract<Reach, { header: string }>

function readNamed(headers: Headers, site: Site): Named {
  const targets: Target[] = []
  const routes: Route[] = []
  const methods: string[] = []
  const passed: HeaderPair[] = []

  const destination = headers.get('Destination')
  if (destination !== null) {
    const target = readReference(destination, site)
    if (typeof target === 'string') return { kind: target, header: 'Destination' }
    // RFC 4918 §9.8.4, §9.9.3: the server first deletes what is there, with everything below it.
    targets.push({ target, isTree: true })
    methods.push('PUT', 'DELETE')
    passed.push(['Destination', toOriginUrl(target, site)])
  }

  const conditions = headers.get('If')
  if (conditions !== null) {
    const parts = readConditions(conditions)
    if (!parts) return { kind: 'unreadable', header: 'If' }
    const written: string[] = []
    for (const { tag, list } of parts) {
      const target = tag === undefined ? null : readReference(tag, site)
      if (typeof target === 'string') return { kind: target, header: 'If' }
      if (target) targets.push({ target, isTree: false })
      written.push(target ? `<${toOriginUrl(target, site)}>` : (list ?? ''))
    }
    passed.push(['If', written.join(' ')])
  }

  for (const [name, value] of headers) {
    if (!/copy|move|rename|append|symlink|manifest|destination|concat|method|verb/.test(name))
      continue
    const plain = plainName(name)
    const isUnmapped = unmapped.test(plain)
    if (!isUnmapped && !methodOverride.test(plain)) continue
    passed.push([name, value])
    // In the tus protocol, `final` names the uploads to join, and `partial` names nothing.
    const isPart = plain === 'upload-concat' && value === 'partial'
    // The object is read, and a rule may let people write where they may not read.
    if (isUnmapped && !isPart) {
      routes.push(...site.routes)
      methods.push('GET')
    }
  }
  return { kind: 'named', targets, routes, methods, headers: passed }
}

/** RFC 4918 §8.3: an absolute URI of this server, or an absolute path. */
function readReference(text: string, site: Site): URL | 'unreadable' | 'foreign' {
  if (!/^(https?:\/\/|\/)/i.test(text) || !URL.canParse(text, site.url)) return 'unreadable'
  const url = new URL(text, site.url)
  if (url.username !== '' || url.password !== '') return 'unreadable'
  return url.host === site.authority ? url : 'foreign'
}

const toOriginUrl = ({ pathname, search }: URL, site: Site): string =>
  originUrl(site) + pathname + search

interface Condition {
  readonly tag: string | undefined
  readonly list: string | undefined
}

const MAX_CONDITIONS = 100
/** The same limit as for one path with several readings, because each tag is such a path. */
const MAX_CONDITIONS_LENGTH = 4096

/** RFC 4918 §10.4.2: resource tags `<…>` and lists `(…)`, which have state tokens in `<…>` too. */
function readConditions(text: string): readonly Condition[] | null {
  if (text.length > MAX_CONDITIONS_LENGTH) return null
  const conditions: Condition[] = []
  const part = /\s*(?:<([^<>]*)>|(\((?:[^()<>[\]]|<[^<>]*>|\[(?:W\/)?"[^"]*"\])*\)))\s*/y
  while (part.lastIndex < text.length) {
    const found = part.exec(text)
    if (!found || conditions.length === MAX_CONDITIONS) return null
    conditions.push({ tag: found[1], list: found[2] })
  }
  return conditions
}

/**
 * The method, and every method that an override header names. If one header names several, software
 * takes the first (`method-override` of Express), the last or none, so each word counts.
 */
function methodsOf({ method, headers }: Request): readonly string[] {
  const methods = [method.toUpperCase()]
  for (const [name, value] of headers) {
    if (/method|verb/.test(name) && methodOverride.test(plainName(name))) {
      methods.push(...(value.toUpperCase().match(/[A-Z]+/g) ?? []))
    }
  }
  return methods
}

/**
 * Whether one of the methods acts on everything in the collection at its path (RFC 4918 §9, §10.2).
 */
function isDeep(methods: readonly string[], headers: Headers): boolean {
  const depth = headers.get('Depth')
  return methods.some((it) => {
    switch (it) {
      case 'DELETE':
      case 'MOVE':
      // A REPORT may state its depth in the body (RFC 6578 §6.3): the Depth header is 0 then.
      case 'REPORT':
        return true
      case 'COPY':
      case 'LOCK':
        return depth !== '0'
      case 'PROPFIND':
        return depth !== '0' && depth !== '1'
      default:
        return depth !== null && depth !== '0'
    }
  })
}
