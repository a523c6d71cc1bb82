/** The CLI as a process; its CPU and its largest RSS are read from /proc, so on Linux only. */

import {spawn} from 'node:child_process'
import {readFileSync} from 'node:fs'
import type {Target} from './client.js'

export interface Usage {
  seconds: number
  cpuSeconds: number
  rssMb: number
  /** RSS in MB over time, ten times a second. */
  curve: number[]
}

/** @throws Error when its exit code is not 0 */
export function cli(target: Target, home: string, words: readonly string[]): Promise<Usage> {
  const env = {
    ...process.env,
    PARIX_BASE_URL: `http://127.0.0.1:${target.port}`,
    PARIX_API_KEY: target.key,
    HOME: home,
    XDG_STATE_HOME: '',
  }
  const started = performance.now()
  const child = spawn(process.execPath, ['bin/run.js', ...words], {env, stdio: ['ignore', 'ignore', 'inherit']})
  const usage: Usage = {seconds: 0, cpuSeconds: 0, rssMb: 0, curve: []}
  let looks = 0
  const look = () => {
    try {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
      usage.cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      // A process that has ended and was not waited for has no memory.
      const [, peak] = /VmHWM:\s+(\d+)/.exec(status) ?? []
      if (peak !== undefined) usage.rssMb = Number(peak) / 1024
      const [, now] = /VmRSS:\s+(\d+)/.exec(status) ?? []
      if (now !== undefined && looks++ % 5 === 0) usage.curve.push(Number(now) / 1024)
    } catch {
      // It has just ended.
    }
  }
  const timer = setInterval(look, 20)
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      clearInterval(timer)
      usage.seconds = (performance.now() - started) / 1000
      if (code === 0) resolve(usage)
      else reject(new Error(`parix ${words.join(' ')} ended with ${code}`))
    })
  })
}
