import {connect} from 'node:net'
import {ParixError} from '@parix/kit/errors'
import {type BaseUrl, isLoopback} from '@parix/kit/origin'

const CONNECT_MS_MAX = 3000

/**
 * A local service that was not started would leave the person waiting for a page that can't open. Only asked of this
 * machine: beyond it a proxy may be in between, and the browser's own network may differ from ours.
 *
 * @throws ParixError UNAVAILABLE when nothing listens at a base URL on this machine
 */
export async function assertSomethingListens({url}: BaseUrl): Promise<void> {
  if (!isLoopback(url) || !(await isRefused(url))) return
  throw new ParixError('UNAVAILABLE', `Nothing listens at ${url.origin}.`, {
    code: 'nothing_listens',
    retryable: true,
    next: ['parix local status', `parix local start${url.port === '5173' ? '' : ` --port ${url.port || 80}`}`],
  })
}

function isRefused(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const socket = connect({host, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80))})
    const end = (refused: boolean) => {
      socket.destroy()
      resolve(refused)
    }
    socket.setTimeout(CONNECT_MS_MAX, () => end(false))
    socket.once('connect', () => end(false))
    socket.once('error', (error: NodeJS.ErrnoException & {errors?: NodeJS.ErrnoException[]}) => {
      // Both families of `localhost` are tried; all must refuse.
      const codes = (error.errors ?? [error]).map(({code}) => code)
      end(codes.every((code) => code === 'ECONNREFUSED'))
    })
  })
}
