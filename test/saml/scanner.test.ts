/** The grammar of XML 1.0, rule by rule, and our reader of it beside a second one on saxes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { limits, parseXml, readInPieces, type XmlNode } from '../../src/saml/xml/reader.ts'
import { Malformed, Scanner } from '../../src/saml/xml/scanner.ts'
import { smallDocument } from '../../tools/fuzz/grammar.ts'
import type { Dice } from '../../tools/fuzz/random.ts'
import { differenceOf, verdictOf } from '../../tools/fuzz/readers.ts'
import { parseXmlBySaxes } from '../../tools/fuzz/saxes-reader.ts'

const MALFORMED = 'refused: not-well-formed'

/** The document in a notation of its own, with every value as JSON; or the fault. */
function read(xml: string): string {
  const document = parseXml(utf8(xml))
  if (!document.ok) return `refused: ${document.error}`
  return shown(document.value)
}

function shown(node: XmlNode): string {
  if (node.kind !== 'element') return `${node.kind} ${JSON.stringify(node.text)}`
  const attributes = node.attributes.map(({ name, value }) => ` ${name}=${JSON.stringify(value)}`)
  return `${node.name}${attributes.join('')}(${node.children.map(shown).join(', ')})`
}

describe.each<readonly [string, readonly (readonly [string, string, string])[]]>([
  [
    '§2.1: a document',
    [
      ['has an element', '<a/>', 'a()'],
      ['that is empty has none', '', MALFORMED],
      ['of white space has none', ' \n', MALFORMED],
      ['of a comment has none', '<!--a-->', MALFORMED],
      ['has one root, not two', '<a/><a/>', MALFORMED],
      ['has one root, not two with an end tag', '<a></a><a></a>', MALFORMED],
      ['ends no sooner than its root', '<a>', MALFORMED],
      ['ends no sooner than its elements', '<a><b></a>', MALFORMED],
      ['may have comments and white space around its root', '\n<!--b--> <a/>\t<!--c-->\r\n', 'a()'],
      ['has no text before its root', 'x<a/>', MALFORMED],
      ['has no text after its root', '<a/>x', MALFORMED],
      ['has no text after white space', '<a/> x', MALFORMED],
      ['has no reference outside of its root', '<a/>&#32;', MALFORMED],
      ['has no CDATA section before its root', '<![CDATA[ ]]><a/>', MALFORMED],
      ['has no CDATA section after its root', '<a/><![CDATA[]]>', MALFORMED],
      ['has no end tag outside of its root', '<a/></a>', MALFORMED],
      ['does not begin with an end tag', '</a>', MALFORMED],
    ],
  ],
  [
    '§2.2: a character',
    [
      [
        'may be a tab, a line end, or of a higher plane',
        '<a>\t\n\u{10ffff}</a>',
        'a(text "\\t\\n\u{10ffff}")',
      ],
      [
        'may be U+007F, U+0085 or U+FFFD',
        '<a>\u007f\u0085\ufffd</a>',
        'a(text "\u007f\u0085\ufffd")',
      ],
      ['is not NUL', '<a>\0</a>', MALFORMED],
      ['is not NUL after the document', '<a/>\0', MALFORMED],
      ['is not U+0008', '<a>\b</a>', MALFORMED],
      ['is not U+000B', '<a>\v</a>', MALFORMED],
      ['is not U+000C', '<a>\f</a>', MALFORMED],
      ['is not U+000E', '<a>\u000e</a>', MALFORMED],
      ['is not U+001F', '<a>\u001f</a>', MALFORMED],
      ['is not U+FFFE', '<a>\ufffe</a>', MALFORMED],
      ['is not U+FFFF in a comment', '<a><!--\uffff--></a>', MALFORMED],
      ['is not U+001F in a CDATA section', '<a><![CDATA[\u001f]]></a>', MALFORMED],
      ['is not NUL in an attribute value', '<a b="\0"/>', MALFORMED],
      ['that is forbidden hides no fault before it', '<!DOCTYPE a><a>\0</a>', 'refused: doctype'],
    ],
  ],
  [
    '§2.3: a name',
    [
      ['may have points, digits and hyphens', '<a.b-1/>', 'a.b-1()'],
      ['may begin with an underscore', '<_/>', '_()'],
      ['may be of a higher plane', '<\u{10000}a/>', '\u{10000}a()'],
      ['may go on in other letters', '<aé李1/>', 'aé李1()'],
      ['may go on with a middle dot', '<a\u00b7/>', 'a\u00b7()'],
      ['does not begin with a digit', '<1/>', MALFORMED],
      ['does not begin with a hyphen', '<-a/>', MALFORMED],
      ['does not begin with a point', '<.a/>', MALFORMED],
      ['does not begin with a middle dot', '<\u00b7/>', MALFORMED],
      ['has no sign of multiplication', '<a×/>', MALFORMED],
      ['has no Greek question mark', '<a\u037e/>', MALFORMED],
      ['has no character beyond U+EFFFF', '<a\u{f0000}/>', MALFORMED],
      ['is not empty', '<>', MALFORMED],
      ['comes right after the bracket', '< a/>', MALFORMED],
    ],
  ],
  [
    '§2.4: character data',
    [
      ['may have >, and brackets', '<a>]]&gt; ]> ></a>', 'a(text "]]> ]> >")'],
      ['has no ]]>', '<a>]]></a>', MALFORMED],
      ['has no ]]> after more brackets', '<a>x]]]></a>', MALFORMED],
      ['has no & alone', '<a>a & b</a>', MALFORMED],
      ['has no & at its end', '<a>a&</a>', MALFORMED],
      [
        'is one text with the CDATA sections beside it',
        '<a>b<![CDATA[<c>&]]>d</a>',
        'a(text "b<c>&d")',
      ],
    ],
  ],
  [
    '§2.5: a comment',
    [
      ['is kept', '<a><!-- <b> & --></a>', 'a(comment " <b> & ")'],
      ['may be empty', '<a><!----></a>', 'a(comment "")'],
      ['may have single hyphens', '<a><!---b-c-->  </a>', 'a(comment "-b-c", text "  ")'],
      ['may have > after a hyphen', '<a><!--->--></a>', 'a(comment "->")'],
      ['has no --', '<a><!--b--c--></a>', MALFORMED],
      ['does not end in --->', '<a><!--b---></a>', MALFORMED],
      ['has an end', '<a><!--b', MALFORMED],
      ['has an end outside of the root, too', '<a/><!--b->', MALFORMED],
      ['begins with two hyphens', '<a><!-b--></a>', MALFORMED],
      [
        'parts no text that is the same node',
        '<a>b<!--c-->d</a>',
        'a(text "b", comment "c", text "d")',
      ],
    ],
  ],
  [
    '§2.6: a processing instruction',
    [
      ['is refused', '<?b c?><a/>', 'refused: processing-instruction'],
      ['without content is refused', '<a><?b?></a>', 'refused: processing-instruction'],
      [
        'whose name begins with xml is refused as one',
        '<a/><?xml-b?>',
        'refused: processing-instruction',
      ],
      ['is not named xml', '<a><?xml version="1.0"?></a>', MALFORMED],
      ['is not named XML', '<?XML version="1.0"?><a/>', MALFORMED],
      ['has a name', '<? b?><a/>', MALFORMED],
      ['has white space after its name', '<?b!c?><a/>', MALFORMED],
      ['has an end', '<?b c><a/>', MALFORMED],
    ],
  ],
  [
    '§2.7: a CDATA section',
    [
      ['is text', '<a><![CDATA[<&]]&gt;&#9;]]]]></a>', 'a(text "<&]]&gt;&#9;]]")'],
      ['that is empty is nothing', '<a><![CDATA[]]></a>', 'a()'],
      ['is written in capitals', '<a><![cdata[b]]></a>', MALFORMED],
      ['has an end', '<a><![CDATA[b]]</a>', MALFORMED],
    ],
  ],
  [
    '§2.8: the prolog',
    [
      ['may declare version 1.0', '<?xml version="1.0"?><a/>', 'a()'],
      [
        'may declare all',
        "<?xml\tversion = '1.0' encoding='utf-8'\r\nstandalone='no' ?><a/>",
        'a()',
      ],
      ['may begin with a byte order mark', '\ufeff<?xml version="1.0"?><a/>', 'a()'],
      ['has no two byte order marks', '\ufeff\ufeff<a/>', MALFORMED],
      ['has no byte order mark in the middle', '<!--b-->\ufeff<a/>', MALFORMED],
      ['declares nothing after white space', ' <?xml version="1.0"?><a/>', MALFORMED],
      ['declares nothing after a comment', '<!--b--><?xml version="1.0"?><a/>', MALFORMED],
      ['declares nothing twice', '<?xml version="1.0"?><?xml version="1.0"?><a/>', MALFORMED],
      ['declares a version', '<?xml encoding="UTF-8"?><a/>', MALFORMED],
      ['declares something', '<?xml?><a/>', MALFORMED],
      ['declares the version first', '<?xml encoding="UTF-8" version="1.0"?><a/>', MALFORMED],
      [
        'declares the encoding second',
        '<?xml version="1.0" standalone="yes" encoding="UTF-8"?><a/>',
        MALFORMED,
      ],
      ['declares no more than three', '<?xml version="1.0" b="c"?><a/>', MALFORMED],
      ['has white space between', '<?xml version="1.0"encoding="UTF-8"?><a/>', MALFORMED],
      ['has matching quotes', '<?xml version="1.0\'?><a/>', MALFORMED],
      ['has quotes', '<?xml version=1.0?><a/>', MALFORMED],
      ['ends the declaration with ?>', '<?xml version="1.0">', MALFORMED],
      ['is standalone or not', '<?xml version="1.0" standalone="maybe"?><a/>', MALFORMED],
      ['has a number as its version', '<?xml version="1.x"?><a/>', MALFORMED],
      ['has an encoding with a name', '<?xml version="1.0" encoding=""?><a/>', MALFORMED],
      ['of version 1.1 is refused', '<?xml version="1.1"?><a/>', 'refused: declaration'],
      [
        'of another encoding is refused',
        '<?xml version="1.0" encoding="UTF-16"?><a/>',
        'refused: declaration',
      ],
      [
        'of an encoding utf8 is refused',
        '<?xml version="1.0" encoding="utf8"?><a/>',
        'refused: declaration',
      ],
      ['with a document type is refused', '<!DOCTYPE a><a/>', 'refused: doctype'],
      [
        'with a document type without an end is refused',
        '<!--b--><!DOCTYPE a [',
        'refused: doctype',
      ],
      ['has no document type in small letters', '<!doctype a><a/>', MALFORMED],
      ['has no declaration of markup', '<!ENTITY a "b"><a/>', MALFORMED],
      ['ends before the root: there is no document type in it', '<a><!DOCTYPE a></a>', MALFORMED],
      ['ends before the root: there is no document type after it', '<a/><!DOCTYPE a>', MALFORMED],
    ],
  ],
  [
    '§2.11: a line end',
    [
      [
        'is a line feed in text',
        '<a>b\r\nc\rd\n\re\r\r\nf</a>',
        'a(text "b\\nc\\nd\\n\\ne\\n\\nf")',
      ],
      ['is a line feed in a comment', '<a><!--\r\n\r--></a>', 'a(comment "\\n\\n")'],
      ['is a line feed in a CDATA section', '<a><![CDATA[\r\n\r]]></a>', 'a(text "\\n\\n")'],
      ['is white space in a tag', '<a\r\nb="c"\r/>', 'a b="c"()'],
      [
        'stays a carriage return if it is written as a reference',
        '<a>&#13;\n&#xD;</a>',
        'a(text "\\r\\n\\r")',
      ],
    ],
  ],
  [
    '§3.1: a tag',
    [
      ['may have white space at its end', '<a ><b /></a\n>', 'a(b())'],
      ['has none before its name', '<a></ a>', MALFORMED],
      ['ends the element that is open', '<a><b></a></b>', MALFORMED],
      ['does not end an element whose name is longer', '<ab></a>', MALFORMED],
      ['does not end an element whose name is shorter', '<a></ab>', MALFORMED],
      ['does not end an element in other letters', '<a></A>', MALFORMED],
      ['that ends has no attributes', '<a></a b="c">', MALFORMED],
      ['that is empty ends with />', '<a/ >', MALFORMED],
      ['that is empty ends with one slash', '<a//>', MALFORMED],
      ['has an end', '<a b="c"', MALFORMED],
      ['has an end before it counts as too deep', '<a>'.repeat(limits.depth) + '<a', MALFORMED],
      ['has an end before the next', '<a <b/>', MALFORMED],
    ],
  ],
  [
    '§3.1, §3.3.3: an attribute',
    [
      ['may have white space about its =', '<a b\n=\t"c"/>', 'a b="c"()'],
      ['may have either quotes', `<a b='"' c="'"/>`, `a b="\\"" c="'"()`],
      ['has quotes', '<a b=c/>', MALFORMED],
      ['has a value', '<a b/>', MALFORMED],
      ['has a =', '<a b"c"/>', MALFORMED],
      ['has an end quote', '<a b="c/>', MALFORMED],
      ['has white space before it', '<a b="c"d="e"/>', MALFORMED],
      ['has white space after the name of the element', '<a"b"="c"/>', MALFORMED],
      ['has no < in its value', '<a b="<"/>', MALFORMED],
      ['has no & alone in its value', '<a b="&"/>', MALFORMED],
      ['may have > and ]]> in its value', '<a b="]]>"/>', 'a b="]]>"()'],
      ['is not there twice', '<a b="" c="" b=""/>', MALFORMED],
      ['has spaces for white space', '<a b="\t\n\r\n\r "/>', 'a b="     "()'],
      [
        'keeps white space that is written as references',
        '<a b="&#9;&#10;&#13;&#32;"/>',
        'a b="\\t\\n\\r "()',
      ],
      [
        'may have an entity for each quote and bracket',
        '<a b="&lt;&gt;&quot;&apos;&amp;"/>',
        `a b="<>\\"'&"()`,
      ],
    ],
  ],
  [
    '§4.1, §4.6: a reference',
    [
      [
        'may be decimal or hexadecimal',
        '<a>&#65;&#x4a;&#x4A;&#0065;&#x1F600;</a>',
        'a(text "AJJA😀")',
      ],
      ['is to one of five entities', '<a>&lt;&gt;&amp;&quot;&apos;</a>', `a(text "<>&\\"'")`],
      ['is read once', '<a>&amp;lt;&#38;#60;</a>', 'a(text "&lt;&#60;")'],
      ['is not to another entity', '<a>&nbsp;</a>', MALFORMED],
      ['is not to a property of an object', '<a>&constructor;</a>', MALFORMED],
      ['is not to an entity in capitals', '<a>&LT;</a>', MALFORMED],
      ['has a name', '<a>&;</a>', MALFORMED],
      ['has a semicolon', '<a>&lt</a>', MALFORMED],
      ['has digits', '<a>&#;</a>', MALFORMED],
      ['has hexadecimal digits', '<a>&#x;</a>', MALFORMED],
      ['has a small x', '<a>&#X41;</a>', MALFORMED],
      ['has no sign', '<a>&#+65;</a>', MALFORMED],
      ['has no white space', '<a>&# 65;</a>', MALFORMED],
      ['has no hexadecimal digits without x', '<a>&#4a;</a>', MALFORMED],
      ['is not to NUL', '<a>&#0;</a>', MALFORMED],
      ['is not to U+001F', '<a>&#x1f;</a>', MALFORMED],
      ['is not to a surrogate', '<a>&#xD800;</a>', MALFORMED],
      ['is not to a low surrogate', '<a>&#xDFFF;</a>', MALFORMED],
      ['is not to two surrogates', '<a>&#xD83D;&#xDE00;</a>', MALFORMED],
      ['is not to U+FFFE', '<a>&#xFFFE;</a>', MALFORMED],
      ['is not to U+FFFF in an attribute', '<a b="&#65535;"/>', MALFORMED],
      ['is not beyond Unicode', '<a>&#x110000;</a>', MALFORMED],
      ['is not to a number that is one when cut', '<a>&#x100000041;</a>', MALFORMED],
    ],
  ],
])('%s', (_, cases) => {
  it.each(cases)('%s', (__, xml, expected) => {
    expect(read(xml)).toBe(expected)
    expect(differenceOf(utf8(xml), parseXml(utf8(xml)))).toBeNull()
  })
})

