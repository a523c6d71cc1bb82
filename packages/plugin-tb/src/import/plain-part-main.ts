/** The thread of `startPart`. */

import {parentPort, workerData} from 'node:worker_threads'
import {type PartJob, readPlainPart} from './plain-part.js'

async function main({file, from, bytes}: PartJob): Promise<void> {
  const part = await readPlainPart(file, from, undefined, (read) => {
    bytes[0] = read
  })
  parentPort!.postMessage(part)
}

// What it rejects with is the thread's 'error'.
void main(workerData as PartJob)
