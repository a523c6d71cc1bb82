import type {Database} from '../store/database.js'
import type {Provider} from './provider.js'

export interface Person {
  id: string
  email: string
  name: string
}

export interface NewPerson {
  email: string
  name?: string | undefined
  /** The organization's name: joined where it exists, made where it doesn't. `Local` when left out. */
  organization?: string | undefined
}

export const FIRST_PERSON = {email: 'you@parix.local', name: 'You'} as const
export const FIRST_ORGANIZATION = 'Local'

/** Everybody who has signed in here, the first user first. */
export function listPeople(database: Database): Person[] {
  return (database.prepare('SELECT id, email, name FROM user ORDER BY "createdAt", id').all() as Person[]).map(person)
}

export function findPerson(database: Database, userId: string): Person | undefined {
  const row = database.prepare('SELECT id, email, name FROM user WHERE id = ?').get(userId) as Person | undefined
  return row && person(row)
}

/** The person with this address, made where there is none. Whoever makes an organization owns it; others are members. */
export async function ensurePerson(provider: Provider, database: Database, wanted: NewPerson): Promise<Person> {
  const email = wanted.email.trim().toLowerCase()
  const row = database.prepare('SELECT id, email, name FROM user WHERE email = ?').get(email) as Person | undefined
  if (row) return person(row)
  const {internalAdapter} = await provider.$context
  const name = wanted.name?.trim() || email.slice(0, email.indexOf('@'))
  const made = await internalAdapter.createUser({email, name, emailVerified: true}, {method: 'local'})
  await joinOrganization(provider, database, made.id, wanted.organization?.trim() || FIRST_ORGANIZATION)
  return person(made)
}

async function joinOrganization(provider: Provider, database: Database, userId: string, name: string): Promise<void> {
  const slug = slugOf(name)
  const found = database.prepare('SELECT id FROM organization WHERE slug = ?').get(slug) as {id: string} | undefined
  if (found) await provider.api.addMember({body: {userId, organizationId: found.id, role: 'member'}})
  else await provider.api.createOrganization({body: {name, slug, userId}})
}

function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return slug || `org-${Buffer.from(name).toString('hex').slice(0, 16)}`
}

/** Rows of the store carry more than was asked for; this is all that leaves this room. */
function person(row: Person): Person {
  return {id: row.id, email: row.email, name: row.name}
}
