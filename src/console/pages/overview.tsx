/** The first page: is all well? */
import type { ConsolePage } from '../page.ts'
import { Card, Empty } from '../ui.tsx'

export const overviewPage: ConsolePage = {
  path: '',
  scope: 'read',
  show: async () => ({
    title: 'Overview',
    section: '',
    body: (
      <Card title="Today">
        <Empty>Nobody has signed in yet.</Empty>
      </Card>
    ),
  }),
}
