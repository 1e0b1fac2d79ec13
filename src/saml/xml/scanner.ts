/**
 * The grammar of XML 1.0 (Fifth Edition); § numbers are its sections. Also refused: a document type,
 * a processing instruction, another version or encoding. The listener judges namespaces and sizes.
 */

export type ScanFault = 'not-well-formed' | 'doctype' | 'processing-instruction' | 'declaration'

export class Malformed extends Error {
  readonly fault: ScanFault
  constructor(fault: ScanFault = 'not-well-formed') {
    super(fault)
    this.fault = fault
  }
}

/** Is told of each part of the document, in order. It may throw to end the scan. */
export interface Listener {
  /** A start-tag begins: its attributes follow, then `open`. A tag that a piece cuts begins anew. */
  begin(): void
  attribute(name: string, value: string): void
  open(name: string): void
  close(): void
  /** Character data or a CDATA section. Two of them may follow each other. */
  text(text: string): void
  comment(text: string): void
}

/** The longest text that a rule looks for at once: `<![CDATA[`. */
const LOOKAHEAD = 9

/** §2.2: what is not a Char. Lone surrogates are not in it: isWellFormed finds them faster. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const NOT_CHAR = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/

/** §2.8, §2.9, §4.3.3: what an XML declaration has after `<?xml` and white space, before `?>`. */
const DECLARATION =
  /^version[ \t\n]*=[ \t\n]*(["'])(1\.\d+)\1(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(["'])([A-Za-z][\w.-]*)\3)?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(["'])(?:yes|no)\5)?[ \t\n]*$/

/** §2.3: NameStartChar and NameChar. */
const START = String.raw`:A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\u{10000}-\u{effff}`
const NAME = new RegExp(String.raw`[${START}][${START}\-.0-9\xb7\u0300-\u036f\u203f\u2040]*`, 'uy')
/** The same for ASCII, which almost all names are. 1: NameStartChar; 2: only NameChar; 0: neither. */
const ascii = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  return /[:A-Z_a-z]/.test(character) ? 1 : /[-.0-9]/.test(character) ? 2 : 0
})

const [TAB, LINE_FEED, SPACE, BYTE_ORDER_MARK] = [0x09, 0x0a, 0x20, 0xfeff]
const [BANG, SLASH, LESS, EQUALS, GREATER, QUESTION] = [0x21, 0x2f, 0x3c, 0x3d, 0x3e, 0x3f]

/** Each method throws Malformed, and what the listener throws. */
export class Scanner {
  /** Written, but not looked at yet. */
  private waiting = ''
  private text = ''
  private at = 0
  private hasBegun = false
  private hasRoot = false
  /** The names of the open elements. */
  private readonly around: string[] = []
  private readonly listener: Listener

  constructor(listener: Listener) {
    this.listener = listener
  }

  write(piece: string): void {
    this.waiting += piece
    // Small pieces wait for each other. A token that was cut is scanned again from its start: by then
    // its text has doubled, so the time stays linear.
    if (this.waiting.length >= Math.max(65_536, this.text.length)) this.flush()
  }

  /** Scans what was written, up to the last token that is complete. */
  flush(): void {
    // A line feed after a carriage return, or half of a surrogate pair, may be in the next piece.
    const isCut = /[\r\ud800-\udbff]/.test(this.waiting.slice(-1))
    this.scan(isCut ? this.waiting.length - 1 : this.waiting.length, false)
  }

  end(): void {
    this.scan(this.waiting.length, true)
    if (!this.hasRoot || this.around.length > 0) throw new Malformed()
  }

  private scan(end: number, isEnd: boolean): void {
    const written = this.waiting.slice(0, end)
    this.waiting = this.waiting.slice(end)
    if (!written.isWellFormed()) throw new Malformed()
    // §2.11: line ends are replaced before anything is read.
    const added = written.includes('\r') ? written.replace(/\r\n?/g, '\n') : written
    // A fault that stands before a forbidden character is the one to report, so it is looked for.
    const forbidden = added.search(NOT_CHAR)
    this.text += forbidden < 0 ? added : added.slice(0, forbidden)
    let tokenStart = 0
    try {
      for (; this.at < this.text.length; tokenStart = this.at) {
        this.token()
        this.hasBegun = true
      }
    } catch (error) {
      // A fault so near to the end may be gone once the next piece is there.
      const mayBeCut = !isEnd && forbidden < 0 && this.at + LOOKAHEAD > this.text.length
      if (!mayBeCut || !(error instanceof Malformed)) throw error
    }
    if (forbidden >= 0) throw new Malformed()
    this.text = this.text.slice(tokenStart)
    this.at = 0
  }

  private token(): void {
    // §4.3.3
    if (!this.hasBegun && this.code(0) === BYTE_ORDER_MARK) this.at++
    if (this.code(0) !== LESS) this.characters()
    else if (this.code(1) === SLASH) this.endTag()
    else if (this.code(1) === QUESTION) this.instruction()
    else if (this.code(1) !== BANG) this.startTag()
    else if (this.text.startsWith('<!--', this.at)) this.comment()
    else if (this.text.startsWith('<![CDATA[', this.at)) this.section()
    else this.documentType()
  }

  /** §2.4. Outside of the document element there is only white space (§2.8). */
  private characters(): void {
    const next = this.text.indexOf('<', this.at)
    const written = this.text.slice(this.at, next < 0 ? this.text.length : next)
    this.at += written.length
    if (this.around.length > 0) {
      if (next < 0 || written.includes(']]>')) throw new Malformed()
      this.listener.text(dereferenced(written))
    } else if (!/^[ \t\n]+$/.test(written)) throw new Malformed()
  }

