import {setTimeout as delay} from 'node:timers/promises'
import type {BrowserPlan, Launcher} from '@parix/kit/browser'
import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import type {AuthorizationRequest, Tokens} from '@parix/kit/oauth'
import type {Terminal} from '@parix/kit/output'
import {acceptPasted, type CallbackResponse, type ExpectedCallback, expectCallback, refusalError} from './callback.js'
import type {Loopback, LoopbackOptions} from './loopback.js'

/** Everything that signing in by the browser needs of the world. The command passes the real one. */
export interface BrowserLoginWorld {
  terminal: Pick<Terminal, 'say' | 'warn'>
  openLoopback(options: LoopbackOptions): Promise<Loopback>
  authorizationRequest(redirectUri: string): Promise<AuthorizationRequest>
  exchangeCode(callback: URL, request: AuthorizationRequest): Promise<Tokens>
  planBrowser(url: URL): BrowserPlan
  /** Resolves with the reason when no browser came up. */
  openBrowser(launchers: Launcher[]): Promise<string | undefined>
  /** Lines that a person pastes; absent where nobody can. */
  pasted?: (signal: AbortSignal) => AsyncIterable<string>
  /** Whether the service has the device login; asked for only when a hint is due. */
  offersDevice(signal: AbortSignal): Promise<boolean>
  hostname: string
  /** `parix auth login --device` at this service. */
  deviceCommand: string
}

export interface BrowserLoginOptions<Result> {
  /** 0: any free one. */
  port: number
  /** How long a person may take. */
  timeoutMs: number
  /** After this long without an answer, other ways are named. */
  hintAfterMs: number
  /** Where the browser is sent when all is done. */
  consentGranted: URL
  /** What is done with the tokens before the browser is told that all is well. */
  complete(tokens: Tokens): Promise<Result>
}

/**
 * The authorization code flow with PKCE by the loopback (RFC 8252 §7.3), as the contract's 'Signing in' has it.
 * @throws ParixError when the person refuses, takes too long, or the service does not go along
 */
export async function signInByBrowser<Result>(
  options: BrowserLoginOptions<Result>,
  world: BrowserLoginWorld,
): Promise<Result> {
  const loopback = await world.openLoopback({port: options.port, onForeign: foreignWarning(world.terminal)})
  try {
    const request = await world.authorizationRequest(loopback.redirectUri)
    const callback = expectCallback(request.state)
    loopback.expect(callback)
    world.terminal.warn(`To sign in, open this page:\n\n  ${request.url.href}\n`)
    const response = await waitForPerson({loopback, callback, url: request.url}, options, world)
    return await redeem(response, {loopback, callback, request}, options, world)
  } finally {
    await loopback.close()
  }
}

interface Attempt {
  loopback: Loopback
  callback: ExpectedCallback
}

/** The code becomes tokens, the tokens are kept, and only then does the browser hear that it worked (1.17). */
async function redeem<Result>(
  response: CallbackResponse,
  {loopback, callback, request}: Attempt & {request: AuthorizationRequest},
  options: BrowserLoginOptions<Result>,
  world: BrowserLoginWorld,
): Promise<Result> {
  try {
    if (response.kind !== 'code') throw refusalError(response)
    const address = new URL(loopback.redirectUri)
    address.search = response.query.toString()
    const result = await options.complete(await world.exchangeCode(address, request))
    callback.settle({kind: 'granted', redirect: options.consentGranted})
    return result
  } catch (error) {
    const refused = response.kind === 'error' && response.error === 'access_denied'
    callback.settle({kind: refused ? 'refused' : 'failed'})
    throw error
  }
}

async function waitForPerson(
  attempt: Attempt & {url: URL},
  options: BrowserLoginOptions<unknown>,
  world: BrowserLoginWorld,
): Promise<CallbackResponse> {
  const over = new AbortController()
  const guidance = guide(attempt, options, world, over.signal)
  try {
    return await new Promise<CallbackResponse>((resolve, reject) => {
      attempt.callback.response.then(resolve, reject)
      // Guidance ends long before the person is done; only its faults (Ctrl-C at a question) end the wait.
      guidance.catch(reject)
      delay(options.timeoutMs, undefined, {signal: over.signal}).then(
        () => reject(timeUp(options.timeoutMs)),
        () => {},
      )
    })
  } finally {
    over.abort()
  }
}

