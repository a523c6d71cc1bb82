import {styleText} from 'node:util'

export type Style = Parameters<typeof styleText>[0]

/** Paints `text`, or gives it back as it is. */
export type Paint = (style: Style, text: string) => string

export interface ColourWishes {
  isTerminal: boolean
  environment: NodeJS.ProcessEnv
  /** `--no-color` was given. */
  refused: boolean
}

/**
 * Whether a stream gets colour: never against `--no-color`, `NO_COLOR` (no-color.org: any non-empty value) or `TERM=dumb`;
 * `FORCE_COLOR` brings it where the stream is not a terminal; else a terminal has it and a pipe does not.
 */
export function wantsColour({isTerminal, environment, refused}: ColourWishes): boolean {
  if (refused || environment.NO_COLOR) return false
  const forced = environment.FORCE_COLOR
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return isTerminal && environment.TERM !== 'dumb'
}

export const paint: Paint = (style, text) => styleText(style, text)
export const plain: Paint = (_style, text) => text
