import {type Api, createApi} from '@parix/kit/api'
import {parseBaseUrl} from '@parix/kit/origin'
import type {TestHome} from '@parix/testkit'
import {outboxPlace} from '../../src/outbox/directory.js'
import {type Outbox, openOutbox} from '../../src/outbox/store.js'
import {DEFAULT_LIMITS, type SubmitContext} from '../../src/submit/send-request.js'

export interface TestWorld extends SubmitContext {
  /** What was said. */
  said: string[]
  /** Pauses, in milliseconds; none is waited for, the clock jumps. */
  slept: number[]
}

/** The real client and the real outbox, with a clock that only moves when somebody sleeps. */
export function makeWorld(
  service: {baseUrl: string; apiKey?: string},
  home: TestHome,
  changes: Partial<Outbox> = {},
): TestWorld {
  const said: string[] = []
  const slept: number[] = []
  let now = Date.UTC(2026, 10, 24)
  return {
    api: apiOf(service),
    outbox: {...openOutbox(outboxPlace(home.environment)), ...changes},
    said,
    slept,
    say: (text) => said.push(text),
    sleep: async (ms) => {
      slept.push(ms)
      now += ms
    },
    now: () => now,
    random: () => 1,
    limits: DEFAULT_LIMITS,
  }
}

/** The real client, signed in by an API key. */
export function apiOf(service: {baseUrl: string; apiKey?: string}): Api {
  const base = parseBaseUrl(service.baseUrl)
  const credential = {kind: 'apiKey' as const, key: service.apiKey ?? 'px_1', issuer: base.url}
  return createApi({
    base,
    credentials: {
      kind: 'apiKey',
      current: async () => credential,
      afterRefusal: async () => undefined,
      session: async () => undefined,
    },
    userAgent: 'test',
    say: () => {},
  })
}
