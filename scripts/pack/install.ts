import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {packCli} from './cli.js'
import {npm} from './npm.js'

/**
 * Packs the CLI and installs it globally into `directory`, offline and with an empty npm cache, as a user without a network
 * would. Returns the path of the installed run.js.
 */
export async function installTarball(directory: string, tarball?: string): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'parix-install-'))
  try {
    mkdirSync(directory, {recursive: true})
    writeFileSync(join(scratch, 'npmrc'), '')
    const packed = tarball ?? (await packCli(scratch))
    const flags = [
      '--offline',
      '--no-audit',
      '--no-fund',
      '--cache',
      join(scratch, 'cache'),
      '--userconfig',
      join(scratch, 'npmrc'),
    ]
    await npm(['install', '--global', '--prefix', directory, packed, ...flags], scratch)
    return installedBin(directory)
  } finally {
    rmSync(scratch, {recursive: true, force: true})
  }
}

/** The run.js of the CLI that is installed globally in `directory`. */
export function installedBin(directory: string): string {
  return join(directory, 'lib', 'node_modules', '@parix', 'cli', 'bin', 'run.js')
}
