import type {Config} from '@oclif/core/interfaces'

/** Versions of the plugins that come with the CLI, by name; put there by the build, and read from source in development. */
export function bundledPlugins({pjson}: Pick<Config, 'pjson'>): Record<string, string> {
  const {bundled, plugins = []} = pjson.oclif as {bundled?: Record<string, string>; plugins?: string[]}
  return bundled ?? Object.fromEntries(plugins.map((name) => [name, pjson.version]))
}
