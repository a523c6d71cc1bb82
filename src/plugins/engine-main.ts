import type {Interfaces} from '@oclif/core'
import {Config, Plugin} from '@oclif/core/config'
import {settings} from '@oclif/core/settings'
import {commands} from '@oclif/plugin-plugins'
import type {EngineJob, EngineReply, PluginContents} from './engine.js'

/**
 * The process in which @oclif/plugin-plugins installs and links, and in which a plugin is loaded to see what it holds. It is
 * a process of its own, so that npm can be stopped with all that it started, and that a plugin which exits, hangs or throws
 * while it is loaded ends nothing else. It does one job after another, until nobody is there to give it one.
 */
settings.enableAutoTranspile = false
process.on('message', (job: EngineJob) => {
  // Whatever a plugin left running is not waited for.
  if (job.do === 'end') process.exit(0)
  void work(job).then(reply, (error: Error & {code?: string; oclif?: {exit?: number}}) => {
    const {message, code, oclif} = error
    reply({
      error: {
        message: message ?? String(error),
        ...(code && {code: String(code)}),
        ...(oclif?.exit && {exit: oclif.exit}),
      },
    })
  })
})

process.once('disconnect', () => process.exit(0))

function reply(message: EngineReply): void {
  process.send!(message, () => {})
}

async function work(job: Exclude<EngineJob, {do: 'end'}>): Promise<EngineReply> {
  if (job.do === 'read') return {contents: await contentsOf(job.root)}
  const config = await configAt(job)
  const {[`plugins:${job.do}`]: Command} = commands as unknown as Record<
    string,
    new (
      argv: string[],
      config: Config,
    ) => {run(): Promise<unknown>}
  >
  await new Command!(job.words, config).run()
  return {}
}

/** What oclif finds in a plugin: its manifest if it brings one, else its commands, which are evaluated. */
async function contentsOf(root: string): Promise<PluginContents> {
  const plugin = new Plugin({root, type: 'link'})
  const problems: Error[] = []
  Object.assign(plugin, {
    warn: (error: Error | string) => problems.push(error instanceof Error ? error : new Error(error)),
  })
  await plugin.load()
  if (problems[0] !== undefined) throw problems[0]
  return {
    name: plugin.name,
    version: plugin.version,
    valid: plugin.valid,
    hooks: Object.keys(plugin.hooks),
    manifest: plugin.manifest,
  }
}

/**
 * A configuration whose user plugins are in `directory` alone. It has no scope: plugin-plugins would ask the registry for
 * @parix/plugin-NAME before NAME, and the package of a stranger is never taken by a guess. The hooks of installed
 * plugins (`plugins:preinstall`) run; their commands are not loaded.
 */
async function configAt({cli, directory, plugins}: Extract<EngineJob, {cli: unknown}>): Promise<Config> {
  const {scope: _scope, commands: _commands, hooks: _hooks, helpClass: _help, ...oclif} = cli.pjson.oclif
  const pjson = {...cli.pjson, oclif} as Interfaces.PJSON
  const root = await withoutCommands(
    new Plugin({isRoot: true, name: cli.pjson.name, pjson, root: cli.root, type: 'core'}),
  )
  const loaded = await Promise.all(
    plugins.map(({name, type, root: at}) => withoutCommands(new Plugin({name, type, root: at})).catch(() => undefined)),
  )
  const all = [root, ...loaded.filter((plugin) => plugin !== undefined)]
  const config = new Config({
    root: cli.root,
    plugins: new Map(all.map((plugin) => [plugin.name, plugin])),
    userPlugins: false,
  })
  await config.load()
  config.dataDir = directory
  const runHook = config.runHook.bind(config) as (...given: unknown[]) => Promise<never>
  // What a hook does after an installation doesn't undo it: that of plugin-autocomplete wants a command which isn't loaded here.
  config.runHook = (event, opts, timeout, captureErrors) =>
    runHook(event, opts, timeout, String(event) === 'plugins:postinstall' || captureErrors)
  return config
}

async function withoutCommands(plugin: Plugin): Promise<Plugin> {
  Object.assign(plugin, {_manifest: async () => ({commands: {}, version: ''})})
  await plugin.load()
  return plugin
}
