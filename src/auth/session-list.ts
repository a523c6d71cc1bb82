import {adviceOf} from '@parix/kit/errors'
import type {Table} from '@parix/kit/output'
import type {SessionStore} from '@parix/kit/session'
import {cleanLine} from '@parix/kit/text'
import {organizationText, personText, type SessionSummary, summarize} from './summary.js'

/** What `auth list --json` prints. */
export interface SessionList {
  /** The active one first. */
  sessions: SessionSummary[]
  /** Files that are there and can't be read. */
  unreadable: {file: string; active: boolean; code: string; reason: string; next: string[]}[]
}

export function listSessions(store: Pick<SessionStore, 'list'>): SessionList {
  const {sessions, unreadable} = store.list()
  return {
    sessions: sessions.map(summarize),
    unreadable: unreadable.map(({path, active, error}) => ({
      file: path,
      active,
      code: error.code,
      reason: error.message,
      next: adviceOf(error).next,
    })),
  }
}

export function sessionTable({sessions, unreadable}: SessionList): Table {
  return {
    columns: ['', 'BASE URL', 'USER', 'ORGANIZATION'],
    rows: sessions.map(({active, baseUrl, user, organization}) => [
      active ? '*' : ' ',
      baseUrl,
      personText(user),
      organizationText(organization),
    ]),
    whenEmpty:
      unreadable.length === 0
        ? 'You are not signed in anywhere. Sign in: parix auth login'
        : 'No session could be read.',
  }
}

/** What is there and can't be read, for a person. */
export function unreadableNotes({unreadable}: SessionList): string[] {
  return unreadable.flatMap(({reason, next}) => [
    `Warning: ${cleanLine(reason)}`,
    ...next.map((step) => `  ${cleanLine(step)}`),
  ])
}
