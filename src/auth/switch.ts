import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {originKey, parseBaseUrl} from '@parix/kit/origin'
import {
  matchingSessions,
  noSessionAt,
  type Session,
  type SessionStore,
  type StoredSession,
  severalSessions,
} from '@parix/kit/session'
import {cleanLine} from '@parix/kit/text'
import {isForOrganization} from './login-result.js'

/** What was given to choose a session by. */
export interface SwitchWish {
  /** A base URL, an organization or an e-mail address. */
  text: string | undefined
  /** `--base-url`. */
  baseUrl: string | undefined
  /** `--organization`. */
  organization: string | undefined
}

/**
 * The one session that is meant. A service alone means the one in use there, as with `--base-url`.
 *
 * @throws ParixError USAGE, NOT_SIGNED_IN, BAD_INPUT when several are meant, SESSION_DAMAGED when it may be one that can't be read
 */
export function chooseForSwitch(store: Pick<SessionStore, 'list'>, wish: SwitchWish): StoredSession {
  const {sessions, unreadable} = store.list()
  const url = wish.text !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(wish.text) ? wish.text : undefined
  const names = [url === undefined ? wish.text : undefined, wish.organization].filter((text) => text !== undefined)
  const bases = [url, wish.baseUrl].filter((text) => text !== undefined).map((text) => parseBaseUrl(text))
  if (names.length === 0 && bases.length === 0) {
    throw new ParixError('USAGE', 'Which session? Give a base URL, an organization or an e-mail address.', {
      code: 'usage',
      next: nextCommand('auth list'),
    })
  }
  const there = sessions.filter(({origin}) => bases.every((base) => base.origin === origin))
  const found = names.reduce((left, name) => matchingSessions(left, name), there)
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const inUse = names.length === 0 ? found.find(({current}) => current) : undefined
  if (inUse !== undefined) return inUse
  if (found.length > 1)
    throw severalSessions(names.length > 0 ? `${JSON.stringify(names[0])} means` : 'That means', found)
  if (unreadable.length > 0) throw unreadable[0]!.error
  if (names.length === 0) throw noSessionAt(store, bases[0]!)
  // A host that was meant for a base URL is told what it lacks.
  if (wish.text !== undefined && /^[^@\s]*[.:/][^@\s]*$/.test(wish.text)) parseBaseUrl(wish.text)
  throw new ParixError(
    'NOT_SIGNED_IN',
    `None of your sessions is for ${names.map((name) => JSON.stringify(name)).join(' and ')}.`,
    {
      code: 'no_such_session',
      next: nextCommand('auth list'),
    },
  )
}

/** What keeps commands from using the session that was chosen. */
export function switchNotes(session: Session, environment: NodeJS.ProcessEnv): string[] {
  const notes: string[] = []
  const variable = environment.PARIX_BASE_URL?.trim()
  if (variable && (!URL.canParse(variable) || originKey(new URL(variable)) !== originKey(new URL(session.baseUrl))))
    notes.push(`PARIX_BASE_URL is set: commands use ${cleanLine(variable)} until you unset it.`)
  const organization = environment.PARIX_ORGANIZATION?.trim()
  if (organization && !isForOrganization(session, organization))
    notes.push(`PARIX_ORGANIZATION is set: commands are for ${cleanLine(organization)} until you unset it.`)
  return notes
}
