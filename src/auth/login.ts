import {connect} from 'node:net'
import {hostname} from 'node:os'
import type {Readable} from 'node:stream'
import {fetchProfileByToken} from '@parix/kit/api'
import {type BrowserPlan, openBrowser, planBrowser, thisMachine} from '@parix/kit/browser'
import {PATHS} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {startLocal} from '@parix/kit/http'
import {nextCommand, plainCommand, renderCommand} from '@parix/kit/next-command'
import {authorizationRequest, discover, exchangeCode, startDevice, type Tokens} from '@parix/kit/oauth'
import {type BaseUrl, isLoopback, serviceUrl} from '@parix/kit/origin'
import type {Terminal} from '@parix/kit/output'
import {openSessionStore, resolveBaseUrl} from '@parix/kit/session'
import {onSignalSay} from '@parix/kit/signals'
import {type BrowserLoginWorld, signInByBrowser} from './browser-login.js'
import {askedLines, pastedLines} from './callback.js'
import {signInByDevice} from './device-login.js'
import type {LoginOptions} from './login-options.js'
import {type StoredSignIn, storeSignIn} from './login-result.js'
import {openLoopback} from './loopback.js'

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
 * Signs in at `options.baseUrl`, else PARIX_BASE_URL, else the default, and stores the session as the active one.
 * @throws ParixError USAGE where nobody is there to sign in, UNAVAILABLE where nothing listens, FAILED where the session could not be
 *   stored, and whatever signing in can end with
 */
export async function login(options: LoginOptions, host: LoginHost): Promise<StoredSignIn> {
  const {terminal, environment, userAgent} = host
  const {base} = resolveBaseUrl({flag: options.baseUrl, environment})
  assertSomebodyIsThere(options, host)
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
  return options.device ? complete(await byDevice(base, host)) : byBrowser(base, complete, options, host)
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
  options: LoginOptions,
  host: LoginHost,
): Promise<Result> {
  const {terminal, userAgent, environment} = host
  const oauth = {userAgent}
  const pasted = pasteSource(options, host)
  const world: BrowserLoginWorld = {
    terminal,
    openLoopback,
    authorizationRequest: (redirectUri) => authorizationRequest(base, {redirectUri, prompt: options.prompt}),
    exchangeCode: (callback, {state, codeVerifier}) => {
      const done = terminal.waiting(`Waiting for ${base.url.host} …`)
      return exchangeCode(base, {callback, state, codeVerifier}, oauth).finally(done)
    },
    planBrowser: (url): BrowserPlan =>
      options.noBrowser ? {launchers: [], reason: '--no-browser'} : planBrowser(url, {...thisMachine(), environment}),
    openBrowser: (launchers) => openBrowser(launchers, environment),
    offersDevice: async (signal) =>
      (await discover(base, {...oauth, signal: AbortSignal.any([signal, AbortSignal.timeout(DISCOVERY_MS_MAX)])}))
        .deviceAuthorizationEndpoint !== undefined,
    hostname: hostname(),
    deviceCommand: renderCommand(nextCommand('auth login', {flags: {device: true, 'base-url': options.baseUrl}})),
    ...(pasted && {pasted}),
  }
  return signInByBrowser(
    {
      port: options.port,
      timeoutMs: options.timeoutMs,
      hintAfterMs: HINT_AFTER_MS,
      consentGranted: serviceUrl(base, PATHS.consentGranted),
      complete,
    },
    world,
  )
}

/** A person at the terminal is asked; a pipe is read only when the browser was said to be elsewhere. */
function pasteSource(options: LoginOptions, {terminal, stdin}: LoginHost): BrowserLoginWorld['pasted'] {
  const {ask} = terminal
  if (ask !== undefined) return (signal) => askedLines((question) => ask(question), signal, terminal.warn)
  const piped = options.noBrowser && !options.noInput && !terminal.is.stdin
  return piped ? (signal) => pastedLines(stdin, signal) : undefined
}

/** Fail fast in CI: nobody will open the browser, and the job would hang for five minutes (threats 7.4). */
function assertSomebodyIsThere({noBrowser, device}: LoginOptions, {terminal, environment}: LoginHost): void {
  if (!environment.CI || terminal.is.stdin || noBrowser || device || environment.BROWSER?.trim()) return
  throw new ParixError('USAGE', 'Signing in needs a person, and this is a CI job without a terminal.', {
    code: 'nobody_to_sign_in',
    hint: [
      'Set PARIX_API_KEY to a key that you create in the dashboard, at /settings/api-keys.',
      'If somebody opens the page that is printed, use --no-browser.',
    ],
    next: plainCommand('auth login', {flags: {'no-browser': true}}),
  })
}

const CONNECT_MS_MAX = 3000

/**
 * A local service that was not started would leave the person waiting for a page that can't open. Only asked of this
 * machine: beyond it a proxy may be in between, and the browser's own network may differ from ours.
 *
 * @throws ParixError UNAVAILABLE when nothing listens at a base URL on this machine
 */
export async function assertSomethingListens({url}: BaseUrl): Promise<void> {
  if (!isLoopback(url) || !(await isRefused(url))) return
  throw new ParixError('UNAVAILABLE', `Nothing listens at ${url.origin}.`, {
    code: 'nothing_listens',
    retryable: true,
    next: [plainCommand('local status'), startLocal(url)],
  })
}

function isRefused(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const socket = connect({host, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80))})
    const end = (refused: boolean) => {
      socket.destroy()
      resolve(refused)
    }
    socket.setTimeout(CONNECT_MS_MAX, () => end(false))
    socket.once('connect', () => end(false))
    socket.once('error', (error: NodeJS.ErrnoException & {errors?: NodeJS.ErrnoException[]}) => {
      // Both families of `localhost` are tried; all must refuse.
      const codes = (error.errors ?? [error]).map(({code}) => code)
      end(codes.every((code) => code === 'ECONNREFUSED'))
    })
  })
}
