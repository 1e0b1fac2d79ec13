/** Who can sign in at the identity providers of the live tests. */

export interface Person {
  readonly uid: string
  readonly password: string
  readonly mail: string
  readonly cn: string
  readonly givenName: string
  readonly sn: string
  readonly groups: readonly string[]
}

/** Letters beyond ASCII, and everything that XML, HTML or a list of groups could trip over. */
export const zoe: Person = {
  uid: 'zoe',
  password: 'only for these tests, zoe',
  mail: 'zoe@example.com',
  cn: `Zoë <O'Neil> & "Søn" 李`,
  givenName: 'Zoë',
  sn: "O'Neil",
  groups: ['admins', 'dev & ops', '<script>', 'Søn 李', 'a, b', '100 %', ']]>'],
}

export const bob: Person = {
  uid: 'bob',
  password: 'only for these tests, bob',
  mail: 'bob@example.com',
  cn: 'Bob Plain',
  givenName: 'Bob',
  sn: 'Plain',
  groups: ['users'],
}

export const people = [zoe, bob]
