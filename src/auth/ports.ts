import {ParixError} from '@parix/kit/errors'

/**
 * Ports of 1024 and up that browsers refuse to open (WHATWG Fetch, 'bad ports'): a callback there would end on an error
 * page of the browser and never reach us.
 */
const BLOCKED_BY_BROWSERS = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
])

const PORT_MIN = 1024
const PORT_MAX = 65_535

/** Whether a browser would open `http://127.0.0.1:PORT`. */
export function isBlockedByBrowsers(port: number): boolean {
  return BLOCKED_BY_BROWSERS.has(port)
}

/**
 * The value of `--port` as a number; 0 means any free port.
 * @throws ParixError BAD_INPUT for anything that could not work, with the reason, before a listener is opened
 */
export function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw badPort(`"${text}" is not a port number.`)
  const port = Number(text)
  if (port === 0) return port
  if (port > PORT_MAX) throw badPort(`${text} is not a port number: the highest is ${PORT_MAX}.`)
  if (port < PORT_MIN) throw badPort(`Port ${port} is reserved: ports below ${PORT_MIN} need special rights.`)
  if (isBlockedByBrowsers(port))
    throw badPort(`Browsers refuse to open port ${port}, so the answer would never arrive.`)
  return port
}

/** What opening a listener on `port` failed with, as a sentence for a person. */
export function listenError(error: NodeJS.ErrnoException, port: number): ParixError {
  const details = {next: 'Leave --port out to have a free one picked.', cause: error}
  switch (error.code) {
    case 'EADDRINUSE':
      return new ParixError('BAD_INPUT', `Port ${port} is in use by another program.`, {
        code: 'port_in_use',
        ...details,
      })
    case 'EACCES':
      return new ParixError('BAD_INPUT', `This system does not let you use port ${port}.`, {
        code: 'port_refused',
        ...details,
      })
    default:
      return new ParixError('FAILED', `Could not listen on 127.0.0.1 for the browser's answer (${error.code}).`, {
        code: 'listen_failed',
        cause: error,
      })
  }
}

function badPort(message: string): ParixError {
  return new ParixError('BAD_INPUT', message, {
    code: 'bad_port',
    next: `Use a port from ${PORT_MIN} to ${PORT_MAX}, or leave --port out to have a free one picked.`,
  })
}
