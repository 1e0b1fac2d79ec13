/** Contrast of colours as WCAG 2.2 defines it. Colours are `#rrggbb`. */

const channelsOf = (colour: string): readonly number[] =>
  [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))

/** Relative luminance. */
const luminanceOf = (colour: string): number => {
  const [r = 0, g = 0, b = 0] = channelsOf(colour)
    .map((channel) => channel / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** From 1 to 21. */
export function contrastOf(one: string, other: string): number {
  const [a, b] = [luminanceOf(one), luminanceOf(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

/** The colour, mixed with as little of black or white as gives it the contrast. */
export function nearestWith(colour: string, toward: '#000000' | '#ffffff', fits: Fits): string {
  const end = channelsOf(toward)
  for (let percent = 0; percent < 100; percent++) {
    const mixed = channelsOf(colour).map((from, i) =>
      Math.round(from + (((end[i] ?? 0) - from) * percent) / 100),
    )
    const near = `#${mixed.map((each) => each.toString(16).padStart(2, '0')).join('')}`
    if (fits(near)) return near
  }
  return toward
}

export type Fits = (colour: string) => boolean
