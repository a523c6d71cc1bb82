import {join, resolve} from 'node:path'
import * as Flags from '@oclif/core/flags'
import {dataDirectory} from '@parix/files/paths'
import {ParixCommand} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'

/** Where the local service keeps everything, unless --data-dir names a directory: `local` in the data directory. */
export function localDataDir(chosen: string | undefined): string {
  return chosen === undefined ? join(dataDirectory(process.env), 'local') : resolve(chosen)
}

/** The flag that all commands of `parix local` share. */
export const dataDirFlag = {
  'data-dir': Flags.string({
    description: 'the folder of the service; else $XDG_DATA_HOME/parix/local',
    helpValue: 'DIR',
  }),
}

/** What the commands of `parix local` stand on: they talk to no Parix but the one on this machine, so --base-url is not shown. */
export abstract class LocalCommand<Result> extends ParixCommand<Result> {
  static override baseFlags: typeof ParixCommand.baseFlags = {
    ...ParixCommand.baseFlags,
    'base-url': {...ParixCommand.baseFlags['base-url'], hidden: true},
  }
}

/** A fault of the service as an error for a person. */
export function toLocalError(error: unknown, dataDir: string): unknown {
  if (!isServiceFault(error)) return error
  switch (error.code) {
    case 'PORT_IN_USE':
      return new ParixError('FAILED', `${error.message} Another program listens there.`, {
        code: 'port_in_use',
        next: ['parix local start --port 0', 'parix local status'],
        cause: error,
      })
    case 'PORT_NOT_ALLOWED':
      return new ParixError('FAILED', `${error.message} Ports below 1024 need other rights.`, {
        code: 'port_not_allowed',
        next: 'parix local start --port 0',
        cause: error,
      })
    case 'DATA_DIR_IN_USE':
      return new ParixError('FAILED', `A local service is running on ${dataDir} already.`, {
        code: 'already_running',
        next: ['parix local status', 'parix local stop'],
        cause: error,
      })
    case 'DATA_DIR_UNUSABLE':
      return new ParixError('FAILED', error.message, {
        code: 'data_dir_unusable',
        next: 'parix local reset',
        cause: error,
      })
    case 'CLIENT_MISSING':
      return new ParixError('FAILED', error.message, {
        code: 'client_missing',
        next: 'npm install --global tigerbeetle-node@0.17.9',
        cause: error,
      })
  }
}

/** By name: the command must not load the server to know its errors. */
function isServiceFault(error: unknown): error is Error & {code: ServiceFaultCode} {
  return error instanceof Error && error.name === 'ServiceFault'
}

type ServiceFaultCode = import('./server/faults.js').ServiceFaultCode
