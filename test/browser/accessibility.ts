/** What is wrong with a page for people who see little, have no mouse or a narrow screen. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

interface Examined {
  readonly faults: readonly string[]
  readonly focusable: number
}
interface Focused {
  /** Place in the order of the document; -1: nowhere. */
  readonly at: number
  readonly faults: readonly string[]
}

const examine = await readFile(join(import.meta.dirname, 'examine.page.js'), 'utf8')

const isWhole = `document.readyState !== 'loading' &&
  [...document.querySelectorAll('link[rel=stylesheet]')].every(({ sheet }) => sheet !== null)`

/** A page can be read before all of it is there, and its style. One that leads on is never loaded. */
export const whole = (page: Page): Promise<void> =>
  expect.poll(() => page.evaluate(isWhole)).toBe(true)

export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await whole(page)
  const { faults, focusable } = await page.evaluate<Examined>(examine)
  return [...faults, ...(await focusFaults(page, focusable)), ...(await widthFaults(page))]
}

/** Everything is reached by Tab, in order, and can be seen to be. */
async function focusFaults(page: Page, count: number): Promise<readonly string[]> {
  await page.evaluate('document.activeElement.blur()')
  const found: string[] = []
  for (let i = 0; i < count; i++) {
    await page.keyboard.press('Tab')
    const { at, faults } = await page.evaluate<Focused>('examineFocus()')
    if (at !== i) found.push(`Tab ${i + 1} leads to ${at}`)
    found.push(...faults)
  }
  return found
}

/** WCAG 2.2 §1.4.10: nothing has to be scrolled sideways at 320 pixels. And a card has an edge there. */
async function widthFaults(page: Page): Promise<readonly string[]> {
  const before = page.viewportSize()
  await page.setViewportSize({ width: 320, height: 640 })
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  const cut = await page.evaluate<number>(`[...document.querySelectorAll('main, .card')].filter(
    (card) => getComputedStyle(card).borderLeftWidth !== '0px' && card.getBoundingClientRect().left <= 0,
  ).length`)
  if (before) await page.setViewportSize(before)
  return [
    ...(width > 320 ? [`the page is ${width} pixels wide where the screen is 320`] : []),
    ...(cut > 0 ? ['a card goes to the edge of a screen of 320 pixels'] : []),
  ]
}
