// The CLI of lib/ by plain oclif, without the bundle: what the bundle must not differ from.
import {execute} from '@oclif/core'

await execute({dir: new URL('../..', import.meta.url).pathname})
