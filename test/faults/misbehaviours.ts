import type {IncomingMessage, ServerResponse} from 'node:http'
import {gzipSync} from 'node:zlib'

/** What the proxy has of the exchange that goes wrong. */
export interface Meeting {
  request: IncomingMessage
  response: ServerResponse
  /** Asks the real service; its response as it is. */
  forward(): Promise<{status: number; headers: Record<string, string | string[] | undefined>; body: Buffer}>
}

/** One way in which what stands between the CLI and the service can misbehave. */
export interface Misbehaviour {
  name: string
  /** Exit codes that are right where the command needs this response; `harmless` where it must work as if nothing had happened. */
  codes: readonly number[] | 'harmless'
  /** In place of `codes` where one is signed in by a session. */
  sessionCodes?: readonly number[]
  /** Takes many seconds or megabytes by its nature: only in `npm run test:faults`. */
  slow?: true
  /** Sends more than the CLI may keep in memory. */
  large?: true
  /** Sends, decompressed, more than this test could read of a command that passes it on. */
  endless?: true
  /** @returns false where the real response has nothing to spoil, and was passed on */
  meet(meeting: Meeting): void | Promise<void> | Promise<boolean>
}

const ESC = '\u001b'
/** Sequences that would change a terminal: colours, OSC 52 (the clipboard), BEL, CR, C1, bidi. */
export const HOSTILE = `${ESC}[31mred${ESC}]52;c;ZXZpbA==\u0007\rgone\u009b2J\u202eevil\u2066`

const UNUSABLE = [75]
const json = (status: number, value: unknown, headers: Record<string, string> = {}): Misbehaviour['meet'] => {
  return ({response}) => {
    response.writeHead(status, {
      'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
      ...headers,
    })
    response.end(typeof value === 'string' ? value : JSON.stringify(value))
  }
}
const text = (
  body: string | Buffer,
  headers: Record<string, string> = {'content-type': 'application/json'},
  status = 200,
) =>
  (({response}) => {
    response.writeHead(status, headers)
    response.end(body)
  }) satisfies Misbehaviour['meet']
/** Bytes as they are, and then the end of the connection. */
const raw = (bytes: string): Misbehaviour['meet'] => {
  return ({request}) => {
    request.socket.end(bytes)
  }
}
const problem = (status: number, extra: object = {}) =>
  json(status, {
    type: 'about:blank',
    title: 'A problem',
    status,
    detail: `The service says ${status}.`,
    instance: 'req_1',
    ...extra,
  })
/** The real response, changed. */
const changed = (
  change: (body: string) => string | Buffer,
  headers: Record<string, string> = {},
): Misbehaviour['meet'] => {
  return async ({response, forward}) => {
    const real = await forward()
    response.writeHead(real.status, {'content-type': 'application/json', ...headers})
    response.end(change(real.body.toString('utf8')))
  }
}
const LOGIN_PAGE =
  '<!doctype html><html><head><title>Sign in to the guest network</title></head><body><form></form></body></html>'
const HTML = {'content-type': 'text/html; charset=utf-8'}

/** Connections that break. */
const CONNECTIONS: Misbehaviour[] = [
  {name: 'resets the connection', codes: UNUSABLE, meet: ({request}) => void request.socket.resetAndDestroy()},
  {name: 'closes without a response', codes: UNUSABLE, meet: ({request}) => void request.socket.end()},
  {name: 'speaks garbage', codes: UNUSABLE, meet: raw('\u0000\u0001SSH-2.0-x\r\n\r\n')},
  {name: 'sends half a status line', codes: UNUSABLE, meet: raw('HTTP/1.1 2')},
  {name: 'ends in its headers', codes: UNUSABLE, meet: raw('HTTP/1.1 200 OK\r\ncontent-type: appl')},
  {name: 'ends after its headers', codes: UNUSABLE, meet: raw('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n')},
  {
    name: 'ends in its body',
    codes: UNUSABLE,
    meet: raw('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"ok":tr'),
  },
  {
    name: 'breaks its chunks',
    codes: UNUSABLE,
    meet: raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n{}'),
  },
  {
    name: 'ends in a chunk',
    codes: UNUSABLE,
    meet: raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{"ok":'),
  },
  {
    name: 'sends two lengths',
    codes: UNUSABLE,
    meet: raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}}'),
  },
  {
    name: 'sends a header of 100 kB',
    codes: UNUSABLE,
    meet: raw(`HTTP/1.1 200 OK\r\nx-big: ${'x'.repeat(100_000)}\r\ncontent-length: 2\r\n\r\n{}`),
  },
  {
    name: 'switches protocols (101)',
    codes: UNUSABLE,
    meet: raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
  },
  {name: 'says 100 Continue and closes', codes: UNUSABLE, meet: raw('HTTP/1.1 100 Continue\r\n\r\n')},
  {name: 'speaks HTTP/0.9', codes: UNUSABLE, meet: raw('{"ok":true}')},
  {name: 'never answers', codes: UNUSABLE, slow: true, meet: () => {}},
  {
    name: 'sends a byte every second, without end',
    codes: UNUSABLE,
    slow: true,
    meet: ({response}) => {
      response.writeHead(200, {'content-type': 'application/json'})
      const timer = setInterval(() => response.write(' '), 1000)
      response.on('close', () => clearInterval(timer))
    },
  },
]

