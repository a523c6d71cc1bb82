export {
  BROWSER_PROGRAM,
  type Browser,
  type BrowserPage,
  createBrowser,
  type FormChanges,
  signInWithBrowser,
} from './browser.js'
export {expired, makeHome, sessionFile, type TestHome, withHome} from './home.js'
export {
  type ParixOptions,
  parix,
  program,
  residentParix,
  type SignedInParix,
  startAround,
  startOnTerminal,
  startParix,
  startProgram,
  TEST_API_KEY,
  type TerminalRunOptions,
  withParix,
} from './parix.js'
export {startBetterAuth16} from './peers/better-auth-1-6.js'
export {type OidcProviderOptions, startOidcProvider} from './peers/oidc-provider.js'
export type {Peer, TokenRequest} from './peers/peer.js'
export {
  type RecordedRequest,
  type RecordingService,
  type Script as ResponseScript,
  type ScriptedResponse,
  startRecordingService,
  withService,
} from './recording-service.js'
export {type ResidentResult, type RunResident, startResident, stopResidents} from './resident.js'
export {bundleScript, type Running, type RunOptions, type RunResult, run, type Script, start} from './run.js'
