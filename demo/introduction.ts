import type { Demo, DemoOptions } from './demo.ts'
import { nameOf, people } from './people.ts'

/** What the terminal says when all is up. */
export function introduction(demo: Demo, wanted: DemoOptions['ports']): string {
  const { siteUrl, idpUrl, originUrl, storeDirectory } = demo
  const moved = [
    [wanted.site, siteUrl, 'the site'],
    [wanted.idp, idpUrl, 'the identity provider'],
    [wanted.origin, originUrl, 'the site behind'],
  ] as const
  const notes = moved.flatMap(([port, url, what]) =>
    new URL(url).port === String(port)
      ? []
      : [`  Port ${port} is taken by another program, so ${what} is at ${url}`],
  )
  const store = `--local --persist-to ${storeDirectory}`
  return `${notes.length === 0 ? '' : `\n${notes.join('\n')}\n`}
  Open   ${siteUrl}

  Chrome, Edge or Firefox: Safari keeps no Secure cookies over plain http.
  You are sent to a demo identity provider. Nobody has a password; choose who you are:

${people.map((person) => `    ${nameOf(person).padEnd(16)}${person.groups.join(', ')}`).join('\n')}

  Try
    ${siteUrl}/                      what the site behind is told of you
    ${siteUrl}/notes?draft=2#risks   signed out: you come back to that very place
    ${siteUrl}/engineering           Ada may; anybody else is refused, and told as whom
    ${siteUrl}/live                  a stream that lasts as long as you may stay
    ${siteUrl}/public                open to all: the site is not told who comes
    ${idpUrl}/                      the identity provider: tiles, and signing in as somebody else
    ${idpUrl}/directory             its people and groups, by SCIM: deactivate Ada there, and watch her window

  In another terminal
    curl -i ${siteUrl}/me
        a script gets 401 and where to sign in, never the identity provider's page
    npx gatehouse user disable ada@northwind.example ${store}
        Ada is out within 15 seconds, and her live stream is closed (then: enable)

  Ctrl-C ends all of it and keeps nothing. Below is what the gate logs.
`
}
