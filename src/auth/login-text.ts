import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {sameOrigin} from '@parix/kit/origin'
import {cleanLine} from '@parix/kit/text'
import type {StoredSignIn} from './store-sign-in.js'
import {type SessionSummary, summarize, whoText} from './summary.js'

/** What `auth login --json` prints. */
export interface LoginResult extends SessionSummary {
  /** Whom the new session took the place of; left out when nobody was signed in there. */
  replaced?: Pick<SessionSummary, 'user' | 'organization'>
}

export function loginResult({session, path, replaced}: StoredSignIn): LoginResult {
  const summary = summarize({session, path, active: true, origin: session.baseUrl})
  if (replaced === undefined) return summary
  return {...summary, replaced: {user: replaced.user, organization: replaced.organization}}
}

/** Who is signed in, in which organization, and where: the answer. */
export function loginAnswer(result: LoginResult): string {
  return `Signed in at ${cleanLine(result.baseUrl)} as ${whoText(result)}.`
}

/** What else has changed, and what hasn't: one sentence each (threats 1.29, 4.20). */
export function loginNotes(outcome: StoredSignIn, environment: NodeJS.ProcessEnv): string[] {
  const {session, replaced, deactivated, movedAside} = outcome
  const notes: string[] = []
  if (replaced !== undefined && isSomeoneElse(replaced, session)) {
    notes.push(`This replaces the session of ${whoText(replaced)}.`)
  }
  if (movedAside !== undefined) {
    notes.push(`The session file that was there could not be read. It is kept at ${cleanLine(movedAside)}.`)
  }
  if (deactivated !== undefined) {
    const there = cleanLine(deactivated.baseUrl)
    notes.push(
      `You stay signed in at ${there}, but commands now use the new session. Back: ${renderCommand(nextCommand('auth switch', {args: [deactivated.baseUrl]}))}`,
    )
  }
  const variable = environment.PARIX_BASE_URL?.trim()
  if (variable && !isOfOrigin(variable, session.baseUrl)) {
    notes.push(`PARIX_BASE_URL is set: commands use ${cleanLine(variable)}, not this session, until you unset it.`)
  }
  if (environment.PARIX_API_KEY?.trim()) {
    notes.push('PARIX_API_KEY is set: commands use that key, not this session, until you unset it.')
  }
  return notes
}

/** Whether both URLs are of one origin; a variable that is not a URL is of none. */
function isOfOrigin(text: string, baseUrl: string): boolean {
  return URL.canParse(text) && sameOrigin(new URL(text), new URL(baseUrl))
}

type Signed = Pick<SessionSummary, 'user' | 'organization'>

/** A blanked or unknown user is nobody whose session could be missed. */
function isSomeoneElse(before: Signed, now: Signed): boolean {
  if (before.user.id === '') return false
  return before.user.id !== now.user.id || before.organization.id !== now.organization.id
}
