/** Every page of the console. */
import type { ConsolePage } from './page.ts'
import { overviewPage } from './pages/overview.tsx'
import { sitesPage } from './pages/sites.tsx'

export const pages: readonly ConsolePage[] = [
  overviewPage,
  // Pages of what the gate guards.
  sitesPage,
]
