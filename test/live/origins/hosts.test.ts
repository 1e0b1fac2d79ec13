/**
 * Names of hosts and start lines that two programs may read differently: does one of them have a web
 * server of Debian give a page of another host, or a guarded one?
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { echoOf } from './echo.ts'
import { GUARDED, INTERNAL, names } from './servers.ts'
import { openOrigins, type Origins } from './stage.ts'
import { send, statuses } from './wire.ts'

let origins: Origins
beforeAll(async () => {
  origins = await openOrigins()
})
afterAll(() => origins?.stop())

const OTHER = 'internal.localhost'

/** Lines that name the host, made of the site's own. */
const hosts: Readonly<Record<string, (own: string) => string>> = {
  plain: (own) => `Host: ${own}`,
  'of another': () => `Host: ${OTHER}`,
  'with its port': (own) => `Host: ${own}:80`,
  'with another port': (own) => `Host: ${own}:81`,
  'with a port that there is not': (own) => `Host: ${own}:65616`,
  'with a port that is a name': (own) => `Host: ${own}:${OTHER}`,
  'with a dot after': (own) => `Host: ${own}.`,
  'in upper case': (own) => `Host: ${own.toUpperCase()}`,
  'as a user of another': (own) => `Host: ${own}@${OTHER}`,
  'with another as its user': (own) => `Host: ${OTHER}@${own}`,
  'with another as its user and a port': (own) => `Host: ${OTHER}:80@${own}`,
  'with a path': (own) => `Host: ${own}/../${OTHER}`,
  'with a query': (own) => `Host: ${own}?${OTHER}`,
  'with a fragment': (own) => `Host: ${OTHER}#${own}`,
  'with a backslash': (own) => `Host: ${OTHER}\\${own}`,
  'with a comma': (own) => `Host: ${own}, ${OTHER}`,
  'with a blank': (own) => `Host: ${own} ${OTHER}`,
  'with a tab': (own) => `Host: ${own}\t${OTHER}`,
  'with a NUL': (own) => `Host: ${OTHER}\0${own}`,
  encoded: (own) => `Host: ${own.replace('open', '%6fpen')}`,
  'in full-width letters': (own) => `Host: ${own.replace('open', '\xef\xbd\x8fpen')}`,
  'that is empty': () => 'Host:',
  'that is not there': () => 'X-Nothing: x',
  'of IPv6': () => 'Host: [::1]',
  'of IPv4 in one number': () => 'Host: 2130706433',
  twice: (own) => `Host: ${own}\r\nHost: ${own}`,
  'and that of another': (own) => `Host: ${own}\r\nHost: ${OTHER}`,
  'after that of another': (own) => `Host: ${OTHER}\r\nHost: ${own}`,
  'and another after a blank': (own) => `Host: ${own}\r\n Host: ${OTHER}`,
  'and another with a blank before its colon': (own) => `Host: ${own}\r\nHost : ${OTHER}`,
  'and another after LF': (own) => `Host: ${own}\nHost: ${OTHER}`,
  'and another after CR': (own) => `Host: ${own}\rHost: ${OTHER}`,
  'and another after a NUL': (own) => `Host: ${own}\0\r\nHost\0: ${OTHER}`,
  folded: (own) => `Host:\r\n ${own}`,
  ...Object.fromEntries(
    [
      'X-Forwarded-Host',
      'X-Forwarded-Server',
      'X-Host',
      'X-Original-Host',
      'X-HTTP-Host-Override',
      'X_Forwarded_Host',
      'Forwarded',
      '_Host',
      'Host_',
      ':authority',
    ].map((name): [string, (own: string) => string] => [
      `and ${name}`,
      (own) => `Host: ${own}\r\n${name}: ${name === 'Forwarded' ? `host=${OTHER}` : OTHER}`,
    ]),
  ),
}

/** Start lines for a path. `own` is the host of the site. */
const starts: Readonly<Record<string, (path: string, own: string) => string>> = {
  plain: (path) => `GET ${path} HTTP/1.1`,
  'HTTP/1.0': (path) => `GET ${path} HTTP/1.0`,
  'HTTP/1.2': (path) => `GET ${path} HTTP/1.2`,
  'HTTP/2.0': (path) => `GET ${path} HTTP/2.0`,
  'no version': (path) => `GET ${path}`,
  'two blanks': (path) => `GET  ${path}  HTTP/1.1`,
  tabs: (path) => `GET\t${path}\tHTTP/1.1`,
  'empty lines before': (path) => `\r\n\r\nGET ${path} HTTP/1.1`,
  absolute: (path, own) => `GET http://${own}${path} HTTP/1.1`,
  'absolute, of another': (path) => `GET http://${OTHER}${path} HTTP/1.1`,
  'absolute, of a user': (path, own) => `GET http://${OTHER}@${own}${path} HTTP/1.1`,
  'absolute, https': (path, own) => `GET https://${own}${path} HTTP/1.1`,
  'absolute, without a scheme': (path, own) => `GET //${own}${path} HTTP/1.1`,
  'of another after an @': (path) => `GET @${OTHER}${path} HTTP/1.1`,
  'of another after a colon': (path) => `GET :80@${OTHER}${path} HTTP/1.1`,
  'no slash': (path) => `GET ${path.slice(1)} HTTP/1.1`,
  'a NUL after': (path) => `GET ${path}\0 HTTP/1.1`,
  'a NUL before': (path) => `GET \0${path} HTTP/1.1`,
  'a tab inside': (path) => `GET ${path.replace('g', '\tg')} HTTP/1.1`,
  'a CR inside': (path) => `GET ${path.replace('g', '\rg')} HTTP/1.1`,
  'a blank and a version inside': (path) => `GET /public/page.txt HTTP/1.1 ${path} HTTP/1.1`,
  'bytes that are not UTF-8': (path) => `GET ${path.replace('g', '\xffg')} HTTP/1.1`,
  'an accent in two ways': (path) => `GET ${path.replace('g', 'g\xcc\x81')} HTTP/1.1`,
  'letters of full width': (path) => `GET ${path.replace('g', '\xef\xbd\x87')} HTTP/1.1`,
  'a fragment': (path) => `GET /public/page.txt#/..${path} HTTP/1.1`,
  'dots in plain': (path) => `GET /public/..${path} HTTP/1.1`,
  'dots and a tab': (path) => `GET /public/.\t.${path} HTTP/1.1`,
  ...Object.fromEntries(
    [
      'get',
      'HEAD',
      'POST',
      'PUT',
      'DELETE',
      'OPTIONS',
      'TRACE',
      'CONNECT',
      'PATCH',
      'PROPFIND',
      'QUERY',
      'PURGE',
      'DEBUG',
      'GET\0',
      'G\xc9T',
      'XGET',
    ].map((method): [string, (path: string) => string] => [
      `by ${method}`,
      (path) => `${method} ${path} HTTP/1.1`,
    ]),
  ),
}

