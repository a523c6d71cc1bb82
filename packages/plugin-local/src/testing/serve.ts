/** The process of `startParix`: a service that lives as long as its stdin is open. */

import {createEphemeralDir} from '../ephemeral.js'
import type {Books} from '../fill-database.js'
import {startWithBooks} from '../service-with-books.js'
import type {Started, StartParixOptions} from './start-parix.js'

const say = (started: Started) => process.stdout.write(`${JSON.stringify(started)}\n`)

/** Runs until stdin ends. What it says on stdout is one line: a `Started`. */
export async function serve(options: StartParixOptions): Promise<void> {
  try {
    await run(options)
  } catch (error) {
    say({error: error instanceof Error ? error.message : String(error)})
    process.exitCode = 1
  } finally {
    // A stream that is read from keeps the process.
    process.stdin.destroy()
  }
}

async function run({database: name = 'main', demo, demoSize, seed}: StartParixOptions): Promise<void> {
  const {dataDir, remove} = createEphemeralDir()
  try {
    // Ctrl-C goes to the whole group of processes: the suite decides when this one ends.
    process.on('SIGINT', () => undefined)
    const gone = new Promise((resolve) => process.stdin.once('end', resolve).once('close', resolve).resume())
    const books = await booksOf({demo, demoSize, seed})
    const {service, id, chart} = await startWithBooks({dataDir, durable: false}, name, books)
    try {
      const {baseUrl, apiKey} = service
      say({baseUrl, apiKey, database: {id, name}, ...(chart !== undefined && {chart})})
      await gone
    } finally {
      await service.close()
    }
  } finally {
    remove()
  }
}

type Wanted = {[Name in 'demo' | 'demoSize' | 'seed']: StartParixOptions[Name] | undefined}

async function booksOf({demo, demoSize = 5000, seed}: Wanted): Promise<Books | undefined> {
  if (demo === undefined) {
    if (seed === undefined) return undefined
    const {readSeed} = await import('../fill-database.js')
    return {from: 'seed', seed: await readSeed(seed)}
  }
  const {defaultDemo} = await import('../demo/demo-options.js')
  return {from: 'demo', options: {...defaultDemo(demo), size: demoSize}}
}
