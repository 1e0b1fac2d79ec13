/** What the demo's identity provider keeps of somebody. */
export interface Profile {
  readonly userName: string
  readonly givenName: string
  readonly familyName: string
  readonly email: string
  readonly job: string
}

export interface Person extends Profile {
  /** What the identity provider knows them by; an address may change, this does not. */
  readonly id: string
}

/** Who is there when the demo starts. */
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
    // Not ASCII, so that the headers show how such names travel.
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
