/** Types for the parts of Auth0's library that the demo uses; the library has none. */
import { createRequire } from 'node:module'

interface Request {
  readonly query: Readonly<Record<string, string>>
}

interface ParsedRequest {
  readonly id?: string
  readonly issuer?: string
  readonly assertionConsumerServiceURL?: string
  readonly forceAuthn?: string
}

interface ResponseOptions<User> {
  readonly issuer: string
  readonly cert: string
  readonly key: string
  readonly audience: string
  readonly destination: string
  readonly recipient: string
  /** Absent: the response is unsolicited. */
  readonly inResponseTo?: string
  readonly sessionIndex: string
  readonly lifetimeInSeconds: number
  readonly signatureAlgorithm: 'rsa-sha256'
  readonly digestAlgorithm: 'sha256'
  readonly signAssertion: boolean
  readonly signResponse: boolean
  readonly authnContextClassRef: string
  readonly profileMapper: (user: User) => {
    getClaims(): Readonly<Record<string, string | string[]>>
    getNameIdentifier(): {
      readonly nameIdentifier: string
      readonly nameIdentifierFormat: string
    }
  }
}

interface MetadataOptions {
  readonly issuer: string
  readonly cert: string
  readonly redirectEndpointPath: string
  readonly postEndpointPath: string
  readonly logoutEndpointPaths: Readonly<Record<string, string>>
  readonly profileMapper: { readonly prototype: { readonly metadata: readonly never[] } }
}

/** An application, and the person's session there. */
export interface LogoutParticipant {
  readonly serviceProviderId: string
  readonly serviceProviderLogoutURL: string
  /** With it, the library demands a signature of the application. */
  readonly cert: string
  readonly nameId: string
  readonly nameIdFormat: string
  readonly sessionIndex: string
}

type Done<T> = (error: null, value?: T) => void

interface LogoutOptions {
  readonly issuer: string
  readonly cert: string
  readonly key: string
  readonly deflate: true
  readonly protocolBinding: string
  readonly signatureAlgorithm: 'rsa-sha256'
  readonly digestAlgorithm: 'sha256'
  readonly sessionParticipants: {
    hasElements(): boolean
    getFirst(done: Done<LogoutParticipant>): void
    get(
      serviceProviderId: string,
      sessionIndexes: readonly string[] | undefined,
      nameId: string,
      done: Done<LogoutParticipant>,
    ): void
    remove(
      serviceProviderId: string,
      sessionIndex: string,
      nameId: string,
      done: Done<LogoutParticipant>,
    ): void
  }
  clearIdPSession(done: Done<never>): void
}

interface Samlp {
  parseRequest(
    request: Request,
    callback: (error: unknown, parsed: ParsedRequest | undefined) => void,
  ): void
  getSamlResponse<User>(
    options: ResponseOptions<User>,
    user: User,
    callback: (error: unknown, xml: string) => void,
  ): void
  /** An Express handler. */
  logout(options: LogoutOptions): (
    request: Request & { readonly body: object; readonly session: object },
    response: {
      redirect(location: string): void
      set(name: string, value: string): void
      send(body: string | number): void
    },
    next: (error: Error) => void,
  ) => void
  /** An Express handler. */
  metadata(
    options: MetadataOptions,
  ): (
    request: { readonly headers: { readonly host: string }; readonly protocol: 'http' },
    response: { set(name: string, value: string): void; send(body: string): void },
  ) => void
}

export const samlp: Samlp = createRequire(import.meta.url)('samlp')
