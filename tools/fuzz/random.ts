/** A pseudo-random generator that gives the same numbers for the same seed on every machine. */
export interface Dice {
  /** An integer from 0 to sides - 1. */
  readonly roll: (sides: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <T>(from: readonly T[]) => T
}

/** Each iteration has its own sequence, so that it can be repeated alone. */
export function diceFor(seed: number, iteration: number): Dice {
  let [a, b, c, d] = [seed | 0, iteration | 0, 0x9e3779b9, 1]
  // sfc32, by Chris Doty-Humphrey, in the public domain.
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    return (t >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 12; i++) next()
  const roll = (sides: number): number => Math.floor(next() * sides)
  return {
    roll,
    chance: (probability) => next() < probability,
    pick: (from) => {
      const picked = from[roll(from.length)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
  }
}
