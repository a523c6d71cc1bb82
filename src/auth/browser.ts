import {spawn} from 'node:child_process'
import {accessSync, constants, readFileSync} from 'node:fs'
import type {Launcher, Machine} from './browser-plan.js'

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {platform: process.platform, environment: process.env, kernel: readKernel(), isProgram}
}

/**
 * Starts the first launcher that is installed. Resolves with undefined when it ended well or goes on running, with the
 * reason when no browser came up. Never throws: the URL is on the screen already, and the login waits on (threats 7.1).
 *
 * The child gets no credential in its environment (8.1), and lives on when we end.
 */
export async function openBrowser(launchers: Launcher[], environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const {PARIX_API_KEY: _key, ...safe} = environment
  const missing: string[] = []
  for (const launcher of launchers) {
    const outcome = await launch(launcher, safe)
    if (outcome.kind === 'ended') return undefined
    if (outcome.kind === 'failed') return `${launcher.program} ended with exit code ${outcome.code}`
    missing.push(`${launcher.program} (${outcome.code})`)
  }
  return `could not start ${missing.join(', ')}`
}

type LaunchOutcome = {kind: 'ended'} | {kind: 'failed'; code: number | string} | {kind: 'missing'; code: string}

/** A missing program is an `error` event of the child, not an exception; unhandled it would end the process. */
function launch(launcher: Launcher, environment: NodeJS.ProcessEnv): Promise<LaunchOutcome> {
  return new Promise((resolve) => {
    try {
      const child = spawn(launcher.program, launcher.arguments, {
        shell: false,
        detached: true,
        stdio: 'ignore',
        windowsHide: true,
        env: environment,
      })
      child.once('error', (error: NodeJS.ErrnoException) => resolve({kind: 'missing', code: error.code ?? 'unknown'}))
      child.once('exit', (code, signal) =>
        resolve(code === 0 ? {kind: 'ended'} : {kind: 'failed', code: code ?? signal ?? 1}),
      )
      child.unref()
    } catch (error) {
      // Windows refuses .cmd and .bat files without a shell in this way.
      resolve({kind: 'missing', code: (error as NodeJS.ErrnoException).code ?? 'unknown'})
    }
  })
}

function readKernel(): string {
  if (process.platform !== 'linux') return ''
  try {
    return readFileSync('/proc/version', 'latin1')
  } catch {
    return ''
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
