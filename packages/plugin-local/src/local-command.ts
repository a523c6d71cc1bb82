import {existsSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import * as Flags from '@oclif/core/flags'
import {dataDirectory} from '@parix/files/paths'
import type {Api} from '@parix/kit/api'
import {ParixCommand} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'
import {type CommandFlags, nextCommand, renderCommand, systemCommand} from '@parix/kit/next-command'
import type {LocalService} from './local-service.js'
import type {Remedy, ServiceFault} from './server/faults.js'

/** Where the local service keeps everything: `--data-dir`, else `local` in parix's data directory. */
export function localDataDir(chosen: string | undefined): string {
  return chosen === undefined ? join(dataDirectory(process.env), 'local') : resolve(chosen)
}

/** `parix local …` as it can be pasted: with `--data-dir` if the directory is not the default one. */
export function localCommand(words: string, dataDir: string, flags: CommandFlags = {}): string {
  const place = isDefault(dataDir) ? undefined : dataDir
  return renderCommand(nextCommand(`local ${words}`, {flags: {...flags, 'data-dir': place}}))
}

function isDefault(dataDir: string): boolean {
  try {
    return dataDir === localDataDir(undefined)
  } catch {
    // Without a home there is no default.
    return false
  }
}

/** The flag that all commands of `parix local` share. */
export const dataDirFlag = {
  'data-dir': Flags.string({
    description: 'directory of the service; else PARIX_DATA_DIR/local or $XDG_DATA_HOME/parix/local',
    helpValue: 'DIR',
  }),
}

export const showKeyFlag = {
  'show-key': Flags.boolean({description: 'print the API key in full (--json always does)'}),
}

/** Base of the commands of `parix local`: they talk to no Parix but the one on this machine, so --base-url is not shown. */
export abstract class LocalCommand<Result> extends ParixCommand<Result> {
  static override baseFlags: typeof ParixCommand.baseFlags = {
    ...ParixCommand.baseFlags,
    'base-url': {...ParixCommand.baseFlags['base-url'], hidden: true},
    organization: {...ParixCommand.baseFlags.organization, hidden: true},
  }

  /** The service that runs on `dataDir`, and its client. @throws ParixError NOT_FOUND `not_running` */
  protected async runningApi(dataDir: string): Promise<{service: LocalService; api: Api}> {
    const [{runningService}, {localApi}] = await Promise.all([import('./local-service.js'), import('./local-api.js')])
    const service = await runningService(dataDir).catch((error: unknown) => {
      throw toLocalError(error, dataDir)
    })
    return {service, api: localApi(service)}
  }

  /** The commands that are printed are about the same data directory. */
  protected override get serviceInPrint() {
    const {'data-dir': dataDir} = (this.globalFlags ?? {}) as {'data-dir'?: string}
    return {inPrint: {flag: undefined, loginFlag: undefined, dataDir}}
  }
}

/**
 * The database of the service on this machine that is meant: by an argument, PARIX_DATABASE, or the settings.
 *
 * @throws ParixError NOT_FOUND, USAGE
 */
export async function localDatabase(api: Api, argument: string | undefined): Promise<{id: string; name: string}> {
  const [{resolveDatabase}, {databaseInForce}] = await Promise.all([
    import('@parix/kit/databases'),
    import('@parix/kit/settings'),
  ])
  const {database} = databaseInForce({argument, origin: api.base.origin, environment: process.env})
  return resolveDatabase(api, database)
}

/** An error of the service as an error for a person. */
export function toLocalError(error: unknown, dataDir: string): unknown {
  if (!isServiceFault(error)) return error
  switch (error.code) {
    case 'PORT_IN_USE':
      return new ParixError('FAILED', `${error.message} Another program listens there.`, {
        code: 'port_in_use',
        next: [localCommand('start --port 0', dataDir), localCommand('status', dataDir)],
        cause: error,
      })
    case 'PORT_NOT_ALLOWED':
      return new ParixError('FAILED', `${error.message} Ports below 1024 need other rights.`, {
        code: 'port_not_allowed',
        next: localCommand('start --port 0', dataDir),
        cause: error,
      })
    case 'DATA_DIR_IN_USE':
      return new ParixError('FAILED', `A local service is already running on ${dataDir}.`, {
        code: 'already_running',
        next: [localCommand('status', dataDir), localCommand('stop', dataDir)],
        cause: error,
      })
    case 'DATA_DIR_UNUSABLE': {
      const next = remedyCommand(error.remedy, dataDir)
      return new ParixError('FAILED', error.message, {
        code: 'data_dir_unusable',
        ...(next && {next}),
        cause: error,
      })
    }
    case 'CLIENT_MISSING':
      return new ParixError('FAILED', error.message, {
        code: 'client_missing',
        next: installCommand('tigerbeetle-node@0.17.9', fileURLToPath(import.meta.url)),
        cause: error,
      })
    case 'OTHER_BACKEND':
      return new ParixError('FAILED', error.message, {
        code: 'other_backend',
        next: localCommand(['start', ...(error.startFlags ?? [])].join(' '), dataDir),
        cause: error,
      })
  }
}

/** A reset is advised only for damaged content: it removes everything. */
function remedyCommand(remedy: Remedy | undefined, dataDir: string): string | undefined {
  if (remedy === 'reset') return localCommand('reset', dataDir)
  if (remedy === 'free-space') return renderCommand(systemCommand('df', '-h', dataDir))
  return remedy === 'other-directory' ? localCommand('start', './parix-data') : undefined
}

/**
 * The command that installs a package where a program at `file` finds it: npm puts a project's packages elsewhere than
 * global ones, and neither finds the other's.
 */
export function installCommand(wanted: string, file: string, exists: (path: string) => boolean = existsSync): string {
  const [root = '', inside] = file.split(/[\\/]node_modules[\\/]/, 2)
  if (inside === undefined) return `npm install --no-save ${wanted}`
  if (!exists(join(root, 'package.json'))) return `npm install --global ${wanted}`
  return renderCommand(systemCommand('npm', 'install', '--prefix', root, wanted))
}

/** By name: the command must not load the server to know its errors. */
function isServiceFault(error: unknown): error is Error & Pick<ServiceFault, 'code' | 'remedy' | 'startFlags'> {
  return error instanceof Error && error.name === 'ServiceFault'
}
