/** What one request may bring. */
export const BULK_OPERATIONS = 100
export const BULK_BYTES = 1_048_576
/** A group of 50,000 as Okta puts it. */
export const GROUP_BYTES = 8 * 1_048_576
export const BODY_BYTES = 1_048_576
