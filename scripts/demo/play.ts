import {spawn} from 'node:child_process'
import {styleText} from 'node:util'
import type {Step} from './steps.js'

/** Where the commands run. */
export interface Stage {
  /** The whole environment of every command. */
  environment: Record<string, string>
  directory: string
  /** The transcript goes here. */
  print(text: string): void
}

const STEP_MS_MAX = 120_000

/** Plays the steps in order. @throws Error when one ends with another exit code than its own, or can't be remembered */
export async function play(steps: readonly Step[], stage: Stage): Promise<void> {
  const memory: Record<string, string> = {}
  for (const {note, command, exitCode = 0, remember = {}} of steps) {
    const line = command.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (memory[name] === undefined) throw new Error(`No step before \`${command}\` remembers {${name}}.`)
      return memory[name]
    })
    if (note !== undefined) stage.print(styleText('dim', `# ${note}`, {stream: process.stdout}))
    stage.print(styleText('bold', `$ ${line}`, {stream: process.stdout}))
    const {code, output} = await runLine(line, stage)
    if (code !== 0) stage.print(`(exit code ${code})`)
    stage.print('')
    if (code !== exitCode) throw new Error(`\`${line}\` ended with exit code ${code}, not ${exitCode}.`)
    for (const [name, pattern] of Object.entries(remember)) {
      const found = pattern.exec(output)?.[1]
      if (found === undefined) throw new Error(`\`${line}\` did not print ${pattern}.`)
      memory[name] = found
    }
  }
}

/** One line in a shell. What it writes to stdout and stderr is kept in the order in which it comes, as on a terminal. */
function runLine(line: string, stage: Stage): Promise<{code: number; output: string}> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', line], {
      cwd: stage.directory,
      env: stage.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: STEP_MS_MAX,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text: string) => {
        output += text
      })
    }
    child.once('error', reject)
    child.once('close', (code) => {
      if (output !== '') stage.print(output.trimEnd())
      resolve({code: code ?? 1, output})
    })
  })
}