/** Opens the browser, names other ways when that does not seem to work, and takes a pasted address. */
async function guide(
  {loopback, callback, url}: Attempt & {url: URL},
  {hintAfterMs}: BrowserLoginOptions<unknown>,
  world: BrowserLoginWorld,
  over: AbortSignal,
): Promise<void> {
  const {terminal} = world
  const trouble = await tryBrowser(world, url, hintAfterMs, over)
  if (over.aborted) return
  if (trouble !== '') terminal.say(trouble)
  const offersDevice = await world.offersDevice(over)
  if (over.aborted) return
  const canPaste = world.pasted !== undefined
  terminal.say(
    fallbackHelp({
      port: loopback.port,
      hostname: world.hostname,
      canPaste,
      offersDevice,
      deviceCommand: world.deviceCommand,
    }),
  )
  if (world.pasted === undefined) return
  for await (const line of world.pasted(over)) {
    if (over.aborted) return
    const verdict = acceptPasted(line, loopback.port, callback)
    if (verdict === 'taken' || verdict === 'idle') return
    terminal.warn(pasteReply(verdict))
  }
}

/** Returns what went wrong as a sentence; empty when a browser runs and no answer came for a while. */
async function tryBrowser(world: BrowserLoginWorld, url: URL, hintAfterMs: number, over: AbortSignal): Promise<string> {
  const plan = world.planBrowser(url)
  if ('reason' in plan) return `No browser is opened here: ${plan.reason}.`
  world.terminal.say(plan.note ?? 'Opening your browser.')
  const patience = delay(hintAfterMs, 'patience' as const, {signal: over}).catch(() => 'patience' as const)
  const failure = await Promise.race([world.openBrowser(plan.launchers), patience])
  if (failure !== undefined && failure !== 'patience') return `No browser could be opened: ${failure}.`
  await patience
  return ''
}

const FOREIGN_WARNINGS_MAX = 3

/** A page that calls us a thousand times must not fill the terminal. */
function foreignWarning(terminal: Pick<Terminal, 'warn'>): () => void {
  let count = 0
  return () => {
    count += 1
    if (count > FOREIGN_WARNINGS_MAX) return
    terminal.warn('Warning: something on this machine sent a response that is not for this sign-in. It was ignored.')
  }
}

function timeUp(timeoutMs: number): ParixError {
  const length = timeoutMs >= 60_000 ? `${Math.round(timeoutMs / 60_000)} min` : `${timeoutMs / 1000} s`
  return new ParixError('NOT_SIGNED_IN', `The browser did not return within ${length}.`, {
    code: 'login_timeout',
    hint: [
      'With --no-browser, open the page yourself, anywhere, and paste the address it ends on; with --device, sign in with a code.',
      'Over SSH: forward a port (ssh -L PORT:127.0.0.1:PORT HOST) and sign in with --port PORT.',
    ],
    next: [
      plainCommand('auth login', {flags: {'no-browser': true}}),
      plainCommand('auth login', {flags: {device: true}}),
    ],
  })
}

export interface FallbackHelpOptions {
  port: number
  /** Of this machine, for the SSH line. */
  hostname: string
  canPaste: boolean
  offersDevice: boolean
  /** `parix auth login --device` at this service. */
  deviceCommand: string
}

/** What a person can do when the browser on this machine does not answer, best first. */
export function fallbackHelp({port, hostname, canPaste, offersDevice, deviceCommand}: FallbackHelpOptions): string {
  const ways = [
    ...(canPaste ? ['Open the page in any browser, and paste the address that it ends on here.'] : []),
    `By SSH: run this where the browser is, then open the page there: ssh -L ${port}:127.0.0.1:${port} ${hostname}`,
    ...(offersDevice ? [`Sign in with a code instead: ${deviceCommand}`] : []),
  ]
  return ['Waiting for the browser. If it runs on another machine:', ...ways.map((way) => `  - ${way}`)].join('\n')
}

/** What is said to a pasted line that is not the answer. */
export function pasteReply(verdict: 'foreign' | 'unknown'): string {
  return verdict === 'foreign'
    ? 'That address belongs to another sign-in. Paste the one that the page above ended on.'
    : 'That is not the address that a sign-in ends on: it begins with http://127.0.0.1: and holds code= and state=.'
}
