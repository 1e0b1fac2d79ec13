/** The largest requests that are accepted. */
export const BULK_OPERATIONS = 100
export const BULK_BYTES = 1_048_576
/** Enough for a PUT of a group with 50,000 members by Okta. */
export const GROUP_BYTES = 8 * 1_048_576
export const BODY_BYTES = 1_048_576
