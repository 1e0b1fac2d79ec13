import { describe, expect, it } from 'vitest'
import { contrastOf, nearestWith } from '../../src/lib/contrast.ts'

describe('contrast', () => {
  // Values that WCAG 2.2 and its techniques name.
  it.each([
    ['#000000', '#ffffff', 21],
    ['#777777', '#ffffff', 4.48],
    ['#767676', '#ffffff', 4.54],
    ['#949494', '#ffffff', 3.03],
    ['#ff0000', '#ffffff', 4],
    ['#0000ff', '#ffffff', 8.59],
    ['#123456', '#123456', 1],
  ])('of %s with %s is %f', (one, other, ratio) => {
    expect(contrastOf(one, other)).toBeCloseTo(ratio, 2)
    expect(contrastOf(other, one)).toBe(contrastOf(one, other))
  })

  it('is reached by mixing in as little as needed', () => {
    const fits = (colour: string) => contrastOf(colour, '#ffffff') >= 4.5
    const near = nearestWith('#ff8800', '#000000', fits)
    expect(near).toMatch(/^#[\da-f]{6}$/)
    expect(contrastOf(near, '#ffffff')).toBeGreaterThanOrEqual(4.5)
    expect(contrastOf(near, '#ffffff')).toBeLessThan(4.7)
    expect(nearestWith('#1f5f52', '#000000', fits)).toBe('#1f5f52')
    expect(nearestWith('#ffffff', '#000000', () => false)).toBe('#000000')
  })
})
