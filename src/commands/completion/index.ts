import * as Args from '@oclif/core/args'
import {ParixCommand} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import {completionScript, HOW_TO_LOAD, SHELLS, type Shell} from '../../completion/scripts.js'

export interface CompletionResult {
  shell: Shell
  script: string
  /** The command that loads it from now on. */
  load: string
}

export default class CompletionCommand extends ParixCommand<CompletionResult> {
  static override summary = 'print a script that completes commands, flags and database names in your shell'
  static override description = `Load it in every shell:

  bash        ${HOW_TO_LOAD.bash}
  zsh         ${HOW_TO_LOAD.zsh}
  fish        ${HOW_TO_LOAD.fish}
  powershell  ${HOW_TO_LOAD.powershell}`

  static override examples = [
    'source <(<%= config.bin %> <%= command.id %> bash)',
    '<%= config.bin %> <%= command.id %> fish | source',
  ]
  static override args = {
    shell: Args.string({description: 'the shell; that of $SHELL if omitted', options: [...SHELLS]}),
  }

  async run(): Promise<CompletionResult> {
    const {args} = await this.parse(CompletionCommand)
    const shell = (args.shell as Shell | undefined) ?? shellOf(process.env.SHELL)
    const script = completionScript(shell)
    this.show(script)
    if (this.terminal.is.stdout) this.terminal.say(`Load it from now on: ${HOW_TO_LOAD[shell]}`)
    return {shell, script, load: HOW_TO_LOAD[shell]}
  }
}

function shellOf(path = ''): Shell {
  const found = SHELLS.find((shell) => path.endsWith(`/${shell}`))
  if (found !== undefined) return found
  throw new ParixError('USAGE', `Unknown shell. Use one of: ${SHELLS.join(', ')}.`, {
    next: plainCommand('completion bash'),
  })
}
