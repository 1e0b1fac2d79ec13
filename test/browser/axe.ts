/** What axe-core finds wrong with a page. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { whole } from './accessibility.ts'

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** For all that the page opens from now on. To send axe for each address anew would take longer than it runs. */
export const bringAxe = async (page: Page): Promise<void> => {
  await page.addInitScript(axe)
}

export async function violationsOf(page: Page): Promise<readonly string[]> {
  await whole(page)
  const found = await page.evaluate<readonly Violation[]>(
    'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations)',
  )
  return found.map(({ id, nodes: [node] }) => `${id}: ${node?.html} ${node?.failureSummary}`)
}
