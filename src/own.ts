/**
 * Gatehouse's own paths, below its prefix, and cron. Each part is modules that an isolate loads at
 * the first request for one of its paths, so a visitor of a site waits for none of them.
 */
import type { AdminPart } from './admin/part.ts'
import { answerWith } from './http.ts'
import type { Instant } from './lib/instant.ts'
import { limitOf } from './lib/limits.ts'
import { onDemand, type OnDemand } from './lib/part.ts'
import {
  API_PREFIX,
  ARRIVE_PATH,
  ASSETS_PATH,
  AUTHORIZE_PATH,
  BACK_PATH,
  CLIENT_PATH,
  CONSOLE_PATH,
  DEVICE_REFRESH_PATH,
  FORM_PATH,
  HANDOVER_PATH,
  HOME_PATH,
  isSloPath,
  LOGIN_PATH,
  LOGOUT_PATH,
  mayEndPrograms,
  ME_PATH,
  metadataPath,
  RESOURCE_METADATA_PATH,
  revocationPath,
  SCIM_PREFIX,
  SERVER_METADATA_PATH,
  SIGNED_IN_PATH,
  signalsPath,
  SWITCH_PATH,
  TEST_PATH,
} from './lib/paths.ts'
import type { AnswerDeps } from './login/answer.ts'
import type { Answer, PartDeps } from './parts/deps.ts'
import type { Programs } from './proxy/program.ts'
import type { Visit } from './site/visit.ts'

const login = [LOGIN_PATH, BACK_PATH, SIGNED_IN_PATH, CLIENT_PATH]
const oauth = [AUTHORIZE_PATH, SERVER_METADATA_PATH, RESOURCE_METADATA_PATH]
const admin = [CONSOLE_PATH, HANDOVER_PATH, ASSETS_PATH, API_PREFIX]

/** A path of each part. Its second segment says which part has all paths with that segment. */
export const places = {
  login,
  acs: [metadataPath(''), TEST_PATH],
  arrive: [ARRIVE_PATH, SWITCH_PATH],
  logout: [LOGOUT_PATH],
  home: [HOME_PATH, ME_PATH],
  form: [FORM_PATH],
  binding: [DEVICE_REFRESH_PATH],
  scim: [SCIM_PREFIX],
  signals: [signalsPath(''), revocationPath('')],
  oauth,
  admin,
} as const

/**
 * `slo` has the paths of single logout, and `status` all the others: it answers 404 to those that
 * nobody knows.
 */
type PartName = keyof typeof places | 'slo' | 'status'

/** For programs only. No answer of theirs is a page, so they need no texts. */
const forPrograms: ReadonlySet<PartName> = new Set(['binding', 'scim', 'signals', 'status'])

const segmentOf = (pathname: string): string => pathname.split('/', 3)[2] ?? ''
const bySegment: ReadonlyMap<string, PartName> = new Map(
  (Object.keys(places) as (keyof typeof places)[]).flatMap((part) =>
    places[part].map((path) => [segmentOf(path), part]),
  ),
)

export const partOf = (pathname: string): PartName =>
  isSloPath(pathname) ? 'slo' : (bySegment.get(segmentOf(pathname)) ?? 'status')

export interface Own {
  readonly answer: (request: Request, visit: Visit) => Promise<Response>
  /** For cron. */
  readonly tidy: (now: Instant) => Promise<void>
}

export interface OwnDeps extends PartDeps {
  /** null: the Worker has no console and no API. */
  readonly admin: AdminPart | null
  readonly findPrograms: OnDemand<Programs>
  readonly clock: () => Instant
}

/** A part that needs what sign-in and logout both need. */
interface OfSignIn {
  readonly create: (deps: PartDeps, login: AnswerDeps) => Answer
}

export function createOwn(deps: OwnDeps): Own {
  const { limits, findPrograms } = deps
  const findSide = onDemand('admin', async () => (deps.admin ? deps.admin(deps) : null))
  const findLogin = onDemand('login-deps', async () =>
    (await import('./parts/login-deps.ts')).create(deps),
  )
  const ofSignIn = (part: PartName, load: () => Promise<OfSignIn>) =>
    onDemand(part, async () => (await load()).create(deps, await findLogin()))
  const parts: Readonly<Record<PartName, () => Promise<Answer>>> = {
    login: ofSignIn('login', () => import('./parts/login.ts')),
    acs: ofSignIn('acs', () => import('./parts/acs.ts')),
    arrive: ofSignIn('arrive', () => import('./parts/arrive.ts')),
    logout: ofSignIn('logout', () => import('./parts/logout.ts')),
    slo: ofSignIn('slo', () => import('./parts/slo.ts')),
    home: onDemand('home', async () => (await import('./parts/home.ts')).create(deps)),
    form: onDemand('form', async () => (await import('./parts/form.ts')).create(deps)),
    binding: onDemand('binding', async () => (await import('./parts/binding.ts')).create(deps)),
    scim: onDemand('scim', async () => (await import('./parts/scim.ts')).create(deps)),
    signals: onDemand('signals', async () => (await import('./parts/signals.ts')).create(deps)),
    oauth: onDemand('oauth', async () => (await import('./parts/oauth.ts')).create(deps)),
    admin: onDemand('admin', async () =>
      (await import('./parts/admin.ts')).create(deps, await findSide()),
    ),
    status: onDemand('status', async () => (await import('./parts/status.ts')).create(deps)),
  }
  const cron = onDemand('cron', () => import('./parts/cron.ts'))

  return {
    async answer(request, visit) {
      const { pathname } = visit.url
      const limited = limitOf(pathname)
      if (limited && (await limits(limited, request, visit.now))) {
        return answerWith('too-many-requests', request, visit)
      }
      const part = partOf(pathname)
      const [answerIt] = await Promise.all([
        parts[part](),
        forPrograms.has(part) ? null : visit.learn(),
      ])
      const shown = await answerIt(request, visit)
      const isChange = request.method !== 'GET' && shown.status < 400
      if (isChange && mayEndPrograms(pathname)) findPrograms.made()?.forget()
      return shown
    },
    tidy: async (now) => (await cron()).runCron({ ...deps, findSide }, now),
  }
}
