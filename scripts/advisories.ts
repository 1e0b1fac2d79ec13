/** What `npm audit --json` found, less what was waived until a day. */

export interface Waiver {
  /** As GitHub names it: GHSA-xxxx-xxxx-xxxx. */
  readonly id: string
  readonly package: string
  readonly reason: string
  /** The last day on which it counts, as 2027-01-31. */
  readonly until: string
}

interface Advisory {
  readonly id: string
  readonly package: string
  readonly severity: string
  readonly title: string
}

export type Verdict =
  | { readonly kind: 'judged'; readonly faults: readonly string[] }
  /** The registry gave no report, so nothing is known. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** How long a waiver may reach, so that somebody looks again. */
const LONGEST_DAYS = 90

/** @param today as 2027-01-31 */
export function readAudit(report: unknown, waivers: readonly Waiver[], today: string): Verdict {
  const advisories = readAdvisories(report)
  if (typeof advisories === 'string') return { kind: 'unknown', reason: advisories }
  const latest = new Date(Date.parse(today) + LONGEST_DAYS * 86_400_000).toISOString().slice(0, 10)
  const isOf = (waiver: Waiver, advisory: Advisory) =>
    waiver.id === advisory.id && waiver.package === advisory.package
  const faults = waivers.flatMap((waiver) => {
    const name = `The waiver of ${waiver.id} (${waiver.package})`
    if (!/^\d{4}-\d\d-\d\d$/.test(waiver.until) || Number.isNaN(Date.parse(waiver.until))) {
      return [`${name} has no day at which it ends (until: 2027-01-31).`]
    }
    if (waiver.reason.trim() === '') return [`${name} has no reason.`]
    if (waiver.until > latest) return [`${name} reaches further than ${LONGEST_DAYS} days.`]
    if (waiver.until < today) return [`${name} ended on ${waiver.until}.`]
    return advisories.some((advisory) => isOf(waiver, advisory))
      ? []
      : [`${name} is for nothing that was found. Remove it.`]
  })
  const waived = (advisory: Advisory) =>
    waivers.some((waiver) => waiver.until >= today && isOf(waiver, advisory))
  for (const advisory of advisories) {
    if (waived(advisory)) continue
    faults.push(`${advisory.package}: ${advisory.title} (${advisory.severity}, ${advisory.id})`)
  }
  return { kind: 'judged', faults }
}

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** A report of version 2, as npm 7 and newer write it; or why there is none. */
function readAdvisories(report: unknown): readonly Advisory[] | string {
  if (!isFields(report)) return 'npm audit printed no JSON'
  if (report['auditReportVersion'] !== 2 || !isFields(report['vulnerabilities'])) {
    const { message } = report
    return typeof message === 'string' ? message : 'npm audit printed another report than version 2'
  }
  const found = new Map<string, Advisory>()
  for (const [name, entry] of Object.entries(report['vulnerabilities'])) {
    if (!isFields(entry) || !Array.isArray(entry['via'])) return `${name} has no list "via"`
    for (const via of entry['via']) {
      // A name: the advisory stands with that package.
      if (typeof via === 'string') continue
      if (!isFields(via)) return `an advisory of ${name} is no object`
      const text = (field: string): string => {
        const value = via[field]
        return typeof value === 'string' ? value : 'unknown'
      }
      const url = text('url')
      const id = /GHSA(-[0-9a-z]{4}){3}$/.exec(url)?.[0] ?? url
      const of = typeof via['name'] === 'string' ? via['name'] : name
      found.set(`${id} ${of}`, {
        id,
        package: of,
        severity: text('severity'),
        title: text('title'),
      })
    }
  }
  return [...found.values()]
}
