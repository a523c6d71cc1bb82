import {join, resolve} from 'node:path'
import {outboxPlace} from '../outbox/directory.js'

/** Where imports are noted down: beside the outbox. */
export function importDirectory(environment: NodeJS.ProcessEnv): string {
  return join(resolve(outboxPlace(environment).path, '..'), 'import')
}
