/** Which endpoints of single logout a connection gets: by metadata, or by the operator. Pure. */
import { err, ok, type Result } from '../lib/result.ts'
import type { SloEndpoint } from '../saml/metadata/idp.ts'
import type { Connection, Slo, SsoBinding } from './connection.ts'
import { judgeMessageUrl, type Fields, type InputFault } from './fields.ts'
import { frontChannel, isNoSlo, noSlo } from './slo.ts'

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
