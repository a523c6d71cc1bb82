import type {Config} from '@oclif/core/interfaces'
import {cleanLine} from '@parix/kit/text'
import type {PluginInForce} from './in-force.js'
import type {Contents} from './install.js'

/** What a plugin adds, for a person. Its own text is data, and is cleaned. */
export function additionsText({commands, hooks}: Contents, bin: string, clashes: string[]): string {
  const added = commands.filter((command) => !clashes.includes(command))
  const lines =
    added.length > 0
      ? ['It adds:', ...added.map((command) => `  ${bin} ${cleanLine(command)}`)]
      : ['It adds no commands.']
  if (clashes.length > 0) {
    lines.push('These of its commands never run, because others have the same name:')
    lines.push(...clashes.map((command) => `  ${bin} ${cleanLine(command)}`))
  }
  if (hooks.length > 0) lines.push(`Its code also runs at: ${hooks.map(cleanLine).join(', ')}.`)
  return lines.join('\n')
}

/** Commands of a plugin that another plugin already has; one whose place it takes doesn't count. */
export function clashesOf({name, commands}: Contents, config: Config): string[] {
  return commands.filter((command) => {
    const found = config.findCommand(command.replaceAll(' ', ':'))
    return found !== undefined && found.pluginName !== name
  })
}

/** What should be known about the plugins in force: older copies, commands that never run. */
export function remarks(plugins: PluginInForce[], bin: string): string[] {
  return plugins.flatMap(({name, version, origin, bundledVersion, outdated, shadowed = []}) => [
    ...(outdated === true
      ? [
          `${name} ${version} (${origin}) is older than the ${bundledVersion} that comes with ${bin}: ${bin} plugins uninstall ${name}`,
        ]
      : []),
    ...(shadowed.length > 0 ? [`${name} also has ${shadowed.join(', ')}, which others have, too: theirs run.`] : []),
  ])
}
