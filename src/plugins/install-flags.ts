import * as Flags from '@oclif/core/flags'

/** Of the commands that let npm install something. */
export const INSTALL_FLAGS = {
  'allow-git': Flags.boolean({description: 'let npm take packages from git repositories'}),
  'allow-scripts': Flags.boolean({description: 'let packages run their install scripts, which may do anything'}),
  timeout: Flags.string({helpValue: 'TIME', description: 'how long the installation may take', default: '5m'}),
}
