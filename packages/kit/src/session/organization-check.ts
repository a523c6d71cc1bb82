import type {SessionResponse} from '../contract/index.js'
import {hintsOf, isParixError, ParixError} from '../errors.js'
import {type BaseUrl, baseUrlText} from '../origin.js'
import {cleanLine} from '../text.js'
import {type WantedOrganization, wantedText} from './choose-session.js'
import type {CredentialSource} from './credentials.js'
import {namedBy, organizationKey} from './session-identity.js'

/**
 * The same credentials, given out only when the service has said that they are for the organization that was asked for: a key
 * names none, and at some services a person changes the organization of a session in the dashboard.
 */
export function forOrganization(
  inner: CredentialSource,
  base: BaseUrl,
  wanted: WantedOrganization,
  userAgent: string,
): CredentialSource {
  let checked: Promise<void> | undefined
  const check = async () => {
    const {createApi, readSession} = await import('../api/index.js')
    const api = createApi({base, credentials: inner, userAgent, say: () => {}})
    assertSame(await api.get('/session', {}, readSession).catch(notChecked), inner, base, wanted)
  }
  const afterCheck = async <T>(work: () => Promise<T>): Promise<T> => {
    checked ??= check()
    await checked
    return work()
  }
  return {
    kind: inner.kind,
    current: () => afterCheck(inner.current),
    afterRefusal: inner.afterRefusal,
    session: () => afterCheck(inner.session),
    stored: () => inner.stored?.(),
  }
}

/** Nothing else was sent: not an error of the request that waits for it. */
function notChecked(error: unknown): never {
  if (!isParixError(error)) throw error
  throw new ParixError(error.kind, `The organization could not be checked, and nothing was sent. ${error.message}`, {
    code: error.code,
    hint: hintsOf(error),
    ...(error.details.next !== undefined && {next: error.details.next}),
    ...(error.details.retryable !== undefined && {retryable: error.details.retryable}),
  })
}

function assertSame({auth}: SessionResponse, inner: CredentialSource, base: BaseUrl, wanted: WantedOrganization): void {
  const {id = null, name = null, slug = null} = auth?.organization ?? {}
  const key = organizationKey({id, name, slug, memberRole: null})
  const stored = inner.stored?.()
  if (key === undefined && stored !== undefined) return
  const what = inner.kind === 'apiKey' ? 'the key in PARIX_API_KEY' : 'your session'
  if (key === undefined) {
    throw new ParixError(
      'BAD_INPUT',
      `${baseUrlText(base)} does not say which organization ${what} is for: ${wantedText(wanted)} can't be checked, and nothing was sent.`,
      {code: 'organization_unknown'},
    )
  }
  const is =
    stored === undefined
      ? isNamed({id, name, slug}, auth?.user?.email, wanted)
      : key === organizationKey(stored.organization)
  if (is) return
  throw new ParixError(
    'BAD_INPUT',
    `${what[0]!.toUpperCase()}${what.slice(1)} is for the organization ${cleanLine(name || slug || key)} at ${baseUrlText(base)}, not for ${wantedText(wanted)}. Nothing was sent.`,
    {code: 'other_organization'},
  )
}

function isNamed(
  {id, name, slug}: {id: string | null; name: string | null; slug: string | null},
  email: string | null | undefined,
  {text}: WantedOrganization,
): boolean {
  const is = namedBy(text)
  return [id, name, slug].some(is.name) || is.email(email)
}
