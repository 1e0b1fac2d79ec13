/** Makes a mutant, as bytes: a fixture with a few mutations, or a small document. */
import { concatBytes, utf8, type Bytes } from '../../src/lib/bytes.ts'
import { smallDocument } from './grammar.ts'
import { grow } from './grow.ts'
import { loud } from './loud.ts'
import { quiet } from './quiet.ts'
import { diceFor, type Dice } from './random.ts'
import type { Seed } from './seeds.ts'
import { endOf, kindOf, tokenize } from './tokens.ts'

export interface Mutant {
  readonly seed: Seed
  readonly bytes: Bytes
}

/** How many of the mutants are small documents, made from the grammar instead of a fixture. */
const SMALL = 0.6

/** Deterministic: the same arguments give the same mutant. */
export function mutantOf(
  seeds: readonly Seed[],
  seed: number,
  iteration: number,
): Mutant & { readonly dice: Dice } {
  const dice = diceFor(seed, iteration)
  if (dice.chance(SMALL)) {
    const xml = smallDocument(dice)
    return { seed: { name: 'the grammar', xml, signed: null }, bytes: encode(xml, dice), dice }
  }
  const signed = seeds.filter((each) => each.signed)
  const chosen = dice.pick(dice.chance(0.6) ? signed : seeds)
  const tokens = tokenize(chosen.xml)
  const manner = dice.roll(100)
  // Most mutants of a signed response should still be well-formed, and many should still be
  // accepted.
  const list = manner < 40 ? quiet : manner < 75 ? loud : [...quiet, ...loud]
  for (let left = 1 + dice.roll(manner < 40 ? 6 : 3); left > 0 && tokens.length > 0; left--) {
    dice.pick(list)(tokens, dice)
  }
  if (dice.chance(0.05)) splice(tokens, tokenize(dice.pick(seeds).xml), dice)
  if (dice.chance(0.006)) for (let times = 1 + dice.roll(3); times > 0; times--) grow(tokens, dice)
  const bytes = encode(tokens.join(''), dice)
  return { seed: chosen, bytes: dice.chance(0.06) ? changeBytes(bytes, dice) : bytes, dice }
}

/** Inserts an element of another fixture, or replaces an element with it. */
function splice(tokens: string[], others: readonly string[], dice: Dice): void {
  const from = dice.roll(others.length)
  const end = endOf(others, from)
  if (end === null) return
  const at = dice.roll(tokens.length + 1)
  const replaced = dice.chance(0.5) ? endOf(tokens, at) : null
  tokens.splice(at, replaced === null ? 0 : replaced - at, ...others.slice(from, end))
  if (dice.chance(0.3) && kindOf(tokens[at] ?? '') === 'text') tokens.splice(at, 1)
}

function encode(text: string, dice: Dice): Bytes {
  if (!dice.chance(0.01)) return utf8(text)
  const kind = dice.pick(['utf16le', 'utf16be', 'latin1', 'utf8bom', 'ucs4'] as const)
  if (kind === 'utf8bom') return concatBytes(Uint8Array.of(0xef, 0xbb, 0xbf), utf8(text))
  if (kind === 'latin1') return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff)
  const wide = kind === 'ucs4'
  const units = Array.from(text, (character) => character.charCodeAt(0))
  const little = units.flatMap((unit) =>
    wide ? [unit & 0xff, unit >> 8, 0, 0] : [unit & 0xff, unit >> 8],
  )
  const bytes = Uint8Array.from(little)
  if (kind === 'utf16be') Buffer.from(bytes.buffer).swap16()
  const mark = kind === 'utf16be' ? [0xfe, 0xff] : [0xff, 0xfe]
  return dice.chance(0.7) ? concatBytes(Uint8Array.from(mark), bytes) : bytes
}

const ODD_BYTES = [
  [0xff],
  [0xfe],
  [0xc0, 0xbc],
  [0xe0, 0x80, 0xbc],
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0x80],
  [0xc3],
  [0xe2, 0x80],
  [0x00],
  [0x1a],
  [0xef, 0xbb, 0xbf],
  [0xc2, 0x85],
  [0xef, 0xbf, 0xbe],
]

function changeBytes(bytes: Bytes, dice: Dice): Bytes {
  let changed = bytes
  for (let left = 1 + dice.roll(3); left > 0; left--) {
    const at = dice.roll(changed.length + 1)
    const [before, after] = [changed.slice(0, at), changed.slice(at)]
    switch (dice.roll(6)) {
      case 0:
        changed = concatBytes(before, Uint8Array.from(dice.pick(ODD_BYTES)), after)
        break
      case 1:
        changed = concatBytes(before, Uint8Array.of(dice.roll(256)), after.slice(1))
        break
      case 2:
        changed = concatBytes(before, after.slice(1 + dice.roll(8)))
        break
      case 3:
        changed = concatBytes(before, after.slice(0, 1 + dice.roll(30)), after)
        break
      case 4:
        changed = before
        break
      default: {
        const flipped = (after[0] ?? 0) ^ (1 << dice.roll(8))
        changed = concatBytes(before, Uint8Array.of(flipped), after.slice(1))
      }
    }
  }
  return changed
}
