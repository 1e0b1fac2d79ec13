/** The data that the demo's identity provider keeps about a person. */
export interface Profile {
  readonly userName: string
  readonly givenName: string
  readonly familyName: string
  readonly email: string
  readonly job: string
}

export interface Person extends Profile {
  /** The id at the identity provider. It never changes, but an address may. */
  readonly id: string
}

/** The people when the demo starts. */
export const people: readonly (Person & { readonly groups: readonly string[] })[] = [
  {
    id: 'nw-1815',
    userName: 'ada',
    givenName: 'Ada',
    familyName: 'Lovelace',
    email: 'ada@northwind.example',
    job: 'Engineer',
    groups: ['everyone', 'engineering'],
  },
  {
    id: 'nw-1906',
    userName: 'grace',
    givenName: 'Grace',
    familyName: 'Hopper',
    email: 'grace@northwind.example',
    job: 'Head of operations',
    groups: ['everyone', 'operations'],
  },
  {
    // A name that is not ASCII, to show how headers carry it.
    id: 'nw-1980',
    userName: 'zoë',
    givenName: 'Zoë',
    familyName: 'Ångström',
    email: 'zoe@northwind.example',
    job: 'New here',
    groups: ['everyone'],
  },
]

export const nameOf = ({ givenName, familyName, userName }: Profile): string =>
  `${givenName} ${familyName}`.trim() || userName
