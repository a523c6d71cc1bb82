import {spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {ParixError} from '@parix/kit/errors'

export interface NpmOptions {
  /** Whether packages may run their lifecycle scripts: any code, as this user. */
  allowScripts: boolean
  environment: NodeJS.ProcessEnv
}

/** A registry that doesn't answer is told within seconds: npm alone would try for more than a minute. */
const IMPATIENT = ['--fetch-retries=0', '--fetch-timeout=10000']
const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--no-package-lock', '--loglevel=error']

/**
 * Installs `spec` and what it needs into `folder`/node_modules with the npm that came with Node.
 *
 * @throws ParixError that says whether the registry, the package or its version is the matter
 */
export async function npmInstall(spec: string, folder: string, options: NpmOptions): Promise<void> {
  const registry = options.environment.PARIX_NPM_REGISTRY
  const args = [
    'install',
    spec,
    '--omit=dev',
    // A folder is copied, as its tarball would be; a link is what `plugins link` is for.
    '--install-links',
    options.allowScripts ? '--no-ignore-scripts' : '--ignore-scripts',
    ...(registry ? [`--registry=${registry}`] : []),
    ...QUIET,
    ...IMPATIENT,
  ]
  const {code, stderr} = await runNpm(args, folder, options.environment)
  if (code !== 0) throw npmFailure(spec, stderr)
}

function runNpm(
  args: string[],
  cwd: string,
  environment: NodeJS.ProcessEnv,
): Promise<{code: number | null; stderr: string}> {
  const script = findNpm(environment)
  if (script === undefined) {
    throw new ParixError('FAILED', 'npm, which installs plugins, is not there. It comes with Node.js.', {
      code: 'npm_missing',
    })
  }
  // Install scripts are code of strangers: the key is not theirs to read (threats 8.1).
  const {PARIX_API_KEY: _key, ...safe} = environment
  // The network and the user's npm settings are npm's to read; only where to install is said.
  const child = spawn(process.execPath, [script, ...args, '--prefix', cwd], {
    cwd,
    env: safe,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8')
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({code, stderr}))
  })
}

/** npm's script: beside this Node, or behind the npm of PATH. */
function findNpm(environment: NodeJS.ProcessEnv): string | undefined {
  const script = join('node_modules', 'npm', 'bin', 'npm-cli.js')
  const beside = dirname(process.execPath)
  const onPath = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = [beside, ...onPath].flatMap((folder) => [join(folder, '..', 'lib', script), join(folder, script)])
  return candidates.find((candidate) => existsSync(candidate))
}

const UNREACHABLE = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTCACHED',
  'ERR_SOCKET_TIMEOUT',
  'FETCH_ERROR',
]

function npmFailure(spec: string, stderr: string): ParixError {
  const code = /npm error code (\S+)/.exec(stderr)?.[1] ?? ''
  const said = sentences(stderr)
  if (UNREACHABLE.includes(code) || said.some((line) => /network request to|request to .* failed/.test(line))) {
    const address = /https?:\/\/[^\s/]+/.exec(stderr)?.[0] ?? 'the registry'
    return new ParixError('UNAVAILABLE', `${address} can't be reached. Nothing was installed.`, {
      code: 'registry_unreachable',
      retryable: true,
      next: 'Install from a file with everything in it instead: parix plugins install ./plugin.tgz',
      errors: said.slice(0, 1),
    })
  }
  if (code === 'E404')
    return new ParixError('NOT_FOUND', `${spec} is not in the registry, or something that it needs is not.`, {
      errors: said.slice(0, 1),
    })
  if (code === 'ETARGET')
    return new ParixError('NOT_FOUND', `The registry has no such version: ${spec}.`, {errors: said.slice(0, 1)})
  return new ParixError('FAILED', `npm could not install ${spec}. Nothing was installed.`, {
    ...(code !== '' && {code: code.toLowerCase()}),
    errors: said.slice(0, 5),
  })
}

/** npm's own words, without its prefixes and the hint to its log. */
function sentences(stderr: string): string[] {
  return stderr
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .filter((line) => line !== '' && !/^(code|errno|A complete log|Log files|npm warn)/.test(line))
}
