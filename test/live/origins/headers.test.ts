/**
 * What the web servers of Debian tell a site of the headers that a visitor sends: is there one that
 * says who is signed in, or where the visitor is, and that Gatehouse did not write?
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { echoOf, type Echo } from './echo.ts'
import { names, type Name } from './servers.ts'
import { openOrigins, type Origins } from './stage.ts'
import { send, statuses } from './wire.ts'

let origins: Origins
beforeAll(async () => {
  origins = await openOrigins()
})
afterAll(() => origins?.stop())

const FORGED = 'forged'

/** What sites believe of a proxy before them, in each dialect and by the names of other gates. */
const believed = [
  'X-Gatehouse-Jwt-Assertion',
  'X-Gatehouse-User',
  'X-Forwarded-User',
  'X-Forwarded-Preferred-Username',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Prefix',
  'X-Forwarded-Path',
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'Remote-User',
  'Remote-Groups',
  'X-authentik-username',
  'X-Remote-User',
  'Forwarded',
  'X-Real-IP',
  'X-Client-IP',
  'True-Client-IP',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Original-Host',
  'Script-Name',
  'Path-Info',
  'Request-URI',
  'X-SSL-Client-DN',
  'Proxy',
  'Proxy-Authorization',
  'X-Accel-Redirect',
  'Expect',
  'TE',
  'Trailer',
  'Keep-Alive',
  'HTTP2-Settings',
  'Upgrade',
] as const
/** What the site `three` has by names of its own. */
const named = ['X-WEBAUTH-USER', 'X-Name'] as const

/** Ways to write a name that a server or a framework may take for the plain one. */
const spellings: Readonly<Record<string, (name: string) => string>> = {
  plain: (name) => name,
  'in lower case': (name) => name.toLowerCase(),
  'in upper case': (name) => name.toUpperCase(),
  'with _ for -': (name) => name.replaceAll('-', '_'),
  'with one _': (name) => name.replace('-', '_'),
  'with . for -': (name) => name.replaceAll('-', '.'),
  'with a doubled dash': (name) => name.replace('-', '--'),
  'with a dash before': (name) => `-${name}`,
  'with a _ before': (name) => `_${name}`,
  'with a dash after': (name) => `${name}-`,
  'with a _ after': (name) => `${name}_`,
  'with ~ for -': (name) => name.replaceAll('-', '~'),
  'with a letter that no name has': (name) => name.replaceAll('-', '!'),
  'with a blank before the colon': (name) => `${name} `,
  'with a tab before the colon': (name) => `${name}\t`,
  'with a blank before': (name) => ` ${name}`,
  'with a NUL after': (name) => `${name}\0`,
  'with a NUL before': (name) => `\0${name}`,
  'with a vertical tab after': (name) => `${name}\v`,
  'with a no-break space after': (name) => `${name}\xa0`,
  'with a soft hyphen for -': (name) => name.replaceAll('-', '\xad'),
  'with a hyphen of UTF-8 for -': (name) => name.replaceAll('-', '\xe2\x80\x90'),
}

/** Ways to hide a line in another one. */
const hidden: Readonly<Record<string, (line: string) => string>> = {
  'after a bare LF': (line) => `X-Note: a\n${line}\r\n`,
  'after a bare CR': (line) => `X-Note: a\r${line}\r\n`,
  'after CR CR LF': (line) => `X-Note: a\r\r\n${line}\r\n`,
  'after LF CR': (line) => `X-Note: a\n\r${line}\r\n`,
  'after a NUL': (line) => `X-Note: a\0${line}\r\n`,
  'after a NUL and LF': (line) => `X-Note: a\0\n${line}\r\n`,
  'after a form feed': (line) => `X-Note: a\f${line}\r\n`,
  'after a letter whose last byte is LF': (line) => `X-Note: \xe5\x98\x8a${line}\r\n`,
  'after letters whose last bytes are CR LF': (line) =>
    `X-Note: \xe5\x98\x8d\xe5\x98\x8a${line}\r\n`,
  'after an overlong LF': (line) => `X-Note: \xc0\x8a${line}\r\n`,
  'after NEL': (line) => `X-Note: a\x85${line}\r\n`,
  'after LINE SEPARATOR': (line) => `X-Note: a\xe2\x80\xa8${line}\r\n`,
  'after %0d%0a': (line) => `X-Note: a%0d%0a${line}\r\n`,
  'on a folded line': (line) => `X-Note: a\r\n ${line}\r\n`,
  'on a line folded by a tab': (line) => `X-Note: a\r\n\t${line}\r\n`,
  'with its value folded': (line) => `${line.replace(': ', ':\r\n ')}\r\n`,
  'with a folded line before it': (line) => `X-Note: a\r\n b\r\n${line}\r\n`,
  twice: (line) => `${line}\r\n${line}\r\n`,
  'without a blank': (line) => `${line.replace(': ', ':')}\r\n`,
  'before a line without a colon': (line) => `nonsense\r\n${line}\r\n`,
  'after an empty name': (line) => `: a\r\n${line}\r\n`,
  'and named by Connection': (line) => `Connection: ${line.split(':')[0]}\r\n${line}\r\n`,
}