/** Bodies that are not what the contract says. */
const BODIES: Misbehaviour[] = [
  {name: '200 without a body', codes: UNUSABLE, meet: text('')},
  {name: '204', codes: UNUSABLE, meet: ({response}) => void response.writeHead(204).end()},
  {name: '205', codes: UNUSABLE, meet: ({response}) => void response.writeHead(205).end()},
  {name: '202 queued', codes: UNUSABLE, meet: json(202, {message: 'queued'})},
  {name: '200 null', codes: UNUSABLE, meet: json(200, null)},
  {name: '200 {}', codes: UNUSABLE, meet: json(200, {})},
  {name: '200 []', codes: UNUSABLE, meet: json(200, [])},
  {name: '200 true', codes: UNUSABLE, meet: json(200, true)},
  {name: '200 with a number', codes: UNUSABLE, meet: json(200, 42)},
  {name: '200 with a string', codes: UNUSABLE, meet: json(200, '"hello"')},
  {name: '200 with a list of nulls', codes: UNUSABLE, meet: json(200, [null, null])},
  {
    name: '200 with nulls for all fields',
    codes: UNUSABLE,
    meet: json(200, {
      ok: null,
      databases: null,
      database: null,
      catalog: null,
      responsePayload: null,
      auth: null,
      profile: null,
    }),
  },
  {
    name: '200 with fields of other types',
    codes: UNUSABLE,
    meet: json(200, {ok: 1, databases: 'x', database: 7, catalog: [], responsePayload: {}, auth: 'y', profile: 3}),
  },
  {name: 'ok: false', codes: UNUSABLE, meet: json(200, {ok: false, error: 'ledger down', responsePayload: []})},
  {
    name: 'success: false without billing',
    codes: [75, 1],
    meet: json(200, {success: false, message: 'not carried out'}),
  },
  {name: 'a login page with 200', codes: UNUSABLE, meet: text(LOGIN_PAGE, HTML)},
  {name: 'a login page called JSON', codes: UNUSABLE, meet: text(LOGIN_PAGE)},
  {
    name: 'rows with text for numbers',
    codes: UNUSABLE,
    meet: async ({response, forward}) => {
      const {status, body} = await forward()
      const real = body.toString('utf8')
      const rows = real.indexOf('"responsePayload":[{')
      const spoilt =
        rows === -1 ? real : real.slice(0, rows) + real.slice(rows).replace(/"\d+"/g, JSON.stringify(HOSTILE))
      response.writeHead(status, {'content-type': 'application/json'}).end(spoilt)
      return spoilt !== real
    },
  },
  {name: 'JSON that is cut short', codes: UNUSABLE, meet: text('{"ok":true,"databases":[{"id":"x"')},
  {name: 'JSON with a comma too many', codes: UNUSABLE, meet: text('{"ok":true,}')},
  {name: 'two JSON documents', codes: UNUSABLE, meet: text('{"ok":true}{"ok":true}')},
  {name: 'JSON nested 100,000 deep', codes: UNUSABLE, meet: text('['.repeat(100_000))},
  {name: 'bytes that are not UTF-8', codes: UNUSABLE, meet: text(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))},
  {name: 'UTF-16', codes: UNUSABLE, meet: text(Buffer.from('\ufeff{"ok":true}', 'utf16le'))},
  {
    name: 'gzip that is not gzip',
    codes: UNUSABLE,
    meet: text('{"ok":true}', {'content-type': 'application/json', 'content-encoding': 'gzip'}),
  },
  {
    name: 'a gzip bomb of 200 MB',
    codes: UNUSABLE,
    slow: true,
    large: true,
    endless: true,
    meet: text(gzipSync(Buffer.alloc(200_000_000, 0x20)), {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    }),
  },
  {
    name: 'a string of 60 MB',
    codes: UNUSABLE,
    slow: true,
    large: true,
    meet: text(`{"ok":true,"message":"${'x'.repeat(60_000_000)}"}`),
  },
  {
    name: 'a body without end',
    codes: UNUSABLE,
    slow: true,
    large: true,
    endless: true,
    meet: ({response}) => {
      response.writeHead(200, {'content-type': 'application/json'})
      response.write('{"a":"')
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', more)
      }
      more()
    },
  },
]

