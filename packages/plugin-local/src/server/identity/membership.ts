import type {UserinfoAnswer} from '@parix/kit/contract'
import type {Database} from '../store/database.js'

/** The organization that a person acts for, and as what. */
export interface Membership {
  id: string
  name: string
  slug: string
  memberRole: string
}

/** A person of the local service belongs to one organization: the first that they joined. */
export function findMembership(database: Database, userId: string): Membership | undefined {
  const row = database
    .prepare(
      `SELECT o.id, o.name, o.slug, m.role AS memberRole FROM member m JOIN organization o ON o.id = m."organizationId"
       WHERE m."userId" = ? ORDER BY m."createdAt", m.id LIMIT 1`,
    )
    .get(userId) as Membership | undefined
  return row && {id: row.id, name: row.name, slug: row.slug, memberRole: row.memberRole}
}

/** What `userinfo` says of the organization, to those who were granted `org:read`. */
export function organizationClaims(
  membership: Membership | undefined,
  scopes: readonly string[],
): Partial<UserinfoAnswer> {
  if (!membership || !scopes.includes('org:read')) return {}
  return {
    organization_id: membership.id,
    organization_name: membership.name,
    organization_slug: membership.slug,
    member_role: membership.memberRole,
  }
}
