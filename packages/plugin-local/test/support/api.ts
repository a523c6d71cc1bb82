import type {RunningService, ServiceOptions} from '@parix/plugin-local/server'
import {createBrowser} from '@parix/testkit'
import {type LocalFixture, useLocalService} from './local.js'

/** An answer as it came over the wire. */
export interface Answered {
  status: number
  headers: Headers
  text: string
  /** `text` as JSON; only for answers whose integers are small. */
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of its own answer, down to the last member
  json: any
}

export interface CallOptions {
  /** An API key; the first user's when left out, none when null. */
  key?: string | null
  headers?: Record<string, string>
}

/** Calls `/api/v1{path}` over real HTTP; `body` is sent byte for byte. */
export type Call = (
  method: string,
  path: string,
  body?: string | Uint8Array,
  options?: CallOptions,
) => Promise<Answered>

export interface ApiFixture extends LocalFixture {
  call: Call
  /** A database that is ready. */
  makeDatabase(name: string): Promise<string>
  /** Calls an operation and gives its answer. */
  operate(databaseId: string, operation: string, body: string | Uint8Array): Promise<Answered>
}

/** A service with an API client of the test's own; databases are ready almost at once. */
export function useApi(options: Partial<ServiceOptions> = {}): ApiFixture {
  const local = useLocalService({provisionDelayMs: 0, removalDelayMs: 0, ...options})
  const call: Call = (method, path, body, given = {}) => callApi(local.service, method, `/api/v1${path}`, body, given)
  return Object.assign(Object.create(local) as LocalFixture, {
    call,
    async makeDatabase(name: string) {
      const made = await call('POST', '/databases', JSON.stringify({name}))
      if (made.status !== 201) throw new Error(made.text)
      await untilStatus(call, made.json.database.id, 'READY')
      return made.json.database.id as string
    },
    operate: (databaseId: string, operation: string, body: string | Uint8Array) =>
      call('POST', `/databases/${databaseId}/tb/${operation}`, body),
  })
}

export async function callApi(
  service: RunningService,
  method: string,
  path: string,
  body?: string | Uint8Array,
  {key = service.apiKey, headers = {}}: CallOptions = {},
): Promise<Answered> {
  const response = await fetch(service.baseUrl + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(key !== null && {'x-api-key': key}),
      ...(body !== undefined && {'content-type': 'application/json'}),
      ...headers,
    },
    ...(body !== undefined && {body}),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json() {
      return JSON.parse(text)
    },
  }
}

/** Resolves when a database has this status; `gone` when it answers 404. */
export async function untilStatus(call: Call, id: string, status: string): Promise<void> {
  for (;;) {
    const {json} = await call('GET', `/databases/${id}`)
    if ((json.profile?.status ?? (json.status === 404 ? 'gone' : '')) === status) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export interface KeyWishes {
  access: 'read' | 'write'
  databaseId?: string
  /** Somebody else than the first user, in an organization of their own. */
  person?: {email: string; organization: string}
}

/** An API key, made on the page as people make it. */
export async function makeKey(service: RunningService, {access, databaseId, person}: KeyWishes): Promise<string> {
  const signIn = await createBrowser().open(`${service.baseUrl}/settings/api-keys`)
  const keys = person
    ? await signIn.press(/Continue as this person/, {
        fill: {email: person.email, name: '', organization: person.organization},
      })
    : await signIn.press(/Sign in as you@/)
  const fill = {name: 'test', access, database: databaseId ?? ''}
  const made = await keys.press(/Create key/, {fill})
  const key = /px_\w+(?=<)/.exec(made.html)?.[0]
  if (!key) throw new Error(`No key on the page:\n${made.html}`)
  return key
}
