import type {Config} from '@oclif/core/config'
import {normalizeArgv} from '@oclif/core/help'
import {isParixError} from '@parix/kit/errors'
import {asksForCompletion, asksForHelp} from './asked.js'
import {loadConfig, type Surroundings} from './load-config.js'

/** oclif's `run`, step by step, over a configuration that is baked. What a command throws, it has shown itself. */
export async function runCommandLine(argv: string[], surroundings: Surroundings): Promise<void> {
  const config = await loadConfig(surroundings)
  if (asksForCompletion(argv)) {
    const [{completionText}, {catalogOf}] = await Promise.all([
      import('../completion/answer.js'),
      import('../help/index.js'),
    ])
    process.stdout.write(completionText(catalogOf(config), argv.slice(1)))
    return
  }
  const [id = '', ...rest] = normalizeArgv(config, argv)
  const command = config.findCommand(id)
  let failure: Error | undefined
  try {
    await config.runHook('init', {argv: rest, id})
    if (argv[0] === '--version' || argv[0] === '-v') process.stdout.write(`${config.userAgent}\n`)
    else if (helpIsDue(config, argv, id)) await showHelp(config, argv)
    else await config.runCommand(id, rest, command ?? null)
  } catch (error) {
    failure = error as Error
    await showFailure(failure, config, id, argv)
  } finally {
    await config.runHook('finally', {argv: rest, Command: command, error: failure, id})
  }
}

function helpIsDue(config: Config, argv: string[], id: string): boolean {
  return asksForHelp(argv) || (config.findCommand(id) === undefined && config.findTopic(id) !== undefined)
}

async function showHelp(config: Config, argv: string[]): Promise<void> {
  const {catalogOf, helpText, terminalLook} = await import('../help/index.js')
  process.stdout.write(helpText(catalogOf(config), argv, terminalLook(argv)))
}

async function showFailure(error: unknown, config: Config, id: string, argv: string[]): Promise<void> {
  const {printFailure} = await import('./failure.js')
  if (isParixError(error)) return printFailure(error, argv)
  const {toParixError} = await import('@parix/kit/command')
  printFailure(toParixError(error, `${config.bin} ${id.replaceAll(':', ' ')}`), argv)
}
