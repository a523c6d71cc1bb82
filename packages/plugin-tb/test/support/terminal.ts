import {PassThrough} from 'node:stream'
import {createTerminal, type Terminal} from '@parix/kit/output'

/** Counts as a real terminal, but nobody types, and what goes to stderr is kept. */
export interface TestTerminal {
  terminal: Terminal
  /** stderr so far. */
  said(): string
}

export function testTerminal(stdin = new PassThrough()): TestTerminal {
  const stderr = new PassThrough()
  let said = ''
  stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  const streams = {stdout: new PassThrough(), stderr, stdin}
  const terminal = createTerminal({environment: {}, noInput: true, ...(streams as never as object)})
  return {terminal, said: () => said}
}
