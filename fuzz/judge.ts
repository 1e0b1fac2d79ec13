/** What a mutant is asked, of us and of libxml2 and xmlsec1, and where the answers part. */
import { Buffer } from 'node:buffer'
import { isDeepStrictEqual } from 'node:util'
import { encodeBase64, utf8, type Bytes } from '../src/lib/bytes.ts'
import { canonicalize } from '../src/saml/c14n.ts'
import { openResponse, type SamlError, type Subject } from '../src/saml/index.ts'
import { descendants, parseXml, type XmlElement } from '../src/saml/xml.ts'
import type { CanonicalRequest, Oracle } from './oracle.ts'
import type { Dice } from './random.ts'
import type { Signed } from './seeds.ts'

export type FindingKind =
  /** We read what libxml2 refuses. */
  | 'read'
  | 'canonical'
  /** We accept what xmlsec1 refuses. */
  | 'accepted'
  /** We say that a digest or a signature does not fit, and xmlsec1 verified them all. */
  | 'mismatch'
  /** We accept, and tell of somebody else than was signed. */
  | 'subject'
  | 'throw'
  | 'slow'

export interface Finding {
  readonly kind: FindingKind
  readonly detail: string
}

export interface Verdict {
  readonly findings: readonly Finding[]
  /** What reading said: 'read', or our fault; with what libxml2 said. */
  readonly reading: string
  /** What openResponse said; null when it was not asked. */
  readonly opening: string | null
}

export interface Judge {
  readonly oracle: Oracle
  readonly keyOf: (certificate: string) => number
  /** All that were truly signed, by certificate: a mutant may hold another's assertion. */
  readonly subjectsOf: (certificate: string) => readonly Subject[]
}

export async function judge(
  { oracle, keyOf, subjectsOf }: Judge,
  bytes: Bytes,
  signed: Signed | null,
  requestsFor: (root: XmlElement) => readonly CanonicalRequest[],
): Promise<Verdict> {
  const findings: Finding[] = []
  const parsed = attempt(() => parseXml(bytes))
  if (!parsed.ok) return { findings: [parsed.error], reading: 'threw', opening: null }
  const root = parsed.value.ok ? parsed.value.value : null
  const requests = root ? requestsFor(root) : []
  const asked = oracle.canonicalize(bytes, requests)
  const posted = encodeBase64(bytes)
  const opened = signed ? await attemptOpening(posted, signed) : null
  const theirs = await asked
  const fault = parsed.value.ok ? 'read' : parsed.value.error
  const reading = `${fault}, ${theirs ? 'read' : 'refused'} by libxml2`
  if (root && !theirs) findings.push({ kind: 'read', detail: 'libxml2 refuses it' })
  if (root && theirs) {
    const elements = [...descendants(root)]
    if (elements.length !== theirs.elements) {
      const detail = `${elements.length} elements, ${theirs.elements} by libxml2`
      findings.push({ kind: 'canonical', detail })
    } else {
      findings.push(...compareCanonical(elements, requests, theirs.bytes))
    }
  }
  if (!signed || !opened) return { findings, reading, opening: null }
  if ('kind' in opened) return { findings: [...findings, opened], reading, opening: 'threw' }
  const opening = opened.ok ? 'accepted' : opened.error.reason
  if (opened.ok || opening === 'digest-mismatch' || opening === 'signature-mismatch') {
    const verdicts = await oracle.verify(bytes, keyOf(signed.certificate), signed.sha1)
    const verified = verdicts !== null && verdicts.length > 0 && !verdicts.includes(false)
    if (opened.ok && !verified) findings.push({ kind: 'accepted', detail: 'xmlsec1 refuses it' })
    if (!opened.ok && verified) findings.push({ kind: 'mismatch', detail: opening })
  }
  if (opened.ok && !subjectsOf(signed.certificate).some((each) => same(each, opened.value))) {
    findings.push({ kind: 'subject', detail: `tells of ${opened.value.nameId}` })
  }
  return { findings, reading, opening }
}

/** `&amp;` in a namespace declaration of a canonical form, one at a time from the left. */
const withBareAmpersands = (canonical: string): string =>
  canonical.replaceAll(/ xmlns(?::[^=\s]+)?="[^"]*"/g, (declared) =>
    declared.replaceAll('&amp;', '&'),
  )

const same = (a: Subject, b: Subject): boolean => isDeepStrictEqual(a, b)

function attempt<T>(
  run: () => T,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Finding } {
  try {
    return { ok: true, value: run() }
  } catch (error) {
    return { ok: false, error: thrown(error) }
  }
}

const thrown = (error: unknown): Finding => ({ kind: 'throw', detail: String(error).slice(0, 200) })

async function attemptOpening(
  posted: string,
  { expect }: Signed,
): Promise<
  | { readonly ok: true; readonly value: Subject }
  | { readonly ok: false; readonly error: SamlError }
  | Finding
> {
  try {
    return await openResponse(posted, expect)
  } catch (error) {
    return thrown(error)
  }
}

function compareCanonical(
  elements: readonly XmlElement[],
  requests: readonly CanonicalRequest[],
  theirs: readonly Buffer[],
): readonly Finding[] {
  return requests.flatMap((request, i): readonly Finding[] => {
    const apex = elements[request.apex]
    const their = theirs[i]
    if (!apex || !their) return []
    const ours = attempt(() => canonicalOf(apex, elements, request))
    if (!ours.ok) return [ours.error]
    if (their.equals(utf8(ours.value))) return []
    // Known of libxml2: it writes & in a namespace URI as it is, which is then no XML.
    if (their.equals(utf8(withBareAmpersands(ours.value)))) return []
    return [{ kind: 'canonical', detail: JSON.stringify(request) }]
  })
}

const canonicalOf = (
  apex: XmlElement,
  elements: readonly XmlElement[],
  { withComments, prefixes, omitted }: CanonicalRequest,
): string =>
  canonicalize(apex, {
    withComments,
    inclusivePrefixes: prefixes.map((prefix) => (prefix === '#default' ? '' : prefix)),
    omit: (omitted === null ? null : elements[omitted]) ?? null,
  })

/** The whole document, one subtree of it, and what an enveloped signature leaves. */
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
