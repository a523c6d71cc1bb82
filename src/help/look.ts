import {paint, plain, wantsColour} from '@parix/kit/output'
import type {Look} from './layout.js'

const COLUMNS_MAX = 110
const COLUMNS_ELSEWHERE = 80

/** How help looks on this process's stdout: long lines are hard to read, however wide the terminal is. */
export function terminalLook(argv: string[]): Look {
  const {stdout, env} = process
  const colour = wantsColour({
    isTerminal: stdout.isTTY === true,
    environment: env,
    refused: argv.includes('--no-color'),
  })
  const columns = stdout.isTTY === true ? stdout.columns || COLUMNS_ELSEWHERE : COLUMNS_ELSEWHERE
  return {paint: colour ? paint : plain, width: Math.max(40, Math.min(COLUMNS_MAX, columns))}
}
