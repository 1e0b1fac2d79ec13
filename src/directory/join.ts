/** The attribute of a provisioned person that must equal the subject: `userName`, `externalId` or an address. */
export type JoinRule = 'user-name' | 'external-id' | 'email'

/** `alike`: equal but for the case of letters beyond ASCII. That is neither the person nor a new one. */
export type JoinError = 'not-provisioned' | 'several-provisioned' | 'alike-provisioned'
