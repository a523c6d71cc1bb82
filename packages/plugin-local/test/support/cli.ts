import {createHash, randomBytes} from 'node:crypto'
import {createServer} from 'node:http'
import {type Browser, createBrowser, signInWithBrowser} from '@parix/testkit'

/** What a token answer holds, written down from the contract. */
export interface Tokens {
  access_token: string
  refresh_token?: string
  expires_in: number
  token_type: string
  scope: string
  id_token?: string
}

export interface Attempt {
  verifier: string
  challenge: string
  state: string
  authorizeUrl: string
}

/** The sign-in as the CLI starts it: its own PKCE pair and state, and the address for the browser. */
export function startAttempt(base: string, redirectUri: string, parameters: Record<string, string> = {}): Attempt {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const state = packState({nonce: randomBytes(16).toString('base64url'), redirectUri})
  const query = new URLSearchParams({state, code_challenge: challenge, code_challenge_method: 'S256', ...parameters})
  return {verifier, challenge, state, authorizeUrl: `${base}/api/oauth/cli/authorize?${query}`}
}

export function packState(state: unknown): string {
  return Buffer.from(typeof state === 'string' ? state : JSON.stringify(state)).toString('base64url')
}

export interface Callback {
  attempt: Attempt
  parameters: URLSearchParams
}

export interface SignInOptions {
  decision?: 'allow' | 'deny'
  untick?: readonly string[]
  browser?: Browser
  parameters?: Record<string, string>
}

/** Goes through the browser, up to what comes back to the CLI's listener. */
export async function throughTheBrowser(base: string, options: SignInOptions = {}): Promise<Callback> {
  const {decision, untick, browser = createBrowser(), parameters} = options
  const callbacks: URLSearchParams[] = []
  const listener = createServer((request, response) => {
    callbacks.push(new URL(request.url!, 'http://127.0.0.1').searchParams)
    response.writeHead(302, {location: `${base}/cli-oauth-consent-granted`, connection: 'close'}).end()
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const {port} = listener.address() as {port: number}
  try {
    const attempt = startAttempt(base, `http://127.0.0.1:${port}/callback`, parameters)
    await signInWithBrowser(attempt.authorizeUrl, {
      browser,
      ...(decision && {decision}),
      ...(untick && {untick}),
    })
    if (callbacks.length !== 1)
      throw new Error(`${callbacks.length} callbacks; visited:\n${browser.visited.join('\n')}`)
    return {attempt, parameters: callbacks[0]!}
  } finally {
    listener.close()
  }
}

/** A whole sign-in: browser, then the code for tokens. */
export async function signIn(base: string, options: SignInOptions = {}): Promise<Tokens> {
  const {attempt, parameters} = await throughTheBrowser(base, options)
  const response = await exchangeCode(base, attempt, parameters.get('code')!)
  if (!response.ok) throw new Error(`No tokens: ${await response.text()}`)
  return (await response.json()) as Tokens
}

export function exchangeCode(
  base: string,
  attempt: Attempt,
  code: string,
  changes: Record<string, string> = {},
): Promise<Response> {
  return tokenRequest(base, {
    grant_type: 'authorization_code',
    client_id: 'parix',
    code,
    code_verifier: attempt.verifier,
    redirect_uri: `${base}/api/oauth/cli/callback`,
    ...changes,
  })
}

export function refresh(base: string, refreshToken: string): Promise<Response> {
  return tokenRequest(base, {grant_type: 'refresh_token', client_id: 'parix', refresh_token: refreshToken})
}

export function tokenRequest(base: string, form: Record<string, string>): Promise<Response> {
  return fetch(`${base}/api/auth/oauth2/token`, {method: 'POST', body: new URLSearchParams(form)})
}

/** Whether the API still takes this access token. */
export async function apiTakes(base: string, accessToken: string): Promise<boolean> {
  const response = await fetch(`${base}/api/v1/session`, {headers: {authorization: `Bearer ${accessToken}`}})
  await response.arrayBuffer()
  return response.status === 200
}

export async function oauthError(response: Response): Promise<{status: number; error: string | undefined}> {
  const {error} = (await response.json()) as {error?: string}
  return {status: response.status, error}
}
