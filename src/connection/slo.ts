/** Where an identity provider takes logout messages (SingleLogoutService, Metadata §2.4.2). Pure. */
import type { SloEndpoint } from '../saml/metadata/idp.ts'
import type { Slo, SsoBinding } from './connection.ts'

/** The operator said `none`: metadata does not change that. */
export const noSlo: Slo = { redirect: null, post: null, soap: null }

export const isNoSlo = (slo: Slo | null): boolean =>
  slo !== null && slo.redirect === null && slo.post === null && slo.soap === null

/** Whether the identity provider takes a LogoutRequest, by any binding. */
export const takesLogout = (slo: Slo | null): boolean => slo !== null && !isNoSlo(slo)

/** Whether the fields of an operator can say it. */
export const isByFields = (slo: Slo | null): boolean =>
  slo !== null && slo.soap === null && (slo.redirect === null || slo.post === null)

export interface FrontChannel extends SloEndpoint {
  readonly binding: SsoBinding
}

/** The endpoint for messages that the browser carries; null: there is none. */
export function frontChannel(slo: Slo | null, preferred: SsoBinding): FrontChannel | null {
  const other = preferred === 'redirect' ? 'post' : 'redirect'
  for (const binding of [preferred, other] as const) {
    const found = slo?.[binding]
    if (found) return { binding, ...found }
  }
  return null
}

/** Where our LogoutRequests go: by SOAP only where the browser can carry none. For people to read. */
export function describeSlo(slo: Slo | null, preferred: SsoBinding): string {
  const front = frontChannel(slo, preferred)
  if (front) return `${front.location} (${front.binding})`
  return slo?.soap ? `${slo.soap.location} (SOAP)` : 'none'
}

/** Every address that a message may go to. */
export const urlsOf = (slo: Slo | null): readonly string[] =>
  [
    slo?.redirect?.location,
    slo?.redirect?.responseLocation,
    slo?.post?.location,
    slo?.post?.responseLocation,
    slo?.soap?.location,
  ].flatMap((url) => url ?? [])