const told = async (
  name: Name,
  shape: string,
  { path, lines }: { readonly path: string; readonly lines: string },
): Promise<{ readonly echo: Echo | null; readonly status: number }> => {
  const head = `GET ${path} HTTP/1.1\r\nHost: ${shape}.${name}.localhost\r\n${lines}`
  const text = await send(origins.port, [`${head}Connection: close\r\n\r\n`])
  return { echo: echoOf(text), status: statuses(text)[0] ?? 0 }
}

/** Names whose value a visitor made. A note of any other name is the visitor's to write. */
const forgedIn = ({ saw }: Echo): readonly string[] =>
  Object.entries(saw)
    .filter(([name, value]) => name !== 'HTTP_X_NOTE' && String(value).includes(FORGED))
    .map(([name, value]) => `${name}=${String(value)}`)

/** What is of one request only. */
const lasting = ({ saw }: Echo): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(saw).filter(
      ([name]) =>
        !/^(REMOTE_PORT|REQUEST_TIME.*|UNIQUE_ID|HTTP_X_NOTE|HTTP_X_GATEHOUSE_REQUEST|gunicorn.*|HTTP_CONNECTION)$/i.test(
          name,
        ),
    ),
  )

describe.each(names)('headers in front of %s', (name) => {
  it.each(['nobody', 'a person'])('say nothing of %s that a visitor wrote', async (who) => {
    const { echo: page } = origins.serverOf(name)
    const [folder, shapes] =
      who === 'nobody' ? ['public', ['shut', 'three', 'open']] : ['guarded', ['shut', 'three']]
    const found: string[] = []
    let echoed = 0
    for (const shape of shapes) {
      const cookie =
        who === 'nobody'
          ? ''
          : `Cookie: ${await origins.cookieFor(`${shape}.${name}.localhost`)}\r\n`
      const path = `/${folder}/${page}`
      const clean = await told(name, shape, { path, lines: cookie })
      expect(clean.status).toBe(200)
      const token = clean.echo?.saw['HTTP_X_GATEHOUSE_JWT_ASSERTION']
      expect(typeof token).toBe(who === 'nobody' ? 'undefined' : 'string')
      const attacks = (shape === 'three' ? [...believed, ...named] : believed).flatMap((header) => [
        ...Object.entries(spellings).map(([how, spell]) => ({
          what: `${header} ${how}`,
          lines: `${spell(header)}: ${FORGED}\r\n`,
        })),
        ...Object.entries(hidden).map(([how, hide]) => ({
          what: `${header} ${how}`,
          lines: hide(`${header}: ${FORGED}`),
        })),
      ])
      // A request without a session needs no attack on each shape.
      const asked = shape === 'open' ? attacks.filter((_, i) => i % 7 === 0) : attacks
      const waiting = asked.values()
      const work = async () => {
        for (const { what, lines } of waiting) {
          const { echo } = await told(name, shape, { path, lines: lines + cookie })
          if (!echo) continue
          echoed++
          found.push(...forgedIn(echo).map((pair) => `${shape}: ${what}: ${pair}`))
          const [had, has] = [lasting(clean.echo ?? echo), lasting(echo)]
          for (const key of Object.keys(had)) {
            if (had[key] !== has[key])
              found.push(`${shape}: ${what}: ${key} is ${String(has[key])}`)
          }
        }
      }
      await Promise.all(Array.from({ length: 16 }, work))
    }
    expect(found).toEqual([])
    // The rest is refused before the gate: no server needs to be asked how it reads a NUL in a name.
    expect(echoed).toBeGreaterThan(1_000)
  })
})
