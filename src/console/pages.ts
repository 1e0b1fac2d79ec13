/** Every page of the console. */
import type { ConsolePage } from './page.ts'
import { apiTokensPage } from './pages/api-tokens.tsx'
import { auditPage } from './pages/audit.tsx'
import { directoryPage } from './pages/directory.tsx'
import { connectionNewPage } from './pages/connection-new.tsx'
import { connectionSetUpPage } from './pages/connection-set-up.tsx'
import { connectionPage } from './pages/connection.tsx'
import { connectionsPage } from './pages/connections.tsx'
import { endSignInsPage } from './pages/end-sign-ins.tsx'
import { groupPage } from './pages/group.tsx'
import { groupsPage } from './pages/groups.tsx'
import { overviewPage } from './pages/overview.tsx'
import { peoplePage } from './pages/people.tsx'
import { personPage } from './pages/person.tsx'
import { programsPage } from './pages/programs.tsx'
import { serviceTokensPage } from './pages/service-tokens.tsx'
import { settingsPage } from './pages/settings.tsx'
import { signalsPage } from './pages/signals.tsx'
import { signInPage } from './pages/sign-in.tsx'
import { signInsPage } from './pages/sign-ins.tsx'
import { sitesPage } from './pages/sites.tsx'
import { troublePage } from './pages/trouble.tsx'
import { webhookPage } from './pages/webhook.tsx'

export const pages: readonly ConsolePage[] = [
  overviewPage,
  // Pages of connections.
  connectionsPage,
  connectionNewPage,
  connectionPage,
  connectionSetUpPage,
  // Pages of people and groups.
  peoplePage,
  personPage,
  endSignInsPage,
  groupsPage,
  groupPage,
  directoryPage,
  // Pages of what happened.
  signInsPage,
  signInPage,
  troublePage,
  auditPage,
  // Pages of what the gate guards.
  sitesPage,
  serviceTokensPage,
  settingsPage,
  apiTokensPage,
  programsPage,
  signalsPage,
  webhookPage,
]
