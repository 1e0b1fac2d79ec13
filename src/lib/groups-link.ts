/**
 * The attribute that Entra ID sends in place of the groups, if there are too many. The person's
 * groups are then not known.
 */
export const GROUPS_LINK = 'http://schemas.microsoft.com/claims/groups.link'
