/**
 * The platform operations of each kind of request, as `test/login/operations.test.ts` counts them.
 * The user has one connection, and the isolate has loaded its keys.
 */
export interface Operations {
  readonly kvReads: number
  readonly kvWrites: number
  readonly kvDeletes: number
  /** D1 statements; each statement of a batch counts. */
  readonly statements: number
  /** As D1 bills them, index rows included. */
  readonly rowsRead: number
  readonly rowsWritten: number
  /** Signatures made or verified. */
  readonly signatures: number
}

const nothing: Operations = {
  kvReads: 0,
  kvWrites: 0,
  kvDeletes: 0,
  statements: 0,
  rowsRead: 0,
  rowsWritten: 0,
  signatures: 0,
}

export const operations = {
  'public page': nothing,
  'warm session': nothing,
  'cold session': { ...nothing, kvReads: 1, statements: 1, rowsRead: 4, signatures: 1 },
  'standing, 15 s later': { ...nothing, statements: 1, rowsRead: 4 },
  'standing, and the request noted': { ...nothing, statements: 1, rowsRead: 8, rowsWritten: 1 },
  'new token to the origin': { ...nothing, statements: 2, rowsRead: 6, signatures: 1 },
  'signed in, denied': { ...nothing, statements: 1, rowsRead: 8, rowsWritten: 4 },
  'nobody, sent to sign in': nothing,
  'sign-in: the page before the IdP': nothing,
  'sign-in: on to the IdP': { ...nothing, statements: 1, rowsRead: 5 },
  'sign-in: the answer of the IdP': {
    ...nothing,
    kvWrites: 1,
    statements: 6,
    rowsRead: 34,
    rowsWritten: 23,
    signatures: 1,
  },
  'sign-out': {
    ...nothing,
    kvDeletes: 1,
    statements: 3,
    rowsRead: 24,
    rowsWritten: 6,
  },
} satisfies Readonly<Record<string, Operations>>

/**
 * What cron deletes after one sign-in and one sign-out. The number of statements does not depend on
 * the number of users.
 */
export const removal: Operations = { ...nothing, rowsRead: 9, rowsWritten: 7 }
