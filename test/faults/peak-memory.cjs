// Preloaded: writes the peak of the process's memory, in KiB, to MEMORY_FILE.
const {writeFileSync} = require('node:fs')
const {peakMemoryKiB} = require('../../packages/testkit/bin/peak-memory.cjs')

process.on('exit', () => writeFileSync(process.env.MEMORY_FILE, String(peakMemoryKiB())))
