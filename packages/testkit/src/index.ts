export {
  BROWSER_PROGRAM,
  type Browser,
  type BrowserPage,
  createBrowser,
  type FormChanges,
  signInWithBrowser,
} from './browser.js'
export {makeHome, type TestHome, withHome} from './home.js'
export {startOnTerminal, type TerminalRunOptions} from './on-terminal.js'
export {type ParixOptions, parix, program, startParix, startProgram} from './parix.js'
export {startBetterAuth16} from './peers/better-auth-1-6.js'
export {type OidcProviderOptions, startOidcProvider} from './peers/oidc-provider.js'
export type {Peer, TokenRequest} from './peers/peer.js'
export {
  type RecordedRequest,
  type RecordingService,
  type Script as AnswerScript,
  type ScriptedAnswer,
  startRecordingService,
  withService,
} from './recording-service.js'
export {type Running, type RunOptions, type RunResult, run, start} from './run.js'
export {bundleScript, type Script} from './script.js'
export {expired, sessionFile} from './sessions.js'
export {type SignedInParix, TEST_API_KEY, withParix} from './with-parix.js'
