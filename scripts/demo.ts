/**
 * `npm run demo`: Parix from nothing to signed in and out again, on this machine, in a home that is thrown away. Prints a
 * transcript, each command as a user would type it. Exit code 1 when any of them ends otherwise than it should.
 */
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {BROWSER_PROGRAM, withHome} from '@parix/testkit'
import {play} from './demo/play.js'
import {STEPS} from './demo/steps.js'

const RUN = fileURLToPath(new URL('../bin/run.js', import.meta.url))

await withHome(async (home) => {
  const programs = join(home.path, 'bin')
  mkdirSync(programs)
  writeFileSync(join(programs, 'parix'), `#!/bin/sh\nexec '${process.execPath}' '${RUN}' "$@"\n`)
  chmodSync(join(programs, 'parix'), 0o755)
  const stage = {
    environment: {
      ...home.environment,
      PATH: `${programs}${delimiter}${home.environment.PATH}`,
      BROWSER: BROWSER_PROGRAM,
    },
    directory: home.path,
    print: (text: string) => console.log(text),
  }
  try {
    await play(STEPS, stage)
  } catch (error) {
    console.error(`The demonstration failed: ${(error as Error).message}`)
    process.exitCode = 1
    // A service that is left over would outlive its data directory. Nothing is running when it fails.
    await play([{command: 'parix local stop'}], {...stage, print: () => {}}).catch(() => {})
  }
})
