import type { FormDeps } from '../form/keep.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { BACK_PATH } from '../lib/paths.ts'
import type { SiteVisit } from '../site/visit.ts'
import { answerPreflight } from './cors.ts'
import { againOf, loginPath, returnPath, type Asking } from './login-path.ts'
import { refuseUntilLogin } from './refuse.ts'
import { isPreflight, kindOf, Vary } from './request-kind.ts'

/** A visitor who is not signed in. A page request is sent to sign-in, which needs no page of ours. */
export async function askToLogIn(
  request: Request,
  visit: SiteVisit,
  asking: Asking,
  forms: FormDeps,
): Promise<Response> {
  if (isPreflight(request)) return answerPreflight(request, visit)
  if (kindOf(request) === 'page') {
    const to = returnPath(request, visit)
    if (to !== BACK_PATH) return redirect(loginPath(to, againOf(asking)))
  }
  return refuseUntilLogin(request, visit, asking, forms)
}

const redirect = (path: string): Response =>
  new Response(null, { status: 302, headers: { ...ownHeaders, Location: path, Vary } })
