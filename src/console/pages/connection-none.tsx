import type { Shown } from '../page.ts'
import { To } from '../parts.tsx'
import { Empty } from '../ui.tsx'

export const noSuchConnection: Shown = {
  status: 404,
  title: 'There is no such connection',
  section: '/connections',
  body: (
    <Empty>
      It may have been removed. <To path="/connections">Look at all connections</To>.
    </Empty>
  ),
}
