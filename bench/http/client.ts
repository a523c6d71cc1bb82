/** One connection, one request in flight. */

import {fork} from 'node:child_process'
import {Agent, request} from 'node:http'
import {fileURLToPath} from 'node:url'

export interface Target {
  port: number
  key: string
  /** Milliseconds of processor time that the server has had. */
  cpuMs(): Promise<number>
  stop(): void
}

/** Starts a server in a process of its own. */
export function startTarget(file: string, ...args: string[]): Promise<Target> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args)
  const cpuMs = () =>
    new Promise<number>((resolve) => {
      child.once('message', (message) => resolve(message as number))
      child.send('cpu')
    })
  return new Promise((resolve, reject) => {
    child.once('message', (message) =>
      resolve({...(message as {port: number; key: string}), cpuMs, stop: () => child.kill()}),
    )
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)))
  })
}

const agent = new Agent({keepAlive: true, maxSockets: 1})

export function post({port, key}: Target, path: string, body: Buffer): Promise<{status: number; body: Buffer}> {
  return new Promise((resolve, reject) => {
    const headers = {'content-type': 'application/json', 'content-length': body.length, 'x-api-key': key}
    const sent = request({agent, host: '127.0.0.1', port, path, method: 'POST', headers}, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({status: response.statusCode ?? 0, body: Buffer.concat(chunks)}))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export interface Timing {
  perSecond: number
  p50: number
  p99: number
  /** The server's processor time for a batch: hardly changed by what else the machine does. */
  cpuMs: number
}

/** Sends the batches one after the other. @throws Error when one is refused */
export async function drive(target: Target, path: string, batches: readonly Buffer[], events: number): Promise<Timing> {
  const times: number[] = []
  // Making the batches takes a while, and a server may just be closing a connection that has been idle for so long.
  agent.destroy()
  const cpuBefore = await target.cpuMs()
  const started = performance.now()
  for (const batch of batches) {
    const at = performance.now()
    const {status, body} = await post(target, path, batch)
    if (status !== 200) throw new Error(`${status}: ${body.toString('utf8').slice(0, 500)}`)
    times.push(performance.now() - at)
  }
  const seconds = (performance.now() - started) / 1000
  const cpuMs = ((await target.cpuMs()) - cpuBefore) / batches.length
  times.sort((a, b) => a - b)
  return {
    cpuMs,
    perSecond: (batches.length * events) / seconds,
    p50: times[Math.floor(times.length / 2)]!,
    p99: times[Math.floor(times.length * 0.99)]!,
  }
}
