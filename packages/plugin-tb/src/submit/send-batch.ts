import {isParixError} from '@parix/kit/errors'
import {type BatchFile, type Entry, kindOf, type Request} from '../outbox/entry.js'
import {
  type AllThere,
  type CountedRequest,
  type SendResult,
  type SubmitContext,
  sendCounted,
  sendRequest,
} from './send-request.js'

/** What is only noted down must not turn a payment that was made into a failure: at worst it is sent again, and exists. */
export function noted(context: Pick<SubmitContext, 'say'>, write: () => void): void {
  try {
    write()
  } catch (error) {
    if (!isParixError(error)) throw error
    context.say(
      `${error.message} Continuing without it: the same call may be sent again, and nothing is created twice.`,
    )
  }
}

/** Sends one request of an entry. Where the entry is streamed and every event is there, its bytes are not taken apart. */
export function sendBatch(
  context: SubmitContext,
  step: {entry: Entry; batch: BatchFile; request: Request},
  sentBefore: boolean,
): Promise<SendResult<SendResult['outcome'] | AllThere>> {
  const {entry, batch} = step
  const {operation, database} = entry.file
  const call = {operation, kind: kindOf(operation), database, sentBefore}
  const idsOf = ({records}: Request) => records.map(({id}) => String(id))
  const afterFailure = (reason: string) => {
    batch.failedAttempts++
    batch.lastFault = reason
    noted(context, () => context.outbox.save(entry))
  }
  if (!entry.file.streamed) {
    const {request} = step
    return sendRequest(context, {...call, body: request.body, ids: idsOf(request)}, afterFailure)
  }
  const body = context.outbox.bodyOf(entry, batch)
  const sent: CountedRequest = Object.defineProperty({...call, body, events: batch.events, ids: []}, 'ids', {
    get: () => idsOf(step.request),
  })
  return sendCounted(context, sent, afterFailure)
}
