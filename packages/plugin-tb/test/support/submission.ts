import type {Effect} from '@parix/kit/command'
import type {TestHome} from '@parix/testkit'
import type {SubmissionOptions} from '../../src/submit/submit.js'
import {testTerminal} from './terminal.js'
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
  const {terminal, said} = testTerminal()
  const announced: Effect[] = []
  return {
    api: apiOf(service),
    terminal,
    environment: {...home.environment, PARIX_RETRY_DELAY: '1ms'},
    announce: (effect) => announced.push(effect),
    said,
    announced,
    show() {
      for (const {shown} of announced) shown?.()
    },
    ...changes,
  }
}