/** Lines that may change what a request asks for. */
const more: readonly string[] = [
  'Range: bytes=0-3',
  'Range: bytes=0-1,2-3,4-5',
  'If-Range: "x"\r\nRange: bytes=0-3',
  'X-HTTP-Method-Override: GET',
  'X-HTTP-Method: PUT',
  'X-Original-URL: /guarded/page.txt',
  'X-Rewrite-URL: /guarded/page.txt',
  'X-Forwarded-Path: /guarded/page.txt',
  'X-Forwarded-Prefix: /guarded',
  'Script_Name: /guarded',
  'SCRIPT-NAME: /guarded',
  'Script-Name: /guarded',
  'Path_Info: /guarded/page.txt',
  'X-Accel-Redirect: /guarded/page.txt',
  'X-Sendfile: guarded/page.txt',
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
  'Connection: Upgrade\r\nUpgrade: h2c',
  'Connection: close, X-Forwarded-Host, X-Gatehouse-Passed, Cookie, Host',
  'Expect: 100-continue',
  'Max-Forwards: 0',
  'Content-Location: /guarded/page.txt',
  'Destination: /guarded/page.txt',
]

describe.each(names)('hosts and start lines in front of %s', (name) => {
  it('have it give nobody a guarded page, nor one of another host', async () => {
    const { port, echo } = origins.serverOf(name)
    const own = `open.${name}.localhost`
    // A session counts at its own host alone.
    const Cookie = await origins.cookieFor(own)
    const paths = ['/guarded/page.txt', '/public/page.txt', `/public/${echo}`]
    const cases: { readonly what: string; readonly bytes: string }[] = []
    const add = (what: string, bytes: string) =>
      void cases.push({ what, bytes: `${bytes}\r\nConnection: close\r\n\r\n` })
    for (const path of paths) {
      for (const [start, makeStart] of Object.entries(starts)) {
        for (const [host, makeHost] of Object.entries(hosts)) {
          // Each start line with the plain host, each host with a few start lines.
          if (host !== 'plain' && !/^(plain|absolute|HTTP\/1.0)/.test(start)) continue
          add(`${path}, ${start}, host ${host}`, `${makeStart(path, own)}\r\n${makeHost(own)}`)
        }
      }
      for (const line of more)
        add(`${path}, ${line}`, `GET ${path} HTTP/1.1\r\nHost: ${own}\r\n${line}`)
    }
    for (const shape of ['shut', 'three']) {
      const head = `GET /guarded/page.txt HTTP/1.1\r\nHost: ${shape}.${name}.localhost`
      add(`the cookie of another host at ${shape}`, `${head}\r\nCookie: ${Cookie}`)
    }
    const wrong: string[] = []
    let echoed = 0
    const waiting = cases.values()
    const work = async () => {
      for (const { what, bytes } of waiting) {
        const text = await send(origins.port, [bytes])
        if (text.includes(GUARDED) || text.includes(INTERNAL)) wrong.push(what)
        const seen = statuses(text).length === 1 && echoOf(text)?.saw
        if (!seen) continue
        echoed++
        const [host, visible] = [seen['HTTP_HOST'], seen['HTTP_X_FORWARDED_HOST']].map(String)
        // nginx tells FastCGI the host without its port.
        if (host?.split(':')[0] !== '127.0.0.1' || visible !== own) {
          wrong.push(`${what}: ${host} for ${visible}`)
        }
      }
    }
    await Promise.all(Array.from({ length: 16 }, work))
    expect(wrong).toEqual([])
    expect(echoed).toBeGreaterThan(20)
    // The oracle works: the server has such a page, and the gate opens it.
    const direct = await send(port, [
      `GET / HTTP/1.1\r\nHost: ${OTHER}\r\nConnection: close\r\n\r\n`,
    ])
    const opened = await send(origins.port, [
      `GET /guarded/page.txt HTTP/1.1\r\nHost: ${own}\r\nCookie: ${Cookie}\r\nConnection: close\r\n\r\n`,
    ])
    expect(direct.includes(INTERNAL)).toBe(true)
    expect(opened).toContain(GUARDED)
  })
})
