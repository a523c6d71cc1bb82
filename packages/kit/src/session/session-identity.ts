import type {Organization} from '../contract/index.js'
import {originKey} from '../origin.js'
import type {Session} from './session-schema.js'

/** What tells a session from others: the service, who is signed in, and for which organization. */
export type SessionIdentity = Pick<Session, 'baseUrl' | 'user' | 'organization' | 'createdAt' | 'accessToken'>

/** Which session is meant: by an origin, the one in use there; else this one, wherever it is kept. */
export type SessionRef = string | SessionIdentity

export function originOf(ref: SessionRef): string {
  return typeof ref === 'string' ? ref : originKey(new URL(ref.baseUrl))
}

/**
 * Whether both are of the same person, for the same organization, at the same service: however often its tokens were renewed,
 * and whoever signed in once more. Where who it is has not been found out yet, by the moment of the sign-in.
 */
export function isSameSession(one: SessionIdentity, other: SessionIdentity): boolean {
  if (originOf(one) !== originOf(other)) return false
  const known = one.user.id !== '' && other.user.id !== ''
  if (known && one.user.id !== other.user.id) return false
  const [here, there] = [organizationKey(one.organization), organizationKey(other.organization)]
  if (known && here === there) return true
  // Two that are known to be of different organizations never are one.
  if (here !== undefined && there !== undefined && here !== there) return false
  if (one.createdAt !== other.createdAt) return false
  return one.createdAt !== '' || one.accessToken === other.accessToken
}

/** Undefined where the service told nothing of an organization. */
export function organizationKey({id, slug, name}: Organization): string | undefined {
  return id || slug || name || undefined
}

/** What `--organization` has to say to mean this session; undefined where nothing is known of it. */
export function sessionSelector({organization, user}: SessionIdentity): string | undefined {
  return organizationKey(organization) ?? (user.email || user.id || undefined)
}

/** `Bob <bob@example.com>, organization Globex`. Not cleaned. */
export function sessionText({user: {id, name, email}, organization}: SessionIdentity): string {
  const person = name && email ? `${name} <${email}>` : name || email || id || 'somebody unknown'
  const label = organization.name || organization.slug || organization.id
  return label ? `${person}, organization ${label}` : person
}

/**
 * Whether a name is the one that a person wrote, spelled exactly so: `Acme` and `ACME` may be two organizations.
 *
 * @returns a check of an id, slug or name, and one of an e-mail address, whose case is of no matter
 */
export function namedBy(text: string): {
  name(value: string | null | undefined): boolean
  email(value: string | null | undefined): boolean
} {
  const wanted = text.normalize('NFC').trim()
  return {
    name: (value) => value?.normalize('NFC').trim() === wanted,
    email: (value) => value?.toLowerCase() === wanted.toLowerCase(),
  }
}
