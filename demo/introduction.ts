import type { Demo, DemoOptions } from './demo.ts'
import { nameOf, people } from './people.ts'

export const help = `npm run demo: a site, a gate before it, and an identity provider, on this machine.

  --origin <url>    your own site behind the gate, instead of the demo's: http://127.0.0.1:3000
  --port <number>   of the site (default 8787); the others are on the next two

Ctrl-C ends all of it and keeps nothing.`

/** What the terminal says when all is up. */
export function introduction(demo: Demo, wanted: DemoOptions['ports'], isDemos: boolean): string {
  const { siteUrl, idpUrl, originUrl } = demo
  const moved = [
    [wanted.site, siteUrl, 'the site'],
    [wanted.idp, idpUrl, 'the identity provider'],
    ...(isDemos ? ([[wanted.origin, originUrl, 'the site behind']] as const) : []),
  ] as const
  const notes = moved.flatMap(([port, url, what]) =>
    new URL(url).port === String(port)
      ? []
      : [`  Port ${port} is taken by another program, so ${what} is at ${url}`],
  )
  return `${notes.length === 0 ? '' : `\n${notes.join('\n')}\n`}
  Open   ${siteUrl}${isDemos ? '' : `      your site at ${originUrl}, behind the gate`}

  Chrome, Edge or Firefox: Safari keeps no Secure cookies over plain http.
  You are sent to a demo identity provider. Nobody has a password; choose who you are:

${people.map((person) => `    ${nameOf(person).padEnd(16)}${person.groups.join(', ')}`).join('\n')}

  Try
${isDemos ? toTry(demo) : toTryOnOwn(demo)}
    ${idpUrl}/                      the identity provider: tiles, and signing in as somebody else
    ${idpUrl}/directory             its people and groups, by SCIM: deactivate Ada there, and watch her window

  In another terminal
    curl -i ${siteUrl}/me
        a script gets 401 and where to sign in, never the identity provider's page
${commands(demo)}

  Ctrl-C ends all of it and keeps nothing. Below is what the gate logs.
`
}

const toTry = ({ siteUrl }: Demo): string => `\
    ${siteUrl}/                      what the site behind is told of you
    ${siteUrl}/notes?draft=2#risks   signed out: you come back to that very place
    ${siteUrl}/engineering           Ada may; anybody else is refused, and told as whom
    ${siteUrl}/live                  a stream that lasts as long as you may stay
    ${siteUrl}/public                open to all: the site is not told who comes`

const toTryOnOwn = ({ siteUrl }: Demo): string => `\
    ${siteUrl}/                      your site, for whoever is signed in; it is told who that is by X-Forwarded-Email
    ${siteUrl}/engineering           for the group engineering only, whether your site has the page or not
    ${siteUrl}/public                open to all`

function commands({ storeDirectory }: Demo): string {
  const store = `--local --persist-to ${storeDirectory}`
  return `\
    npx gatehouse user disable ada@northwind.example ${store}
        Ada is out within 15 seconds, and what streams to her is closed (then: enable)`
}
