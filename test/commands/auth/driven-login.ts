import type {CliState} from '@parix/kit/contract'
import {type Running, type RunResult, startParix, type TestHome} from '@parix/testkit'
import {get, type RawResponse} from '../../auth/raw-http.js'
import {SECRETS} from './scripted-service.js'

/** A login that waits for its browser, which is this test. */
export interface DrivenLogin {
  running: Running
  /** The page that a browser would have been opened with. */
  page: URL
  state: string
  redirectUri: string
  port: number
  /** Brings an answer to the listener, as a browser would. */
  bring(query: Record<string, string>): Promise<RawResponse>
  /** Brings the right answer. */
  bringCode(): Promise<RawResponse>
  result: Promise<RunResult>
}

export interface DrivenLoginOptions {
  home: TestHome
  baseUrl: string
  words?: string[]
  env?: Record<string, string | undefined>
  keepStdinOpen?: boolean
}

/** Starts `parix auth login` and reads the page's address from what it prints. */
export async function driveLogin(options: DrivenLoginOptions): Promise<DrivenLogin> {
  const {home, baseUrl, words = [], env = {}, keepStdinOpen = false} = options
  const running = startParix(['auth', 'login', '--base-url', baseUrl, ...words], {
    home,
    env: {BROWSER: 'none', ...env},
    keepStdinOpen,
  })
  const [address] = await running.saw(/http\S+\/authorize\?\S+/, 'stderr')
  const page = new URL(address)
  const state = page.searchParams.get('state')!
  const {redirectUri} = JSON.parse(Buffer.from(state, 'base64url').toString()) as CliState
  const port = Number(new URL(redirectUri).port)
  const bring = (query: Record<string, string>) => get(port, `/callback?${new URLSearchParams(query)}`)
  return {
    running,
    page,
    state,
    redirectUri,
    port,
    bring,
    bringCode: () => bring({code: SECRETS.code, state}),
    result: running.result,
  }
}
