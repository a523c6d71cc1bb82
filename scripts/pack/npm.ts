import {execFile} from 'node:child_process'
import {promisify} from 'node:util'

const execute = promisify(execFile)

/**
 * Runs npm and gives back its stdout.
 *
 * @throws Error with what npm said on stderr
 */
export async function npm(
  args: string[],
  cwd: string,
  env: Record<string, string | undefined> = process.env,
): Promise<string> {
  try {
    const {stdout} = await execute('npm', args, {cwd, env: {...env, npm_config_loglevel: 'error'}, maxBuffer: 1e8})
    return stdout
  } catch (error) {
    throw new Error(`npm ${args.join(' ')}: ${(error as {stderr?: string}).stderr ?? error}`)
  }
}

/** Packs the package in `directory` as it is, and returns the path of the tarball. Its scripts are not run. */
export async function npmPack(directory: string, out: string): Promise<string> {
  const answer = JSON.parse(await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', out], directory)) as
    | {filename: string}[]
    | Record<string, {filename: string}>
  const [packed] = Object.values(answer)
  return `${out}/${packed!.filename.replace('@', '').replace('/', '-')}`
}
