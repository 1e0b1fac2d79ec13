/** The results as text for people. */
import type { Played, Row } from './play.ts'

export function playedText(played: Played): string {
  const wrong = played.rows.filter(({ isWrong }) => isWrong)
  const unanswered = played.rows.filter(({ verdict }) => verdict === 'no answer')
  const unclear = played.rows.filter(({ verdict }) => verdict === 'unclear')
  const missed = played.rows.filter(
    ({ entry, verdict }) => entry.correct === 'accept' && verdict === 'refused',
  )
  return [
    tableOf(
      ['id', 'class', 'must be', 'was', 'answer'],
      played.rows.map((row) => [
        row.entry.id,
        row.entry.class,
        demandOf[row.entry.correct],
        row.isWrong ? `${row.verdict.toUpperCase()} !` : row.verdict,
        answerOf(row),
      ]),
    ),
    '',
    `${played.rows.length} messages sent; ${wrong.length} accepted that must be refused.`,
    ...listed('Accepted that must be refused', wrong),
    ...listed(
      'Neither like the refusal nor like the acceptance, look at them',
      played.inconclusive === null ? unclear : [],
    ),
    ...listed('No answer in time, or the connection was cut', unanswered),
    ...listed(
      'Refused although good (a service provider may know less than these ask for)',
      missed,
    ),
    ...(played.skipped.length > 0
      ? [
          `${played.skipped.length} entries need what was not given: a signature on the other element, --idp-key, --idp-cert, --sp-cert, or a service provider configured otherwise.`,
        ]
      : []),
    ...(played.inconclusive === null
      ? []
      : [`INCONCLUSIVE: ${played.inconclusive} See --accepted-… in --help.`]),
  ].join('\n')
}

const demandOf = { accept: 'accepted', either: 'either', refuse: 'refused' } as const

const listed = (title: string, rows: readonly Row[]): readonly string[] =>
  rows.length === 0 ? [] : [`${title}: ${rows.map(({ entry }) => entry.id).join(', ')}.`]

const answerOf = ({ answer }: Row): string =>
  answer
    ? [answer.status, answer.location, answer.cookies.map((name) => `+${name}`).join(' ')]
        .filter((part) => part !== '')
        .join(' ')
    : '-'

export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
