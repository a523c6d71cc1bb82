import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {hooks} from 'parix:baked'
import type {Command} from '@oclif/core/command'
import {Config} from '@oclif/core/config'
import type {Hook, Hooks} from '@oclif/core/interfaces'
import {BakedPlugin} from './baked-plugin.js'

/**
 * oclif's configuration, over plugins that were loaded beforehand. It differs in two places, both for the sake of start-up:
 * a command of the bundle gets this configuration as it is, where oclif would load it once more; and the hooks of the
 * bundle are functions, not files.
 */
export class BakedConfig extends Config {
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
    const plugin = found && this.plugins.get(found.pluginName ?? '')
    if (found === undefined) return super.runCommand<T>(id, argv, cached)
    if (!(plugin instanceof BakedPlugin)) {
      await loadOrBlame(found)
      return super.runCommand<T>(id, argv, cached)
    }
    const Class = await found.load()
    await this.runHook('prerun', {argv, Command: Class})
    const command = new (Class as unknown as Runnable<T>)(argv, this)
    const result = await command._run()
    await this.runHook('postrun', {argv, Command: Class, result})
    return result
  }

  override async runHook<T extends keyof Hooks, P extends Hooks = Hooks>(
    event: T,
    opts: P[T]['options'],
    timeout?: number,
    captureErrors?: boolean,
  ): Promise<Hook.Result<P[T]['return']>> {
    const own: Hook.Result<P[T]['return']> = {failures: [], successes: []}
    for (const load of hooks[event as string] ?? []) {
      const hook = (await load()).default as (options: unknown) => Promise<P[T]['return']>
      const result = await hook.call({config: this}, {...opts, config: this})
      own.successes.push({plugin: [...this.plugins.values()].find((one) => one.isRoot)!, result})
    }
    const others = await super.runHook<T, P>(event, opts, timeout, captureErrors)
    return {failures: others.failures, successes: [...own.successes, ...others.successes]}
  }
}

/** Loads a command of a user's plugin; oclif loads it again, from Node's cache. @throws ParixError that names the plugin */
async function loadOrBlame(command: Command.Loadable): Promise<void> {
  try {
    await command.load()
  } catch (error) {
    const {ParixError} = await import('@parix/kit/errors')
    const [line] = String((error as Error).message ?? error).split('\n')
    throw new ParixError('FAILED', `Plugin ${command.pluginName} can't load this command: ${line}`, {
      code: 'plugin_broken',
      next: `parix plugins uninstall ${command.pluginName}`,
      cause: error,
    })
  }
}

/** A command's class as it is called here; `_run` is what `Command.run` ends in. */
type Runnable<T> = new (argv: string[], config: Config) => {_run(): Promise<T>}
