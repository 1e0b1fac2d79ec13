/** A user's further groups are ignored. For comparison: Windows stops at 1,015. */
export const MOST_GROUPS = 1024
