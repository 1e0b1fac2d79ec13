/** What axe-core finds wrong with a page. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  const found = await page.evaluate<readonly Violation[]>(
    'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations)',
  )
  return found.map(({ id, nodes: [node] }) => `${id}: ${node?.html} ${node?.failureSummary}`)
}
