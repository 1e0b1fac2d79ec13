/** Writes docs/attacks.md from the catalogue and the recorded figures. */
import { format } from 'prettier'
import { catalogue } from './catalogue.ts'
import type { Entry } from './entry.ts'
import { logoutCatalogue } from './logout/catalogue.ts'
import type { LogoutEntry } from './logout/stage.ts'
import { checkOf } from './checks.ts'
import type { PeerFigures } from './peers/figures.ts'

export async function attacksDocument(figures: PeerFigures): Promise<string> {
  const classes = [...new Set(catalogue.map((entry) => entry.class))]
  const own = catalogue.filter(({ source }) => source === 'ours').length
  const text = [
    '# Attacks',
    '',
    '<!-- Written by `npm run attack -- --docs`, from tools/attack. Change it there. -->',
    '',
    `The ${catalogue.length} messages that Gatehouse is tried with: ${catalogue.length - own} that were published or follow from a rule of the specifications, and ${own} of ours. Each is built from responses that real products signed (SimpleSAMLphp, samlp, Lasso, saml-idp, and the signer of the tests), so that each forgery starts from a real message. [\`test/saml/attacks/catalogue.test.ts\`](../test/saml/attacks/catalogue.test.ts) sends each one to Gatehouse. It asserts the reason of each refusal; after each acceptance it asserts that the result is the signed content. A forged name is always the name of another user.`,
    '',
    '**by**: an _attacker_ has one valid response and no key (if the attacker must be able to choose a name at the identity provider, the row says so); the _IdP_ is a malicious or careless identity provider, or a good one that does something unusual. **must be**: _refused_; _accepted_ (a good message); _either_: refused, or accepted as exactly the signed content. **Gatehouse**: the check that refuses the message, or that it is accepted with the signed content.',
    '',
    'Send them to a service provider of your own, on your own machine:',
    '',
    '```sh',
    'npm run attack -- --acs http://localhost:3000/saml/acs --response response.b64',
    '```',
    '',
    '`npm run attack -- --help` explains how acceptance is recognized and lists the options; `--out <folder>` writes the messages as files.',
    '',
    ...peersSection(figures),
    ...classes.flatMap((name) => classSection(name, catalogue)),
    ...logoutSection(),
  ].join('\n')
  return format(text, { parser: 'markdown' })
}

function logoutSection(): readonly string[] {
  const classes = [...new Set(logoutCatalogue.map((entry) => entry.class))]
  return [
    '## Single Logout',
    '',
    `${logoutCatalogue.length} more messages, for our address of Single Logout: requests and answers by HTTP-Redirect, HTTP-POST and SOAP, and some that come to the wrong address. [\`test/saml/attacks/logout.test.ts\`](../test/saml/attacks/logout.test.ts) plays each one to the engine, and asserts the reason of each refusal or that the result is exactly what was signed. The columns are as above. \`npm run attack\` does not send them: a service provider says nothing about a logout by which its acceptance could be recognized.`,
    '',
    ...classes.flatMap((name) => classSection(name, logoutCatalogue)),
  ]
}

function classSection(name: string, all: readonly (Entry | LogoutEntry)[]): readonly string[] {
  const entries = all.filter((entry) => entry.class === name)
  return [
    `## ${name}`,
    '',
    '| id | by | what it does | published | must be | Gatehouse |',
    '| --- | --- | --- | --- | --- | --- |',
    ...entries.map(
      (entry) =>
        `| \`${entry.id}\` | ${entry.by === 'idp' ? 'IdP' : 'attacker'} | ${cell(entry.says)} | ${cell(entry.source)} | ${demand[entry.correct]} | ${answers(entry).map(cell).join('; or ')} |`,
    ),
    '',
  ]
}

const demand = { accept: 'accepted', either: 'either', refuse: 'refused' } as const

/**
 * The checks that stop the message. If the check depends on what the seed has signed, all of them.
 */
function answers(entry: Entry | LogoutEntry): readonly string[] {
  if (typeof entry.gatehouse === 'string') return [checkOf(entry.gatehouse)]
  const { gatehouse } = entry
  return [
    ...new Set(
      (['assertion', 'response', 'both'] as const).map((signed) => checkOf(gatehouse(signed))),
    ),
  ]
}

const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('_', '\\_').replaceAll('*', '\\*')

function peersSection({ date, node, peers }: PeerFigures): readonly string[] {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  const head = [
    '## Beside other libraries',
    '',
    '`npm run attack -- --peers` sends the same messages to published libraries. They are installed from npm for the run, and each is configured at least as strictly as its own documentation says (`tools/attack/peers/` has the configurations), with the clock set to the time of the response.',
    '',
  ]
  // There are no figures until a run is recorded.
  if (peers.length === 0) return head
  return [
    ...head,
    `Figures of ${date}, Node ${node}.`,
    '',
    row(['', ...peers.map(({ name, version }) => `${name}${version === '' ? '' : ` ${version}`}`)]),
    row(['---', ...peers.map(() => '---:')]),
    row([
      'responses of products that it accepts',
      ...peers.map((p) => `${p.seeds} of ${p.seedsAll}`),
    ]),
    row(['messages played', ...peers.map((p) => p.played)]),
    row(['must be refused', ...peers.map((p) => p.mustRefuse)]),
    row(['– refused', ...peers.map((p) => p.refused)]),
    row(['– accepted, with the name that was signed', ...peers.map((p) => p.acceptedSigned)]),
    row(['– accepted, without a name', ...peers.map((p) => p.acceptedNameless)]),
    row(['– accepted, with another name', ...peers.map((p) => p.acceptedOther)]),
    row(['– no answer in 20 s, twice', ...peers.map((p) => p.noAnswer)]),
    row([
      'messages by an attacker after which another name came out',
      ...peers.map((p) => p.forged),
    ]),
    row(['must be accepted', ...peers.map((p) => p.mustAccept)]),
    row(['– refused', ...peers.map((p) => p.refusedGood)]),
    '',
    'How to read it:',
    '',
    '- A message is one entry built from one response. Only responses that a library accepts unchanged were used for it.',
    '- "Without a name" and "another name" refer to the NameID; an oddly signed response may have none, or two.',
    '- "Accepted with the name that was signed" is no break-in. Often the library leaves that check to the program around it (time, request, once-only use), follows an older reading of the specifications, or ignores a harmless fault.',
    '- A library is not a whole service provider, as Gatehouse is, and a difference is not necessarily a vulnerability.',
    '- Left out for all libraries: encrypted messages; messages that need a second certificate; whole forms, which a web framework reads; and messages that exhaust time or memory, which the program around a library must limit.',
    '- The messages that must be accepted include options that a library may leave out, such as RSA-SHA384.',
    '- This page gives no details of single libraries. The maintainers of a library can run the command themselves.',
    '',
    ...(peers.some(({ classes }) => classes.length > 0)
      ? [
          'Classes in which something that must be refused was accepted with the name that was signed:',
          '',
          ...peers
            .filter(({ classes }) => classes.length > 0)
            .map(
              ({ name, classes }) =>
                `- ${name}: ${classes.map(({ class: of, count }) => `${of} (${count})`).join(', ')}`,
            ),
          '',
        ]
      : []),
  ]
}
