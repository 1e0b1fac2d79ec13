/**
 * The attribute of a provisioned user that must equal the subject of the assertion: `userName`,
 * `externalId` or an email address.
 */
export type JoinRule = 'user-name' | 'external-id' | 'email'

/**
 * `alike-provisioned`: a user's name differs from the subject only in the case of non-ASCII
 * letters. The subject is then refused: it is neither that user nor treated as a new one.
 */
export type JoinError = 'not-provisioned' | 'several-provisioned' | 'alike-provisioned'
