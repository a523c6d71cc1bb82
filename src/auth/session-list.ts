import type {Table} from '@parix/kit/output'
import type {SessionStore} from '@parix/kit/session'
import {cleanLine} from '@parix/kit/text'
import {organizationText, personText, type SessionSummary, summarize} from './summary.js'

/** What `auth list --json` prints. */
export interface SessionList {
  /** The active one first. */
  sessions: SessionSummary[]
  /** Files that are there and can't be read. */
  unreadable: {file: string; active: boolean; reason: string}[]
}

export function listSessions(store: Pick<SessionStore, 'list'>): SessionList {
  const {sessions, unreadable} = store.list()
  return {
    sessions: sessions.map(summarize),
    unreadable: unreadable.map(({path, active, error}) => ({file: path, active, reason: error.message})),
  }
}

export function sessionTable({sessions}: SessionList): Table {
  return {
    columns: ['', 'BASE URL', 'USER', 'ORGANIZATION'],
    rows: sessions.map(({active, baseUrl, user, organization}) => [
      active ? '*' : ' ',
      baseUrl,
      personText(user),
      organizationText(organization),
    ]),
    whenEmpty: 'You are not signed in anywhere. Sign in: parix auth login',
  }
}

/** What is there and can't be read, for a person. */
export function unreadableNotes({unreadable}: SessionList): string[] {
  return unreadable.map(({reason}) => `Warning: ${cleanLine(reason)}`)
}
