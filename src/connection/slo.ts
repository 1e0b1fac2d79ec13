/** Where an identity provider takes logout messages (SingleLogoutService, Metadata §2.4.2). Pure. */
import { err, ok, type Result } from '../lib/result.ts'
import type { SloEndpoint } from '../saml/metadata/idp.ts'
import type { Connection, Slo, SsoBinding } from './connection.ts'
import { judgeMessageUrl, type Fields, type InputFault } from './fields.ts'

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

/** Endpoints of metadata that may get people's names: the others are left out. null: none is left. */
export function fitSlo(slo: Slo | null): Slo | null {
  if (!slo) return null
  const isFit = (url: string) => judgeMessageUrl(url) === null
  const fit = (found: SloEndpoint | null): SloEndpoint | null =>
    found && isFit(found.location) && isFit(found.responseLocation) ? found : null
  const fitted = {
    redirect: fit(slo.redirect),
    post: fit(slo.post),
    soap: slo.soap && isFit(slo.soap.location) ? { location: slo.soap.location } : null,
  }
  return isNoSlo(fitted) ? null : fitted
}

/** After metadata was read: an operator's `none` stays, and so does what the metadata does not say. */
export const sloOfMetadata = (old: Slo | null, found: Slo | null): Slo | null =>
  isNoSlo(old) ? old : (fitSlo(found) ?? old)

export interface SloChoice {
  readonly idpEntityId: string
  readonly ssoBinding: SsoBinding
  readonly fields: Fields
  /** null: no metadata is given, or it has none. */
  readonly fromMetadata: Slo | null
}

/** What the operator's fields make of it; without such fields, what the metadata says. */
export function chooseSlo(
  base: Pick<Connection, 'idpEntityId' | 'slo'>,
  { idpEntityId, ssoBinding, fields, fromMetadata }: SloChoice,
): Result<Slo | null, readonly InputFault[]> {
  const old = idpEntityId === base.idpEntityId ? base.slo : null
  const url = fields['slo-url']
  const binding = fields['slo-binding']
  const response = fields['slo-response-url']
  if (url === null && binding === null && response === null) {
    return ok(sloOfMetadata(old, fromMetadata))
  }
  if (url && url.value === null) {
    return binding === null && response === null
      ? ok(noSlo)
      : err([{ field: 'slo-url', problem: 'is none: leave slo-binding and slo-response-url out' }])
  }
  const before = frontChannel(old, binding ?? ssoBinding)
  const location = url?.value ?? before?.location ?? null
  if (location === null) {
    const field = binding === null ? 'slo-response-url' : 'slo-binding'
    return err([{ field, problem: 'needs a slo-url as well' }])
  }
  const kept = url === null ? before?.responseLocation : undefined
  const own = { location, responseLocation: (response ? response.value : kept) ?? location }
  const how = binding ?? (url === null ? before?.binding : undefined) ?? ssoBinding
  return ok({ ...noSlo, [how]: own })
}
