import {lookup} from 'node:dns/promises'
import {connect as connectSocket} from 'node:net'

const CONNECT_WAIT_MS = 1_000

/**
 * `HOST:PORT` with the host as an IP address, which is all that the native client takes.
 * @throws the resolver's error
 */
export async function resolveAddress(address: string): Promise<string> {
  const {host, port} = splitAddress(address)
  if (/^[\d.]+$/.test(host) || host.includes(':')) return address
  // Replicas are given IPv4 addresses far more often, and localhost is both.
  const found = await lookup(host, {family: 4}).catch(() => lookup(host))
  return found.family === 6 ? `[${found.address}]:${port}` : `${found.address}:${port}`
}

function splitAddress(address: string): {host: string; port: number} {
  const colon = address.lastIndexOf(':')
  return {host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1))}
}

/** @returns undefined as soon as one accepts a connection, else why the first did not */
export async function firstReachable(addresses: readonly string[]): Promise<string | undefined> {
  const tries = addresses.map((address) => reach(address))
  try {
    await Promise.any(tries)
    return undefined
  } catch (error) {
    return String(((error as AggregateError).errors[0] as Error).message)
  }
}

function reach(address: string): Promise<void> {
  const {host, port} = splitAddress(address)
  return new Promise((resolve, reject) => {
    const socket = connectSocket({host, port, timeout: CONNECT_WAIT_MS})
    const fail = (reason: string) => {
      socket.destroy()
      reject(new Error(`${address}: ${reason}`))
    }
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
    socket.once('timeout', () => fail('no response'))
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message))
  })
}