/** Statuses, and redirects. */
const STATUSES: Misbehaviour[] = [
  {name: '400', codes: [2], meet: problem(400, {errors: ['name: is wrong'], fieldErrors: {name: ['is wrong']}})},
  // Of a session, the service that renews it does not say in so many words that it has ended: one is still signed in.
  {name: '401', codes: [4], sessionCodes: [75], meet: problem(401)},
  {name: '402', codes: [5], meet: problem(402)},
  {name: '403', codes: [5], meet: problem(403)},
  {name: '404', codes: [3], meet: problem(404)},
  {name: '409', codes: [6], meet: problem(409)},
  {name: '422', codes: [2], meet: problem(422)},
  {name: '429 for an hour', codes: UNUSABLE, meet: problem(429, {})},
  {
    name: '429 with an odd Retry-After',
    codes: UNUSABLE,
    meet: json(429, {message: 'slow down'}, {'retry-after': '-1e99'}),
  },
  {name: '500 with a web page', codes: UNUSABLE, meet: text('<html><body><h1>Oops</h1></body></html>', HTML, 500)},
  {name: '500 without a body', codes: UNUSABLE, meet: text('', {}, 500)},
  {name: '500 null', codes: UNUSABLE, meet: json(500, null)},
  {name: '502', codes: UNUSABLE, meet: problem(502)},
  {name: '503', codes: UNUSABLE, meet: problem(503)},
  {name: '507', codes: UNUSABLE, meet: problem(507)},
  {name: '599', codes: UNUSABLE, meet: problem(599)},
  {
    name: '500 with control characters',
    codes: UNUSABLE,
    meet: problem(500, {
      title: HOSTILE,
      detail: HOSTILE,
      errors: [HOSTILE],
      fieldErrors: {[HOSTILE]: [HOSTILE]},
      instance: HOSTILE,
    }),
  },
  {
    name: '404 with control characters',
    codes: [3],
    meet: problem(404, {title: HOSTILE, detail: HOSTILE, instance: HOSTILE}),
  },
  {
    name: '409 with control characters',
    codes: [6],
    meet: problem(409, {title: HOSTILE, detail: HOSTILE, errors: [HOSTILE]}),
  },
  {
    name: 'a redirect to another origin',
    codes: [1, 75],
    meet: ({response}) => void response.writeHead(302, {location: 'http://127.0.0.1:9/x'}).end(),
  },
  {
    name: 'a redirect to itself',
    codes: [1, 75],
    meet: ({request, response}) => void response.writeHead(307, {location: request.url ?? '/'}).end(),
  },
  {name: 'a redirect without a place', codes: [1, 75], meet: ({response}) => void response.writeHead(301).end()},
  {name: '304', codes: [1, 75], meet: ({response}) => void response.writeHead(304).end()},
]

/** Nothing that keeps the command from its work. */
const HARMLESS: Misbehaviour[] = [
  {name: 'a byte order mark', codes: 'harmless', meet: changed((body) => `\ufeff${body}`)},
  {name: 'white space around the JSON', codes: 'harmless', meet: changed((body) => `\r\n\t ${body}\n\n`)},
  {
    name: 'fields that nobody knows',
    codes: 'harmless',
    meet: changed((body) => body.replace(/^\s*\{/, '{"__proto__":{"ok":false},"constructor":null,"zzz":[1e400,{}],')),
  },
  {name: 'another content type', codes: 'harmless', meet: changed((body) => body, {'content-type': 'text/plain'})},
  {
    name: 'early hints (103)',
    codes: 'harmless',
    meet: async ({request, forward}) => {
      const {status, body} = await forward()
      request.socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n')
      request.socket.end(
        `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body.toString('utf8')}`,
      )
    },
  },
  {
    name: 'HTTP/1.0 without a length',
    codes: 'harmless',
    meet: async ({request, forward}) => {
      const {status, body} = await forward()
      request.socket.end(`HTTP/1.0 ${status} X\r\ncontent-type: application/json\r\n\r\n${body.toString('utf8')}`)
    },
  },
  {
    name: 'gzip',
    codes: 'harmless',
    meet: async ({response, forward}) => {
      const {status, body} = await forward()
      response.writeHead(status, {'content-type': 'application/json', 'content-encoding': 'gzip'})
      response.end(gzipSync(body))
    },
  },
  {
    name: 'a cookie that clears everything',
    codes: 'harmless',
    meet: changed((body) => body, {'set-cookie': 'a=b', 'clear-site-data': '"*"'}),
  },
  {
    name: 'a byte at a time',
    codes: 'harmless',
    meet: async ({response, forward}) => {
      const {status, body} = await forward()
      response.writeHead(status, {'content-type': 'application/json'})
      for (let at = 0; at < body.length; at += 40) response.write(body.subarray(at, at + 40))
      response.end()
    },
  },
]

export const MISBEHAVIOURS: readonly Misbehaviour[] = [...CONNECTIONS, ...BODIES, ...STATUSES, ...HARMLESS]