  /** §3.1 */
  private startTag(): void {
    if (this.hasRoot && this.around.length === 0) throw new Malformed()
    this.at++
    const name = this.name()
    // Where the text ends, there is no tag yet that the listener could refuse.
    if (this.at === this.text.length) throw new Malformed()
    this.listener.begin()
    const isEmpty = this.attributes()
    this.listener.open(name)
    this.hasRoot = true
    if (isEmpty) this.listener.close()
    else this.around.push(name)
  }

  /** @returns whether the tag is that of an empty element. */
  private attributes(): boolean {
    const names: string[] = []
    let isSpaced = this.space()
    while (this.code(0) !== GREATER && this.code(0) !== SLASH) {
      if (!isSpaced) throw new Malformed()
      const name = this.name()
      this.space()
      this.expect(EQUALS)
      this.space()
      names.push(name)
      this.listener.attribute(name, this.value())
      isSpaced = this.space()
    }
    const isEmpty = this.code(0) === SLASH
    if (isEmpty) this.at++
    this.expect(GREATER)
    // §3.1, Unique Att Spec: no name is there twice. The listener bounds how many there are.
    if (names.some((name, i) => names.includes(name, i + 1))) throw new Malformed()
    return isEmpty
  }

  /** §3.3.3: white space becomes spaces, except where it is written as a reference. */
  private value(): string {
    const quote = this.text[this.at]
    if (quote !== '"' && quote !== "'") throw new Malformed()
    this.at++
    const written = this.upTo(quote)
    if (!/[<&\t\n]/.test(written)) return written
    if (written.includes('<')) throw new Malformed()
    return dereferenced(written.replace(/[\t\n]/g, ' '))
  }

  /** §3.1 */
  private endTag(): void {
    const name = this.around.at(-1)
    if (name === undefined) throw new Malformed()
    const from = this.at + 2
    this.at = from + name.length
    if (!this.text.startsWith(name, from)) throw new Malformed()
    this.space()
    this.expect(GREATER)
    this.around.pop()
    this.listener.close()
  }

  /** §2.5 */
  private comment(): void {
    this.at += 4
    const text = this.upTo('--')
    this.expect(GREATER)
    this.listener.comment(text)
  }

  /** §2.7 */
  private section(): void {
    if (this.around.length === 0) throw new Malformed()
    this.at += 9
    this.listener.text(this.upTo(']]>'))
  }

  /** §2.6. The target `xml`, in any case, is reserved; at the start it is the XML declaration. */
  private instruction(): void {
    this.at += 2
    const target = this.name()
    if (this.code(0) !== QUESTION && !this.space()) throw new Malformed()
    const written = this.upTo('?>')
    if (target === 'xml' && !this.hasBegun) assertDeclaration(written)
    else throw new Malformed(/^xml$/i.test(target) ? 'not-well-formed' : 'processing-instruction')
  }

  /** §2.8: a document type comes before the document element. It is refused at its first word. */
  private documentType(): never {
    const isPlaced = !this.hasRoot && this.text.startsWith('<!DOCTYPE', this.at)
    throw new Malformed(isPlaced ? 'doctype' : 'not-well-formed')
  }

  /** §2.3 */
  private name(): string {
    const { text, at } = this
    let end = at
    let code = text.charCodeAt(end)
    while (code < 128 && ascii[code] !== 0) code = text.charCodeAt(++end)
    if (code >= 128) {
      NAME.lastIndex = at
      end = NAME.test(text) ? NAME.lastIndex : at
    }
    this.at = end
    if (end === at || ascii[text.charCodeAt(at)] === 2) throw new Malformed()
    return text.slice(at, end)
  }

  /** §2.3. @returns whether there is white space. */
  private space(): boolean {
    const from = this.at
    for (; ; this.at++) {
      const code = this.code(0)
      if (code !== SPACE && code !== LINE_FEED && code !== TAB) return this.at > from
    }
  }

  /** Returns the text before `end`, and goes on after `end`. Without `end` it is malformed. */
  private upTo(end: string): string {
    const from = this.at
    const found = this.text.indexOf(end, from)
    this.at = found < 0 ? this.text.length : found + end.length
    if (found < 0) throw new Malformed()
    return this.text.slice(from, found)
  }

  private expect(code: number): void {
    if (this.code(0) !== code) throw new Malformed()
    this.at++
  }

  private code(ahead: number): number {
    return this.text.charCodeAt(this.at + ahead)
  }
}

/** §2.8, §4.3.3: the version is 1.0, and the encoding, if it is declared, is UTF-8. */
function assertDeclaration(written: string): void {
  const [, , version, , encoding = 'UTF-8'] = DECLARATION.exec(written) ?? []
  if (version === undefined) throw new Malformed()
  if (version !== '1.0' || !/^utf-8$/i.test(encoding)) throw new Malformed('declaration')
}

/** §4.1, §4.6: character references, and the five entities that need no declaration. */
const dereferenced = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(?:#(?:(\d+)|x([\da-fA-F]+))|([a-z]+));|&/g, referenced)
    : text

function referenced(
  _: string,
  decimal: string | undefined,
  hexadecimal: string | undefined,
  entity: string | undefined,
): string {
  const character = entity === undefined ? undefined : entities.get(entity)
  if (character !== undefined) return character
  const code = hexadecimal === undefined ? Number(decimal) : parseInt(hexadecimal, 16)
  // An unknown entity, and an & without a reference, have no code: NaN, which is refused here too.
  if (!(code <= 0x10ffff)) throw new Malformed()
  const referent = String.fromCodePoint(code)
  if (NOT_CHAR.test(referent) || !referent.isWellFormed()) throw new Malformed()
  return referent
}

const entities: ReadonlyMap<string, string> = new Map(
  Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }),
)
