/** Expectations of a policy, in gatehouse.test.ts: who may do what, and who may not. */

/** A fact that is left out is not known. */
export interface TestPerson {
  /** The id of the connection that the person comes by. */
  readonly connection: string
  readonly email?: string
  /** By display name. */
  readonly groups?: readonly string[]
  readonly groupIds?: readonly string[]
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>
  /** How they sign in, by its AuthnContextClassRef. */
  readonly authnContext?: string
  /** Whether their session is bound to a device. */
  readonly deviceBound?: boolean
  /** How long ago, such as `2h`; left out: just now. */
  readonly signedIn?: string
  /** The name of the service token by which a program comes for this owner. */
  readonly service?: string
}

/** `GET https://wiki.example.com/admin`. Without a method it is GET; a path is of the first site. */
export type TestRequest = string

export interface Expectation<Name extends string = string> {
  /** Names of `people`. `nobody` is a visitor who is not signed in. */
  readonly who: Name | 'nobody' | readonly (Name | 'nobody')[]
  readonly may?: TestRequest | readonly TestRequest[]
  readonly mayNot?: TestRequest | readonly TestRequest[]
  /** Where the requests come from; a fact that is left out is not known. */
  readonly from?: { readonly country?: string; readonly ip?: string }
  /** When they come, such as `2026-11-27T12:00:00Z`; left out: now. */
  readonly at?: string
}

export interface PolicyTests<Name extends string = string> {
  readonly people: Readonly<Record<Name, TestPerson>>
  readonly expect: readonly Expectation<NoInfer<Name>>[]
}

/** Only gives the editor the types; the command line checks the expectations. */
export const defineTests = <const Name extends string>(
  tests: PolicyTests<Name>,
): PolicyTests<Name> => tests
