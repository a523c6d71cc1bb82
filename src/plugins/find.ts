import {resolve} from 'node:path'
import {ParixError} from '@parix/kit/errors'
import {suggest} from '@parix/kit/text'
import type {InstalledPlugin} from '../runner/user-plugins.js'
import {fullName} from './source.js'

/**
 * The installed or linked plugin that `word` names: by name, by the short name of a bundled one or of one made by
 * `plugins create`, or by a linked folder.
 *
 * @throws ParixError NOT_FOUND
 */
export function findInstalled(word: string, installed: InstalledPlugin[], bundled: readonly string[]): InstalledPlugin {
  const name = fullName(word, bundled)
  const named = (wanted: string) => installed.find((plugin) => plugin.name === wanted)
  const found =
    named(name) ??
    named(`parix-plugin-${word}`) ??
    installed.find((plugin) => plugin.type === 'link' && plugin.root === resolve(word))
  if (found !== undefined) return found
  if (bundled.includes(name)) {
    throw new ParixError('NOT_FOUND', `No copy of ${name} is installed: the one in force comes with parix.`, {
      next: 'parix plugins',
    })
  }
  const [near] = suggest(
    word,
    installed.map((plugin) => plugin.name),
    1,
  )
  throw new ParixError('NOT_FOUND', `${word} is not installed.${near === undefined ? '' : ` Did you mean ${near}?`}`, {
    next: 'parix plugins',
  })
}
