/** What a transmitter says of itself (Shared Signals §7), and its keys. */
import { isRecord, parseJson } from '../lib/json.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { MetadataReach } from '../upkeep/fetch.ts'
import { ask, explainAsk } from './fetch.ts'
import { parseKeys, type KeysFault, type PublicJwk } from './keys.ts'

export interface Transmitter {
  readonly issuer: string
  readonly jwksUrl: string
  /** null: streams are set up there by hand. */
  readonly configuration: string | null
  readonly verification: string | null
  readonly critical: readonly string[]
}

/** §7.2: the well-known part goes between the host and the path. */
export function configurationUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/ssf-configuration${pathname.replace(/\/$/, '')}`
}

/** The error is a sentence. */
export async function readTransmitter(
  issuer: string,
  reach: MetadataReach,
): Promise<Result<Transmitter, string>> {
  const url = configurationUrl(issuer)
  const text = await ask({ url, issuer, method: 'GET', token: null, body: null }, reach)
  if (!text.ok) return err(explainAsk(text.error))
  const json = parseJson(text.value, 20)
  if (!json.ok || !isRecord(json.value)) return err(`${url} is no configuration of a transmitter.`)
  const document = json.value
  // §7.2.4: the keys of another issuer must not count for this one.
  if (document['issuer'] !== issuer) {
    return err(
      `${url} is the configuration of another issuer. Give the issuer exactly as it is there.`,
    )
  }
  const [jwksUrl, configuration, verification] = [
    'jwks_uri',
    'configuration_endpoint',
    'verification_endpoint',
  ].map((name) => textIn(document[name]))
  if (!jwksUrl) return err(`${url} names no keys (jwks_uri).`)
  const critical = document['critical_subject_members']
  return ok({
    issuer,
    jwksUrl,
    configuration: configuration ?? null,
    verification: verification ?? null,
    critical: Array.isArray(critical) ? critical.flatMap((each) => textIn(each) ?? []) : [],
  })
}

/** The error is a sentence. */
export async function readKeys(
  { jwksUrl: url, issuer }: { readonly jwksUrl: string; readonly issuer: string },
  reach: MetadataReach,
): Promise<Result<readonly PublicJwk[], string>> {
  const text = await ask({ url, issuer, method: 'GET', token: null, body: null }, reach)
  if (!text.ok) return err(explainAsk(text.error))
  const keys = parseKeys(text.value)
  return keys.ok ? keys : err(`${url} ${keyProblems[keys.error]}.`)
}

const keyProblems: Readonly<Record<KeysFault, string>> = {
  'not-a-key-set': 'is no JSON Web Key Set',
  'no-key': 'has no key for signatures by RSA, ECDSA or Ed25519',
  'too-many-keys': 'has more than 20 keys for signatures',
}

/** A text of the transmitter's, such as an address; null: it is none, empty or too long. */
export const textIn = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= 2048 ? value : null
