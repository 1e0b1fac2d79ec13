import type { Demo } from './demo.ts'
import type { DemoOptions } from './options.ts'
import { nameOf, people } from './people.ts'

export const help = `npm run demo: a site, a gate before it, and an identity provider, on this machine.

  --origin <url>    your own site behind the gate, instead of the demo's: http://127.0.0.1:3000
  --port <number>   port of the site (default 8787); the others use the next two ports

Ctrl-C stops everything. Nothing is kept.`

/** The text in the terminal once everything runs. */
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
        a script gets 401 with the sign-in address, never the identity provider's page
${commands(demo)}

  Ctrl-C stops everything. Nothing is kept. Below is what the gate logs.
`
}

const toTry = ({ siteUrl, moreSites }: Demo): string => `\
    ${siteUrl}/                      your identity, as the site behind gets it
    ${siteUrl}/notes?draft=2#risks   signed out: you come back to that very place
    ${siteUrl}/engineering           Ada may open it; the others are refused
${otherLines(moreSites)}    ${siteUrl}/.gatehouse/           your sites, and where you are signed in
    ${siteUrl}/.gatehouse/logout     sign out: of all sites, and at the identity provider too
    ${siteUrl}/live                  a stream that lasts as long as you may stay
    ${siteUrl}/public                open to everyone: the site is not told who you are`

const otherLines = (sites: Demo['moreSites']): string =>
  sites
    .map(
      ({ url, group }) =>
        `    ${url}/`.padEnd(47) +
        ` another site, without another sign-in${group === null ? '' : `; for ${group} only`}\n`,
    )
    .join('')

const toTryOnOwn = ({ siteUrl }: Demo): string => `\
    ${siteUrl}/                      your site, for everyone who is signed in; it gets their address as X-Forwarded-Email
    ${siteUrl}/engineering           for the group engineering only, whether your site has the page or not
    ${siteUrl}/public                open to all`

function commands({ storeDirectory }: Demo): string {
  const store = `--local --persist-to ${storeDirectory}`
  return `\
    npx gatehouse user disable ada@northwind.example ${store}
        Ada loses access within 15 seconds, and her open streams are closed (undo: enable)
    npx gatehouse sign-in end --everybody ${store}
        how many sign-ins would end; with --yes they end, and all may sign in again`
}
