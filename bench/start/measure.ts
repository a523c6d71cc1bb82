import {spawn} from 'node:child_process'

/** Seconds that a whole process took. */
export interface Cost {
  cpu: number
  wall: number
  code: number
}

/**
 * Runs a program once and counts its whole process, user and system time, by bash's `time`. Output is thrown away, as a
 * pipe takes it.
 */
export function measure(program: string, args: string[], env: Record<string, string>): Promise<Cost> {
  const script = 'TIMEFORMAT="%3R %3U %3S"; time { "$@" >/dev/null 2>/dev/null; echo $? >&3; }'
  const child = spawn('bash', ['-c', script, 'bash', program, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  let times = ''
  let code = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    times += chunk.toString()
  })
  ;(child.stdio[3] as NodeJS.ReadableStream).on('data', (chunk: Buffer) => {
    code += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => {
      const [wall = 0, user = 0, system = 0] = times.trim().split(' ').map(Number)
      resolve({wall, cpu: user + system, code: Number(code)})
    })
  })
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
