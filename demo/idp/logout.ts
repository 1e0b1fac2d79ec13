/** Single logout in both directions, by Auth0's library. */
import { toPem } from '../../tools/signing/certificate.ts'
import type { IdpKey } from './key.ts'
import { METADATA_PATH } from './saml.ts'
import { samlp, type LogoutParticipant } from './samlp.ts'

/** A person's session at this provider, in one browser. */
export interface IdpSession {
  readonly personId: string
  /** The SessionIndex in the answers of this session. */
  readonly index: string
  /** The entity IDs of the applications that the session has signed in to. */
  readonly applications: Set<string>
}

export type LogoutStep =
  /** The browser takes a message to an application. */
  | { readonly kind: 'onward'; readonly url: string }
  /** A logout that began here has ended. */
  | { readonly kind: 'ended' }
  /** The message was not taken: its signature is wrong, or it is of an unknown application. */
  | { readonly kind: 'refused' }

export interface LogoutState {
  readonly url: string
  readonly key: IdpKey
  readonly applications: ReadonlyMap<string, string>
  /** By the value of the browser's cookie. */
  readonly sessions: Map<string, IdpSession>
  /** What the library keeps from one message to the next. */
  readonly logouts: object
}

/**
 * One step of a logout.
 *
 * @param query has the message of an application. Without one, a logout begins here.
 * @param own the session that such a logout ends.
 */
export async function logOut(
  query: Readonly<Record<string, string>>,
  own: IdpSession | null,
  { url, key, applications, sessions, logouts }: LogoutState,
): Promise<LogoutStep> {
  const visited = [...sessions.values()].flatMap((each) => [...each.applications])
  const known = await readApplications([...new Set([...applications.keys(), ...visited])])
  let session = own
  const participantOf = (entityId: string, nameId: string, index: string) => {
    const application = known.get(entityId)
    return application && { ...application, nameId, sessionIndex: index, nameIdFormat }
  }
  return new Promise((resolve) => {
    samlp.logout({
      issuer: url + METADATA_PATH,
      ...key,
      deflate: true,
      protocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
      signatureAlgorithm: 'rsa-sha256',
      digestAlgorithm: 'sha256',
      sessionParticipants: {
        hasElements: () => (session?.applications.size ?? 0) > 0,
        getFirst(done) {
          const [first = ''] = session?.applications ?? []
          done(null, participantOf(first, session?.personId ?? '', session?.index ?? ''))
        },
        get(entityId, indexes, nameId, done) {
          session =
            [...sessions.values()].find(
              (each) => each.personId === nameId && indexes?.includes(each.index),
            ) ?? null
          done(null, participantOf(entityId, nameId, session?.index ?? ''))
        },
        remove(entityId, _index, _nameId, done) {
          session?.applications.delete(entityId)
          done(null)
        },
      },
      clearIdPSession(done) {
        for (const [token, each] of sessions) if (each === session) sessions.delete(token)
        done(null)
      },
    })(
      { query, body: {}, session: logouts },
      {
        redirect: (location) => resolve({ kind: 'onward', url: location }),
        send: () => resolve({ kind: 'ended' }),
        set: () => undefined,
      },
      () => resolve({ kind: 'refused' }),
    )
  })
}

const nameIdFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

type Application = Pick<
  LogoutParticipant,
  'serviceProviderId' | 'serviceProviderLogoutURL' | 'cert'
>

/** An application whose metadata cannot be read now is left out, so its messages are refused. */
async function readApplications(
  entityIds: readonly string[],
): Promise<ReadonlyMap<string, Application>> {
  const read = await Promise.all(entityIds.map(readApplication))
  return new Map(read.flatMap((each) => (each ? [[each.serviceProviderId, each] as const] : [])))
}

/** The entity ID of Gatehouse is the URL of its metadata. */
async function readApplication(entityId: string): Promise<Application | null> {
  const metadata = await fetch(entityId, { signal: AbortSignal.timeout(5000) }).then(
    (response) => response.text(),
    () => '',
  )
  const [, certificate] = /use="signing">.*?<ds:X509Certificate>([^<]+)</s.exec(metadata) ?? []
  const [, location] = /:HTTP-Redirect" Location="([^"]+)"/.exec(metadata) ?? []
  if (certificate === undefined || location === undefined) return null
  const cert = toPem('CERTIFICATE', certificate)
  return { serviceProviderId: entityId, serviceProviderLogoutURL: location, cert }
}
