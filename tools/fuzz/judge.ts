/** Gives a mutant to Gatehouse and to libxml2 and xmlsec1, and reports where they disagree. */
import { isDeepStrictEqual } from 'node:util'
import { encodeBase64, utf8, type Bytes } from '../../src/lib/bytes.ts'
import type { Result } from '../../src/lib/result.ts'
import { canonicalize, type C14nOptions } from '../../src/saml/xml/c14n.ts'
import { openResponse, type Subject } from '../../src/saml/index.ts'
import { parseXml, type XmlElement, type XmlFault } from '../../src/saml/xml/reader.ts'
import { descendants } from '../../src/saml/xml/tree.ts'
import type { CanonicalRequest, Oracle } from './oracle.ts'
import type { Dice } from './random.ts'
import { differenceOf, treeDifferenceOf, verdictOf } from './readers.ts'
import type { Signed } from './seeds.ts'

export type FindingKind =
  /** Gatehouse reads a document that libxml2 refuses. */
  | 'read'
  /** Our reader and the one on saxes give another tree or another fault. */
  | 'reader'
  | 'canonical'
  /** The element made while canonicalizing is not the one that is read from the canonical bytes. */
  | 'tree'
  /** Gatehouse accepts a message that xmlsec1 refuses. */
  | 'accepted'
  /** Gatehouse reports a digest or signature mismatch, but xmlsec1 verified all signatures. */
  | 'mismatch'
  /** Gatehouse accepts a message and returns another subject than the signed one. */
  | 'subject'
  | 'throw'
  | 'slow'

export interface Finding {
  readonly kind: FindingKind
  readonly detail: string
}

export interface Judge {
  readonly oracle: Oracle
  readonly keyOf: (certificate: string) => number
  /**
   * All subjects that were really signed, by certificate: a mutant may contain the assertion of
   * another fixture.
   */
  readonly subjectsOf: (certificate: string) => readonly Subject[]
}

type Opened = Awaited<ReturnType<typeof openResponse>>

/** The results of Gatehouse for a mutant. */
export interface Ours {
  /** null: the reader threw. */
  readonly read: Result<XmlElement, XmlFault> | null
  readonly requests: readonly CanonicalRequest[]
  readonly canonical: readonly string[]
  /** null: not tried. */
  readonly opened: Opened | null
  readonly thrown: Finding | null
  readonly milliseconds: number
}

export async function askUs(
  bytes: Bytes,
  signed: Signed | null,
  requestsFor: (root: XmlElement) => readonly CanonicalRequest[],
): Promise<Ours> {
  let read: Ours['read'] = null
  let requests: readonly CanonicalRequest[] = []
  let canonical: readonly string[] = []
  let opened: Opened | null = null
  let thrown: Finding | null = null
  const posted = encodeBase64(signed?.seal ? await signed.seal(bytes) : bytes)
  let milliseconds = 0
  try {
    const start = performance.now()
    read = parseXml(bytes)
    milliseconds += performance.now() - start
    if (read.ok) {
      requests = requestsFor(read.value)
      const elements = [...descendants(read.value)]
      const before = performance.now()
      canonical = requests.map((request) => canonicalOf(elements, request))
      milliseconds += performance.now() - before
    }
    const before = performance.now()
    if (signed) opened = await openResponse(posted, signed.expect)
    milliseconds += performance.now() - before
  } catch (error) {
    thrown = { kind: 'throw', detail: String(error).slice(0, 200) }
  }
  return { read, requests, canonical, opened, thrown, milliseconds }
}

const canonicalOf = (elements: readonly XmlElement[], request: CanonicalRequest): string =>
  canonicalize(...toCall(elements, request))

/** The element that is asked for, and how it is to be canonicalized. */
export function toCall(
  elements: readonly XmlElement[],
  { apex, withComments, prefixes, omitted }: CanonicalRequest,
): [XmlElement, C14nOptions] {
  const element = elements[apex]
  if (!element) throw new Error(`there is no element ${apex}`)
  const inclusivePrefixes = prefixes.map((prefix) => (prefix === '#default' ? '' : prefix))
  const omit = (omitted === null ? null : elements[omitted]) ?? null
  return [element, { withComments, inclusivePrefixes, omit }]
}

export interface Verdict {
  readonly findings: readonly Finding[]
  /** What libxml2 said about the document. */
  readonly reading: string
  readonly opening: string | null
}

