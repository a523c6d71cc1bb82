import {PassThrough} from 'node:stream'
import type {Effect} from '@parix/kit/command'
import {createTerminal} from '@parix/kit/output'
import type {TestHome} from '@parix/testkit'
import type {SubmissionOptions} from '../../src/submit/submit.js'
import {apiOf} from './world.js'

/** What a command brings to a submission: the real client and terminal, with what was said and announced kept. */
export interface TestSubmission extends SubmissionOptions {
  /** stderr so far. */
  said(): string
  /** The effects that were announced; `shown` is what takes an entry out of the outbox. */
  announced: Effect[]
  /** As a command does when its result was written. */
  show(): void
}

export function submissionOf(
  service: {baseUrl: string; apiKey?: string},
  home: TestHome,
  changes: Partial<SubmissionOptions> = {},
): TestSubmission {
  const stderr = new PassThrough()
  let said = ''
  stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  const announced: Effect[] = []
  const streams = {stdout: new PassThrough(), stderr, stdin: new PassThrough()}
  return {
    api: apiOf(service),
    terminal: createTerminal({environment: {}, noInput: true, ...(streams as never as object)}),
    environment: {...home.environment, PARIX_RETRY_DELAY: '1ms'},
    announce: (effect) => announced.push(effect),
    said: () => said,
    announced,
    show() {
      for (const {shown} of announced) shown?.()
    },
    ...changes,
  }
}
