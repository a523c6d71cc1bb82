import {hostname} from 'node:os'
import type {Readable} from 'node:stream'
import {fetchProfileByToken} from '@parix/kit/api'
import {PATHS} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {authorizationRequest, discover, exchangeCode, startDevice, type Tokens} from '@parix/kit/oauth'
import {type BaseUrl, serviceUrl} from '@parix/kit/origin'
import type {Terminal} from '@parix/kit/output'
import {openSessionStore, resolveBaseUrl} from '@parix/kit/session'
import {onSignalSay} from '@parix/kit/signals'
import {openBrowser, thisMachine} from './browser.js'
import {type BrowserLoginWorld, signInByBrowser} from './browser-login.js'
import {type BrowserPlan, planBrowser} from './browser-plan.js'
import {signInByDevice} from './device-login.js'
import {openLoopback} from './loopback.js'
import {askedLines, pastedLines} from './paste.js'
import {assertSomethingListens} from './reachable.js'
import {type StoredSignIn, storeSignIn} from './store-sign-in.js'
import type {LoginWishes} from './wishes.js'

/** The process around a login. */
export interface LoginHost {
  terminal: Terminal
  environment: NodeJS.ProcessEnv
  stdin: Readable
  userAgent: string
}

const HINT_AFTER_MS = 10_000
/** The other ways are shown without the device login when the service takes longer to say whether it has it. */
const DISCOVERY_MS_MAX = 2_000

/**
 * Signs in at `wishes.baseUrl`, else PARIX_BASE_URL, else the default, and stores the session as the active one.
 * @throws ParixError USAGE where nobody is there to sign in, UNAVAILABLE where nothing listens, FAILED where the session could not be
 *   stored, and whatever signing in can end with
 */
export async function login(wishes: LoginWishes, host: LoginHost): Promise<StoredSignIn> {
  const {terminal, environment, userAgent} = host
  const {base} = resolveBaseUrl({flag: wishes.baseUrl, environment})
  assertSomebodyIsThere(wishes, host)
  await assertSomethingListens(base)
  const store = openSessionStore({environment, say: terminal.warn})
  // Before the browser opens: a sign-in that can't be stored is lost.
  await store.assertCanSave(base.origin)
  onSignalSay(() => terminal.warn('Stopped. Nothing was stored.'))
  const complete = (tokens: Tokens) => {
    onSignalSay(() => {})
    return storeSignIn(base, tokens, {
      store,
      fetchProfile: (accessToken) => fetchProfileByToken(base, accessToken, {userAgent}),
      warn: terminal.warn,
      now: Date.now,
    })
  }
  return wishes.device ? complete(await byDevice(base, host)) : byBrowser(base, complete, wishes, host)
}

function byDevice(base: BaseUrl, {terminal, userAgent}: LoginHost): Promise<Tokens> {
  const oauth = {userAgent}
  return signInByDevice({
    terminal,
    discover: () => discover(base, oauth),
    startDevice: (endpoint) => startDevice(base, endpoint, oauth),
  })
}

function byBrowser<Result>(
  base: BaseUrl,
  complete: (tokens: Tokens) => Promise<Result>,
  wishes: LoginWishes,
  host: LoginHost,
): Promise<Result> {
  const {terminal, userAgent, environment} = host
  const oauth = {userAgent}
  const pasted = pasteSource(wishes, host)
  const world: BrowserLoginWorld = {
    terminal,
    openLoopback,
    authorizationRequest: (redirectUri) => authorizationRequest(base, {redirectUri, prompt: wishes.prompt}),
    exchangeCode: (callback, {state, codeVerifier}) => {
      const done = terminal.waiting(`Waiting for ${base.url.host} …`)
      return exchangeCode(base, {callback, state, codeVerifier}, oauth).finally(done)
    },
    planBrowser: (url): BrowserPlan =>
      wishes.noBrowser ? {launchers: [], reason: '--no-browser'} : planBrowser(url, {...thisMachine(), environment}),
    openBrowser: (launchers) => openBrowser(launchers, environment),
    offersDevice: async (signal) =>
      (await discover(base, {...oauth, signal: AbortSignal.any([signal, AbortSignal.timeout(DISCOVERY_MS_MAX)])}))
        .deviceAuthorizationEndpoint !== undefined,
    hostname: hostname(),
    deviceCommand: renderCommand(nextCommand('auth login', {flags: {device: true, 'base-url': wishes.baseUrl}})),
    ...(pasted && {pasted}),
  }
  return signInByBrowser(
    {
      port: wishes.port,
      timeoutMs: wishes.timeoutMs,
      hintAfterMs: HINT_AFTER_MS,
      consentGranted: serviceUrl(base, PATHS.consentGranted),
      complete,
    },
    world,
  )
}

/** A person at the terminal is asked; a pipe is read only when the browser was said to be elsewhere. */
function pasteSource(wishes: LoginWishes, {terminal, stdin}: LoginHost): BrowserLoginWorld['pasted'] {
  const {ask} = terminal
  if (ask !== undefined) return (signal) => askedLines((question) => ask(question), signal, terminal.warn)
  const piped = wishes.noBrowser && !wishes.noInput && !terminal.is.stdin
  return piped ? (signal) => pastedLines(stdin, signal) : undefined
}

/** Fail fast in CI: nobody will open the browser, and the job would hang for five minutes (threats 7.4). */
function assertSomebodyIsThere({noBrowser, device}: LoginWishes, {terminal, environment}: LoginHost): void {
  if (!environment.CI || terminal.is.stdin || noBrowser || device || environment.BROWSER?.trim()) return
  throw new ParixError('USAGE', 'Signing in needs a person, and this is a CI job without a terminal.', {
    code: 'nobody_to_sign_in',
    hint: [
      'Set PARIX_API_KEY to a key that you create in the dashboard, at /settings/api-keys.',
      'If somebody opens the page that is printed, use --no-browser.',
    ],
    next: 'parix auth login --no-browser',
  })
}
