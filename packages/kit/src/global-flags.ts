import * as Flags from '@oclif/core/flags'
import {FORMATS, type FormatFlags} from './output/format.js'

/** The flags of every command. */
export interface GlobalFlags extends FormatFlags {
  json?: boolean
  debug?: boolean
  quiet?: boolean
  'no-input'?: boolean
  'no-color'?: boolean
  'no-pager'?: boolean
  'base-url'?: string | undefined
  organization?: string | undefined
}

const GLOBAL = {helpGroup: 'GLOBAL'} as const

export const GLOBAL_FLAGS = {
  'base-url': Flags.string({
    ...GLOBAL,
    char: 'b',
    helpValue: 'URL',
    description:
      'the Parix service to talk to; else PARIX_BASE_URL, else the one you are signed in to, else https://parix.io',
  }),
  debug: Flags.boolean({
    ...GLOBAL,
    description: 'print debug information to stderr: what is sent, and why something failed',
  }),
  fields: Flags.string({
    ...GLOBAL,
    helpValue: 'A,B',
    description: 'only these fields of each row; a.b is the member b of a',
  }),
  format: Flags.string({
    ...GLOBAL,
    helpValue: FORMATS.join('|'),
    options: [...FORMATS],
    description: 'the form of the result; table when left out',
  }),
  jq: Flags.string({
    ...GLOBAL,
    helpValue: 'EXPRESSION',
    description: 'print what this jq expression makes of the JSON result',
  }),
  json: Flags.boolean({...GLOBAL, description: 'print the result as one JSON document; an error, too'}),
  organization: Flags.string({
    ...GLOBAL,
    helpValue: 'NAME',
    description:
      'of several that you are signed in for at the service: slug, name or id, or your e-mail address there; else PARIX_ORGANIZATION, else the one in use',
  }),
  'no-color': Flags.boolean({...GLOBAL, description: 'no colour, as with NO_COLOR'}),
  'no-input': Flags.boolean({...GLOBAL, description: 'never ask; fail where input is needed'}),
  'no-pager': Flags.boolean({
    ...GLOBAL,
    description: 'do not show long output by PARIX_PAGER or PAGER',
  }),
  quiet: Flags.boolean({...GLOBAL, char: 'q', description: 'say nothing along the way'}),
}
