import type {Organization, User} from '@parix/kit/contract'
import {adviceOf} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import type {Details, Table} from '@parix/kit/output'
import type {SessionStore, StoredSession} from '@parix/kit/session'
import {cleanLine} from '@parix/kit/text'

/** What `auth list --json` prints. */
export interface SessionList {
  /** The active one first. */
  sessions: SessionSummary[]
  /** Files that are there and can't be read. */
  unreadable: {file: string; active: boolean; code: string; reason: string; next: string[]; hint: string[]}[]
}

export function listSessions(store: Pick<SessionStore, 'list'>): SessionList {
  const {sessions, unreadable} = store.list()
  return {
    sessions: sessions.map(summarize),
    unreadable: unreadable.map(({path, active, error}) => {
      const {next, hints} = adviceOf(error)
      return {file: path, active, code: error.code, reason: error.message, next, hint: hints}
    }),
  }
}

export function sessionTable({sessions, unreadable}: SessionList): Table {
  const several = new Set(sessions.filter(({current}) => !current).map(({baseUrl}) => baseUrl))
  return {
    columns: ['', 'BASE URL', 'USER', 'ORGANIZATION'],
    rows: sessions.map(({active, current, baseUrl, user, organization}) => [
      active ? '*' : current && several.has(baseUrl) ? '+' : ' ',
      baseUrl,
      personText(user),
      organizationText(organization),
    ]),
    whenEmpty:
      unreadable.length === 0
        ? `You are not signed in anywhere. Sign in: ${renderCommand(nextCommand('auth login'))}`
        : 'No session could be read.',
  }
}

/** What is there and can't be read, for a person. */
export function unreadableNotes({unreadable}: SessionList): string[] {
  return unreadable.flatMap(({reason, next, hint}) => [
    `Warning: ${cleanLine(reason)}`,
    ...[...next, ...hint].map((step) => `  ${cleanLine(step)}`),
  ])
}

/** A stored session without its tokens: what `--json` shows of one, in every auth command. */
export interface SessionSummary {
  baseUrl: string
  user: User
  organization: Organization
  scopes: string[]
  /** ISO 8601, UTC. */
  accessTokenExpiresAt: string
  /** Whether commands use it when no `--base-url` is given. */
  active: boolean
  /** Whether it is the one in use at its service: commands take it with this `--base-url`. */
  current: boolean
  file: string
}

export function summarize({session, active, current, path}: StoredSession): SessionSummary {
  const {baseUrl, user, organization, scopes, accessTokenExpiresAt} = session
  return {baseUrl, user, organization, scopes, accessTokenExpiresAt, active, current, file: path}
}

/** `Ada <ada@example.com>`, or what of it is known. Not cleaned. */
export function personText({id, name, email}: Pick<User, 'id' | 'name' | 'email'>): string {
  if (name && email) return `${name} <${email}>`
  return name || email || id || 'unknown'
}

/** `Analytical Engines (owner)`, or what of it is known; undefined without an organization. Not cleaned. */
export function organizationText({id, name, slug, memberRole}: Organization): string | undefined {
  const label = name || slug || id
  if (!label) return undefined
  return memberRole ? `${label} (${memberRole})` : label
}

/** `Ada <ada@example.com>, organization Analytical Engines (owner)`, safe for a terminal. */
export function whoText({user, organization}: {user: User; organization: Organization}): string {
  const where = organizationText(organization)
  return cleanLine(where === undefined ? personText(user) : `${personText(user)}, organization ${where}`)
}

/** The lines that every look at one session shares. Cells are cleaned where they are printed. */
export function summaryDetails(summary: SessionSummary, now: number): Details['details'] {
  return [
    ['signed in at', summary.baseUrl],
    ['user', personText(summary.user)],
    ['organization', organizationText(summary.organization)],
    ['scopes', summary.scopes.join(' ')],
    ['access token', expiryText(summary.accessTokenExpiresAt, now)],
    ['file', summary.file],
  ]
}

/** The access token is renewed by itself, so its expiry is news only to those who copy it. */
function expiryText(expiresAt: string, now: number): string {
  const time = Date.parse(expiresAt)
  if (Number.isNaN(time)) return 'is renewed at the next use'
  return time > now ? `good until ${expiresAt}, then renewed` : `expired at ${expiresAt}, is renewed at the next use`
}