/** Compares the results of libxml2 and xmlsec1 with ours. */
export async function compare(
  { oracle, keyOf, subjectsOf }: Judge,
  bytes: Bytes,
  signed: Signed | null,
  { read, requests, canonical, opened, thrown }: Ours,
): Promise<Verdict> {
  const findings: Finding[] = thrown ? [thrown] : []
  const difference = read && differenceOf(bytes, read)
  if (difference !== null) findings.push({ kind: 'reader', detail: difference })
  const root = read?.ok ? read.value : null
  const all = root ? descendants(root) : []
  const misread = requests.filter((each) => treeDifferenceOf(...toCall(all, each)) !== null)
  findings.push(...misread.map((each) => ({ kind: 'tree' as const, detail: JSON.stringify(each) })))
  const theirs = await oracle.canonicalize(bytes, requests)
  if (root && !theirs) findings.push({ kind: 'read', detail: 'libxml2 refuses it' })
  if (root && theirs) {
    if (all.length !== theirs.elements) {
      const detail = `${all.length} elements, ${theirs.elements} by libxml2`
      findings.push({ kind: 'canonical', detail })
    } else {
      const others = requests.filter((_, i) => !isSame(canonical[i], theirs.bytes[i]))
      findings.push(
        ...others.map((other) => ({ kind: 'canonical' as const, detail: JSON.stringify(other) })),
      )
    }
  }
  const told = `${read ? verdictOf(read) : 'threw'}, ${theirs ? 'read' : 'refused'} by libxml2`
  if (!signed || !opened) return { findings, reading: told, opening: null }
  const opening = opened.ok ? 'accepted' : opened.error.reason
  // If we read a document that libxml2 refuses, that is already a finding.
  if (theirs && (opened.ok || /^(digest|signature)-mismatch$/.test(opening))) {
    const verdicts = await oracle.verify(bytes, keyOf(signed.certificate), signed.sha1)
    const count = verdicts?.length ?? 0
    const verified = verdicts !== null && count > 0 && !verdicts.includes(false)
    // xmlsec1 does not see signatures inside an encrypted assertion.
    const sees = !signed.encrypted || count > 0
    if (opened.ok && sees && !verified) {
      findings.push({ kind: 'accepted', detail: 'xmlsec1 refuses it' })
    }
    if (!opened.ok && !signed.encrypted && verified) {
      findings.push({ kind: 'mismatch', detail: opening })
    }
  }
  const { certificate } = signed
  if (opened.ok && !subjectsOf(certificate).some((s) => isDeepStrictEqual(s, opened.value))) {
    findings.push({ kind: 'subject', detail: `tells of ${opened.value.nameId}` })
  }
  return { findings, reading: told, opening }
}

function isSame(ours: string | undefined, theirs: Uint8Array | undefined): boolean {
  if (ours === undefined || theirs === undefined) return false
  // A known fault of libxml2: it writes & in a namespace URI unescaped, which is not XML.
  const candidates = ours.includes('&amp;') ? [ours, withBareAmpersands(ours)] : [ours]
  return candidates.some((candidate) => Buffer.compare(theirs, utf8(candidate)) === 0)
}

const withBareAmpersands = (canonical: string): string =>
  canonical.replaceAll(/ xmlns(?::[^=\s]+)?="[^"]*"/g, (declared) =>
    declared.replaceAll('&amp;', '&'),
  )

/**
 * Requests to canonicalize the whole document, one subtree, and the document without an enveloped
 * signature.
 */
export function requestsOf(root: XmlElement, dice: Dice): readonly CanonicalRequest[] {
  const elements = [...descendants(root)]
  const declared = new Set(elements.flatMap(({ declarations }) => [...declarations.keys()]))
  const known = ['xs', 'none', 'xml', ...declared].map((prefix) => prefix || '#default')
  const prefixes = () =>
    dice.chance(0.5) ? [] : Array.from({ length: 1 + dice.roll(4) }, () => dice.pick(known))
  const apex = dice.roll(elements.length)
  const omitted = apex + dice.roll(Math.min(20, elements.length - apex))
  return [
    { apex: 0, omitted: null, withComments: dice.chance(0.5), prefixes: prefixes() },
    { apex, omitted: null, withComments: dice.chance(0.5), prefixes: prefixes() },
    {
      apex,
      omitted: omitted === apex ? null : omitted,
      withComments: dice.chance(0.5),
      prefixes: prefixes(),
    },
  ]
}
