import {settings} from '@oclif/core/settings'

/**
 * Plugins run as they were built. oclif would look for the sources of a linked one, and warn on stderr at every command
 * that it can't compile them.
 */
export function takeCompiledCode(): void {
  settings.enableAutoTranspile = false
}
