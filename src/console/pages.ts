/** Every page of the console. */
import type { ConsolePage } from './page.ts'
import { overviewPage } from './pages/overview.tsx'

export const pages: readonly ConsolePage[] = [overviewPage]
