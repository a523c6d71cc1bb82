import {createHash} from 'node:crypto'
import type {UserinfoResponse} from '@parix/kit/contract'
import {createQueue} from '../queue.js'
import type {Database} from '../store/database.js'
import type {LoadProvider, Provider} from './provider.js'

export interface Person {
  id: string
  email: string
  name: string
}

export interface NewPerson {
  email: string
  name?: string | undefined
  /** The organization's name: joined if it exists, created if it doesn't. `Local` when left out. */
  organization?: string | undefined
}

export const FIRST_PERSON = {email: 'you@parix.local', name: 'You'} as const
export const FIRST_ORGANIZATION = 'Local'

/** Why a person can't be signed in: `message` is for the page, and holds nothing from the request but names. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused'
}

/** Everybody who has signed in here, the first user first. */
export function listPeople(database: Database): Person[] {
  return (database.prepare('SELECT id, email, name FROM user ORDER BY "createdAt", id').all() as Person[]).map(person)
}

export function findPerson(database: Database, userId: string): Person | undefined {
  const row = database.prepare('SELECT id, email, name FROM user WHERE id = ?').get(userId) as Person | undefined
  return row && person(row)
}

/** The people and organizations of one service. */
export interface People {
  /**
   * The person with this email address, created if there is none. Whoever creates an organization owns it; others are
   * members.
   *
   * @throws SignInRefused for a name with invisible characters, or a person who belongs to another organization
   */
  ensure(wanted: NewPerson): Promise<Person>
}

export function createPeople(loadProvider: LoadProvider, database: Database): People {
  const queue = createQueue()
  // One at a time: two requests that create the same person or organization at once must end with one of each.
  return {ensure: (wanted) => queue('people', () => ensurePerson(loadProvider, database, wanted))}
}

async function ensurePerson(loadProvider: LoadProvider, database: Database, wanted: NewPerson): Promise<Person> {
  const email = wanted.email.normalize('NFC').trim().toLowerCase()
  const organization = comparable(wanted.organization ?? '')
  if (INVISIBLE.test(organization)) {
    throw new SignInRefused("An organization's name must not contain control characters or invisible ones.")
  }
  const row = database.prepare('SELECT id, email, name FROM user WHERE email = ?').get(email) as Person | undefined
  if (row) {
    const current = findMembership(database, row.id)
    if (organization && current && comparable(current.name) !== organization) {
      throw new SignInRefused(
        `${email} belongs to the organization ${current.name}, and a person of the local service belongs to one organization. Use another email address for ${organization}.`,
      )
    }
    if (!current) await joinOrganization(await loadProvider(), database, row.id, organization || FIRST_ORGANIZATION)
    return person(row)
  }
  const provider = await loadProvider()
  const {internalAdapter} = await provider.$context
  const name = wanted.name?.trim() || email.slice(0, email.indexOf('@'))
  const created = await internalAdapter.createUser({email, name, emailVerified: true}, {method: 'local'})
  await joinOrganization(provider, database, created.id, organization || FIRST_ORGANIZATION)
  return person(created)
}

async function joinOrganization(provider: Provider, database: Database, userId: string, name: string): Promise<void> {
  const organizations = database.prepare('SELECT id, name, slug FROM organization ORDER BY "createdAt", id').all() as {
    id: string
    name: string
    slug: string
  }[]
  const found = organizations.find((organization) => comparable(organization.name) === name)
  if (found) {
    await provider.api.addMember({body: {userId, organizationId: found.id, role: 'member'}})
    return
  }
  const slug = freeSlug(name, new Set(organizations.map((organization) => organization.slug)))
  await provider.api.createOrganization({body: {name, slug, userId}})
}

/**
 * The name by which an organization is found. Two names mean the same organization only if they are equal in Unicode's
 * composed form (NFC) without surrounding white space: letter case, punctuation, accents, width and inner spaces count.
 * So `Café` typed on two keyboards is one organization, while `Café` and `Cafe`, or `Acme` and `ACME!`, are two.
 */
function comparable(name: string): string {
  return name.normalize('NFC').trim()
}

/** Refused in new names: two organizations must not look the same. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

const SLUG_CHARACTERS_MAX = 48

/** A readable slug that no other organization has: its name's Latin letters and digits, and a hash if that is taken. */
function freeSlug(name: string, taken: ReadonlySet<string>): string {
  const readable = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_CHARACTERS_MAX)
    .replace(/^-+|-+$/g, '')
  if (readable && !taken.has(readable)) return readable
  const hash = createHash('sha256').update(name).digest('hex')
  const stem = readable || 'org'
  const lengths = [8, 16, hash.length]
  return lengths.map((length) => `${stem}-${hash.slice(0, length)}`).find((slug) => !taken.has(slug)) ?? hash
}

/** Rows of the store carry more than was asked for; this is all that leaves this module. */
function person(row: Person): Person {
  return {id: row.id, email: row.email, name: row.name}
}

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
): Partial<UserinfoResponse> {
  if (!membership || !scopes.includes('org:read')) return {}
  return {
    organization_id: membership.id,
    organization_name: membership.name,
    organization_slug: membership.slug,
    member_role: membership.memberRole,
  }
}
