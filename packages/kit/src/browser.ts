import {spawn} from 'node:child_process'
import {accessSync, constants, readFileSync} from 'node:fs'
import {delimiter, isAbsolute, join} from 'node:path'

/** What decides how a browser is opened. All of it comes from the machine, so that a test can describe any machine. */
export interface Machine {
  platform: NodeJS.Platform
  environment: NodeJS.ProcessEnv
  /** `/proc/version` where there is one: WSL says 'Microsoft' in it. */
  kernel: string
  /** Whether a file of this path is there and may be run. */
  isProgram(path: string): boolean
}

/** A program and its arguments. They are never handed to a shell: `&`, `%` and `"` in the URL arrive whole (flaw 7). */
export interface Launcher {
  program: string
  arguments: string[]
}

/** Which programs to try, in order; or why none, as the end of a sentence: 'No browser is opened: …'. */
export type BrowserPlan = {launchers: Launcher[]; note?: string} | {launchers: []; reason: string}

/**
 * How `url` is opened on this machine. `$BROWSER` is the person's own word and comes first: a program, which gets the URL
 * as its only argument; a program with arguments; or `none`. Without it nothing is opened where nobody would see it.
 */
export function planBrowser(url: URL, machine: Machine): BrowserPlan {
  const {environment, platform} = machine
  const wish = environment.BROWSER?.trim() ?? ''
  if (wish === 'none') return {launchers: [], reason: 'BROWSER=none'}
  if (wish !== '') return {launchers: [launcherOf(wish, url, machine)]}
  const reason = whyNot(machine)
  if (reason !== undefined) return {launchers: [], reason}
  if (platform === 'win32')
    return {launchers: [{program: 'rundll32', arguments: ['url.dll,FileProtocolHandler', url.href]}]}
  if (platform === 'darwin') return {launchers: [{program: 'open', arguments: [url.href]}]}
  if (isWsl(machine)) return {launchers: windowsFromWsl(url), note: 'Opening your Windows browser.'}
  return {launchers: FREEDESKTOP.map(([program, ...first]) => ({program, arguments: [...first, url.href]}))}
}

/** Each is tried when the one before it isn't installed. */
const FREEDESKTOP: [string, ...string[]][] = [['xdg-open'], ['gio', 'open'], ['x-www-browser'], ['sensible-browser']]

function whyNot({platform, environment, kernel}: Machine): string | undefined {
  if (environment.CI) return 'this is a CI job'
  if (isSsh(environment)) return 'you are connected by SSH'
  if (platform === 'win32' || platform === 'darwin' || isWsl({platform, kernel})) return undefined
  return environment.DISPLAY || environment.WAYLAND_DISPLAY ? undefined : 'this machine has no display'
}

/** Whether the person sits at a machine other than this one. */
export function isSsh(environment: NodeJS.ProcessEnv): boolean {
  return Boolean(environment.SSH_CONNECTION || environment.SSH_CLIENT || environment.SSH_TTY)
}

function isWsl({platform, kernel}: Pick<Machine, 'platform' | 'kernel'>): boolean {
  return platform === 'linux' && /microsoft/i.test(kernel)
}

/** PowerShell reads the command from base64 (UTF-16LE), so that nothing in the URL is ever syntax. */
function windowsFromWsl(url: URL): Launcher[] {
  const command = `Start-Process '${url.href.replaceAll("'", "''")}'`
  const encoded = Buffer.from(command, 'utf16le').toString('base64')
  return [
    {program: 'wslview', arguments: [url.href]},
    {program: 'powershell.exe', arguments: ['-NoProfile', '-NonInteractive', '-EncodedCommand', encoded]},
  ]
}

/** `%s` means the URL, as in the convention that xdg-open keeps; else it comes last. */
function launcherOf(wish: string, url: URL, machine: Machine): Launcher {
  const [program = wish, ...rest] = isInstalled(wish, machine) ? [wish] : wish.split(/\s+/)
  if (!rest.some((argument) => argument.includes('%s'))) return {program, arguments: [...rest, url.href]}
  return {program, arguments: rest.map((argument) => argument.replaceAll('%s', () => url.href))}
}

/** A path may hold blanks: `/Applications/Some Browser`. */
function isInstalled(program: string, {environment, isProgram}: Machine): boolean {
  if (isAbsolute(program)) return isProgram(program)
  return (environment.PATH ?? '')
    .split(delimiter)
    .some((directory) => directory !== '' && isProgram(join(directory, program)))
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {platform: process.platform, environment: process.env, kernel: readKernel(), isProgram}
}

/**
 * Starts the first launcher that is installed. Resolves with undefined when it ended well or keeps running, with the
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
