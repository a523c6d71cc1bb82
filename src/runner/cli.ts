import {existsSync} from 'node:fs'
import {join} from 'node:path'
import type {Command} from '@oclif/core/command'
import {Config, type Plugin} from '@oclif/core/config'
import type {Hook, Hooks} from '@oclif/core/interfaces'
import {run} from '@oclif/core/run'
import {settings} from '@oclif/core/settings'
import {homeDirectory} from '@parix/files/paths'
import {isParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {beforeDoubleDash} from '@parix/kit/shell-words'
import {excerpt} from '@parix/kit/text'
import {type Catalog, catalogOf, findCommand} from '../help/catalog.js'
import {asksForCompletion, type Request, readCommandLine} from './command-line.js'
import type {Guard} from './guard.js'
import {sayEarly} from './say.js'
import {loadUserPlugins} from './user-plugins.js'

/** Topics about the CLI itself. They work whatever a plugin does: nothing of any is run for them. */
const ABOUT_THE_CLI = ['plugins', 'help', 'version', 'commands', 'completion']

/** A plugin that never lets go at the start of a command must not hold it for ever. */
const INIT_LIMIT_MS = 10_000

/** What came out of a command, not out of a hook: it says how the command ended. */
const thrownByCommands = new WeakSet<Error>()

export interface CliOptions {
  /** Without node and the script. */
  argv: string[]
  /** The directory of the CLI. */
  root: string
  guard: Guard
  /** What comes with the CLI; oclif looks for its plugins when left out. */
  bundled?: Bundled
}

export interface Bundled {
  /** What is known of commands and topics before any plugin is loaded. */
  catalog: Catalog
  /** The CLI itself and its plugins, in that order; with an id, only those that this command needs, with no other command. */
  plugins(id?: string): Promise<Plugin[]>
}

/** Runs a command line to its end: errors are shown, and the exit code is set. What runs the command is oclif's own `run`. */
export async function runCli(options: CliOptions): Promise<void> {
  try {
    await answer(options)
  } catch (error) {
    await showFailure(error, options.argv)
    // oclif's own Command has set 1 by now, whatever the error says. What a hook threw changes nothing.
    if (thrownByCommands.has(error as Error)) options.guard.commandEnded()
  }
  options.guard.finished()
}

async function answer(options: CliOptions): Promise<void> {
  // Plugins run as they were built.
  settings.enableAutoTranspile ??= false
  const {argv, guard, bundled} = options
  const early = bundled && requestIn(bundled.catalog, argv)
  if (early?.kind === 'version') return printVersion(options, early.json)
  guard.doing('the code of the installed plugins')
  const code = early === undefined || (early.kind === 'command' && !ABOUT_THE_CLI.includes(early.id.split(':')[0]!))
  const installed = await loadUserPlugins({code: code && !asksForCompletion(argv)})
  const alone = code && installed.length === 0 && bundled && early && ownCommand(bundled.catalog, early)
  if (alone) {
    await run(alone.argv, await loadConfig({...options, installed, only: alone.id}))
    return
  }
  const config = await loadConfig({...options, installed})
  const catalog = catalogOf(config)
  if (asksForCompletion(argv)) {
    const {completionText} = await import('../completion/completion-text.js')
    process.stdout.write(completionText(catalog, argv.slice(1)))
    return
  }
  const request = readCommandLine(catalog, argv)
  if (request.kind === 'version') return showVersion(config, request.json)
  if (request.kind === 'help') return showHelp(catalog, request.words, argv)
  await run(request.argv, config)
}

/** `undefined` where only the commands of installed plugins may make sense of it. */
function requestIn(catalog: Catalog, argv: string[]): Request | undefined {
  try {
    return readCommandLine(catalog, argv)
  } catch {
    return undefined
  }
}

/**
 * A command of the CLI, with its own id. But for those about the CLI itself, none looks at another: where no code of a plugin
 * runs either, nothing more has to be known.
 */
function ownCommand(catalog: Catalog, request: Request): {id: string; argv: string[]} | undefined {
  const found = request.kind === 'command' ? findCommand(catalog, request.id) : undefined
  return found && request.kind === 'command' ? {id: found.id, argv: request.argv} : undefined
}

/** The version is said before anything of a plugin is loaded; then `init` hooks run, as oclif has it. */
async function printVersion(options: CliOptions, json: boolean): Promise<void> {
  showVersion(await loadConfig({...options, installed: []}), json)
  options.guard.commandEnded()
  const config = await loadConfig({...options, installed: await loadUserPlugins({code: true})})
  await config.runHook('init', {id: '--version', argv: []})
}

function showVersion(config: Config, json: boolean): void {
  const {version, platform, arch, userAgent} = config
  const text = json ? JSON.stringify({parix: version, node: process.version, platform, arch}, null, 2) : userAgent
  process.stdout.write(`${text}\n`)
}

async function showHelp(catalog: Catalog, words: string[], argv: string[]): Promise<void> {
  const [{helpOutput}, {terminalLook}] = await Promise.all([import('../help/show.js'), import('../help/layout.js')])
  const json = beforeDoubleDash(argv).includes('--json')
  process.stdout.write(helpOutput(catalog, words, {look: terminalLook(argv), json}))
}

interface ConfigOptions {
  root: string
  guard: Guard
  bundled?: Bundled
  installed: Plugin[]
  /** The id of the one command that is needed. */
  only?: string
}

/**
 * oclif's configuration. A user's copy of one of our plugins takes the place of the bundled one; any other plugin may neither
 * hide nor describe the topics that the CLI has.
 */
async function loadConfig({root, guard, bundled: own, installed, only}: ConfigOptions): Promise<Config> {
  const bundled = await own?.plugins(only)
  const all = [...installed, ...(bundled ?? []).filter(({name}) => !installed.some((plugin) => plugin.name === name))]
  const topics = new Set((bundled ?? []).flatMap((plugin) => plugin.commands.map(({id}) => id.split(':')[0]!)))
  for (const plugin of installed.filter(({name}) => !(bundled ?? []).some((one) => one.name === name))) {
    const own = plugin.topics.filter(({name}) => !topics.has(name.split(':')[0]!))
    Object.defineProperty(plugin, 'topics', {value: own, configurable: true})
  }
  const plugins = bundled && new Map(all.map((plugin) => [plugin.name, plugin]))
  const config = new ParixConfig({root, ...(plugins && {plugins}), devPlugins: false, userPlugins: false}, guard)
  await withHome(() => config.load())
  return config
}

/** oclif's configuration, watched: what plugins run is named, bounded in time, and can't change how a command ended. */
class ParixConfig extends Config {
  constructor(
    options: ConstructorParameters<typeof Config>[0],
    private readonly guard: Guard,
  ) {
    super(options)
  }

  /** oclif would start the machinery of asynchronous files to learn that there is no theme. */
  override async loadTheme(): ReturnType<Config['loadTheme']> {
    return existsSync(join(this.configDir, 'theme.json')) ? super.loadTheme() : undefined
  }

  override async runCommand<T = unknown>(
    id: string,
    argv: string[] = [],
    cached: Command.Loadable | null = null,
  ): Promise<T> {
    const found = cached ?? this.findCommand(id)
    if (found !== undefined) return super.runCommand<T>(id, argv, this.watched(found))
    const result = await super.runCommand<T>(id, argv)
    if (this.ran || process.exitCode) return result
    // The hook of a plugin took the error and did nothing about it: an unknown command is never a success.
    const {notFound} = await import('../hooks/command-not-found.js')
    throw notFound(catalogOf(this), id)
  }

  override async runHook<T extends keyof Hooks, P extends Hooks = Hooks>(
    event: T,
    opts: P[T]['options'],
    timeout: number | undefined = event === 'init' ? INIT_LIMIT_MS : undefined,
    captureErrors?: boolean,
  ): Promise<Hook.Result<P[T]['return']>> {
    const names = this.getPluginsList().filter((plugin) => plugin.type !== 'core' && event in plugin.hooks)
    if (names.length > 0) this.guard.doing(`the ${String(event)} hook of ${names.map(({name}) => name).join(', ')}`)
    const result = await super.runHook<T, P>(event, opts, timeout, captureErrors)
    for (const {error, plugin} of result.failures) {
      if (error.message.startsWith('Timed out after')) {
        this.guard.hung()
        sayEarly(`Plugin ${plugin.name}: its ${String(event)} hook did not end. ${excerpt(error.message, 300)}\n`)
      }
    }
    return result
  }

  private ran = false

  private watched(command: Command.Loadable): Command.Loadable {
    return {
      ...command,
      load: async () => {
        const Class = await loadOrBlame(command)
        const guard = this.guard
        return Object.create(Class, {
          run: {
            value: async (...given: Parameters<Command.Class['run']>) => {
              this.ran = true
              guard.doing(`"${command.id.replaceAll(':', ' ')}"`)
              try {
                return await Class.run(...given)
              } catch (error) {
                if (error instanceof Error) thrownByCommands.add(error)
                throw error
              } finally {
                guard.commandEnded()
              }
            },
          },
        }) as Command.Class
      },
    }
  }
}

/** @throws ParixError that names the plugin, for a command of the user's that can't be loaded */
async function loadOrBlame(command: Command.Loadable): Promise<Command.Class> {
  if (command.pluginType === 'core') return command.load()
  try {
    return await command.load()
  } catch (error) {
    const {ParixError} = await import('@parix/kit/errors')
    const [line] = String((error as Error).message ?? error).split('\n')
    throw new ParixError('FAILED', `Plugin ${command.pluginName} can't load this command: ${line}`, {
      code: 'plugin_broken',
      next: nextCommand('plugins uninstall', {args: [command.pluginName ?? '']}),
      cause: error,
    })
  }
}

/**
 * oclif asks the system for the user's home and shell, and ends where the system knows no such user, as in some containers.
 * Commands that keep nothing, as with an API key, can do without.
 */
async function withHome(load: () => Promise<void>): Promise<void> {
  const {HOME, SHELL} = process.env
  if (homeDirectory(process.env) !== undefined) return load()
  // Below it nothing can be.
  process.env.HOME = '/dev/null'
  process.env.SHELL ??= ''
  await load()
  for (const [name, value] of Object.entries({HOME, SHELL})) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
}

/** Errors inside a command never come here: ParixCommand has shown them. */
async function showFailure(error: unknown, argv: string[]): Promise<void> {
  const {code, oclif} = error as {code?: string; oclif?: {exit?: number}}
  // `this.exit(3)`: not an error, and nothing to say.
  if (code === 'EEXIT') {
    process.exitCode = oclif?.exit ?? 0
    return
  }
  const [{printFailure}, {toParixError}] = await Promise.all([import('./failure.js'), import('@parix/kit/command')])
  printFailure(isParixError(error) ? error : toParixError(error, 'parix'), argv)
}