/** Every throw is a choice of fast-check, which can then make a document smaller. */
const diceOf = (pick: fc.GeneratorValue): Dice => {
  const roll = (sides: number): number => pick(fc.nat, { max: sides - 1 })
  return {
    roll,
    chance: (probability) => roll(1000) < probability * 1000,
    pick(from) {
      const picked = from[roll(from.length)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
  }
}

const documents = fc.gen().map((pick) => smallDocument(diceOf(pick)))

describe('beside a reader on saxes', () => {
  it('reads the same tree of every document, or refuses it by the same fault', () => {
    fc.assert(
      fc.property(documents, (xml) => {
        const bytes = utf8(xml)
        expect(differenceOf(bytes, parseXml(bytes))).toBeNull()
      }),
      { numRuns: 2_000 },
    )
  })

  it('is given documents of every verdict', () => {
    const sample = fc.sample(documents, { numRuns: 3_000, seed: 1 })
    const verdicts = sample.map((xml) => verdictOf(parseXml(utf8(xml))))
    expect(new Set(verdicts)).toEqual(
      new Set([
        'read',
        'not-well-formed',
        'doctype',
        'processing-instruction',
        'declaration',
        'namespace-uri',
        'too-deep',
        'too-many-attributes',
      ]),
    )
  })

  it('has the same limits', () => {
    const nodes = (count: number) => `<a>${'<b/>'.repeat(count - 1)}</a>`
    const deep = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
    const attributes = (count: number) =>
      `<a${Array.from({ length: count }, (_, i) => ` b${i}=""`).join('')}/>`
    const documentsAtLimits = [
      [nodes(limits.nodes), 'read'],
      [nodes(limits.nodes + 1), 'too-many-nodes'],
      [`<a>${'b<!---->'.repeat(limits.nodes / 2)}</a>`, 'too-many-nodes'],
      [deep(limits.depth), 'read'],
      [deep(limits.depth + 1), 'too-deep'],
      [attributes(limits.attributesPerElement), 'read'],
      [attributes(limits.attributesPerElement + 1), 'too-many-attributes'],
      [`<a>${' '.repeat(limits.bytes - 7)}</a>`, 'read'],
      [`<a>${' '.repeat(limits.bytes - 6)}</a>`, 'too-large'],
    ] as const
    for (const [xml, expected] of documentsAtLimits) {
      const bytes = utf8(xml)
      const ours = parseXml(bytes)
      expect(verdictOf(ours)).toBe(expected)
      expect(differenceOf(bytes, ours)).toBeNull()
    }
  })

  it('says of a document type without an end that it is one, where saxes waits for the end', () => {
    const cut = utf8('<!DOCTYPE a')
    expect(parseXml(cut)).toEqual({ ok: false, error: 'doctype' })
    expect(parseXmlBySaxes(cut)).toEqual({ ok: false, error: 'not-well-formed' })
  })
})

/** What a scanner tells of text that comes in these pieces, each scanned as far as it is complete. */
function heard(pieces: readonly string[]): readonly string[] {
  const events: string[] = []
  let attributes: string[] = []
  const scanner = new Scanner({
    begin: () => void (attributes = []),
    attribute: (name, value) => void attributes.push(` ${name}=${JSON.stringify(value)}`),
    open: (name) => void events.push(`<${name}${attributes.join('')}>`),
    close: () => void events.push('</>'),
    text: (text) => void events.push(`text ${JSON.stringify(text)}`),
    comment: (text) => void events.push(`comment ${JSON.stringify(text)}`),
  })
  try {
    for (const piece of pieces) {
      scanner.write(piece)
      scanner.flush()
    }
    scanner.end()
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    events.push(error.fault)
  }
  return events
}

describe('a document in pieces', () => {
  it('is the same document wherever it is cut', () => {
    fc.assert(
      fc.property(documents, fc.array(fc.nat(), { maxLength: 8 }), (xml, cuts) => {
        const ends = cuts.map((cut) => cut % (xml.length + 1)).toSorted((a, b) => a - b)
        const pieces = [...ends, xml.length].map((end, i) => xml.slice(ends[i - 1] ?? 0, end))
        expect(heard(pieces)).toEqual(heard([xml]))
      }),
      { numRuns: 1_000 },
    )
  })

  it('may come in single characters', () => {
    const xml =
      '\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<!--b--><a b="&lt;\r\n" 李="😀">c\r\nd&#13;<![CDATA[]]]>' +
      '<b\r\r\n/><!----><é></é >]]</a>\r\n<!--e-->\r'
    expect(heard(Array.from({ length: xml.length }, (_, i) => xml.charAt(i)))).toEqual(heard([xml]))
    expect(heard([xml]).slice(0, 4)).toEqual([
      'comment "b"',
      '<a b="< " 李="😀">',
      'text "c\\nd\\r"',
      'text "]"',
    ])
  })

  it.each([
    ['a comment', '<a><!--', 'b', '-->c</a>'],
    ['a text', '<a>', '&lt;', '<b/></a>'],
    ['an attribute', '<a b="', ' ', '" c=""/>'],
    ['a name', '<', 'é', '/>'],
  ])('is read if %s is longer than a piece', (_, before, repeated, after) => {
    const xml = before + repeated.repeat(200_000) + after
    const reading = readInPieces(null)
    for (let at = 0; at < xml.length; at += 50_000) {
      expect(reading.write(xml.slice(at, at + 50_000))).toBeNull()
    }
    expect(reading.end()).toEqual(parseXml(utf8(xml)))
    expect(reading.end().ok).toBe(true)
  })

  it('is refused as soon as it cannot be right, and not only at its end', () => {
    const reading = readInPieces(null)
    expect(reading.write(`<a></b>${' '.repeat(100_000)}`)).toBe('not-well-formed')
  })

  it('is refused by a limit in the last tag of a piece, without waiting for the next', () => {
    const reading = readInPieces(null)
    const deep = '<a>'.repeat(limits.depth + 1)
    expect(reading.write(' '.repeat(100_000) + deep)).toBe('too-deep')
  })

  it('is too large once more is kept than the limit', () => {
    const reading = readInPieces(null)
    const piece = ' '.repeat(limits.bytes / 2)
    expect(reading.write(`<a>${piece}`)).toBeNull()
    expect(reading.write(piece)).toBe('too-large')
  })

  it('may be larger than the limit if its reader drops what it has read', () => {
    const closed: string[] = []
    const reading = readInPieces({
      opened: () => undefined,
      closed(element) {
        closed.push(element.name)
        return true
      },
    })
    const entity = `<b>${'x'.repeat(limits.bytes * 0.9)}</b>`
    expect(reading.write('<a>')).toBeNull()
    for (let times = 0; times < 4; times++) expect(reading.write(entity)).toBeNull()
    expect(reading.write('</a>')).toBeNull()
    expect(reading.end().ok).toBe(true)
    expect(closed).toEqual(['b', 'b', 'b', 'b', 'a'])
  })

  it('has a root, even if nothing is written', () => {
    expect(heard([])).toEqual(['not-well-formed'])
    expect(heard(['<!--a-->'])).toEqual(['comment "a"', 'not-well-formed'])
  })

  it('has no lone surrogates', () => {
    for (const xml of ['<a>\ud83d</a>', '<a>\ude00</a>', '<a/>\ud83d', '<a b="\ude00\ud83d"/>']) {
      expect(heard([xml])).toContain('not-well-formed')
    }
  })
})
