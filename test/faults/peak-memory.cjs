// Preloaded: writes the peak of the process's memory, in KiB, to MEMORY_FILE.
const {writeFileSync} = require('node:fs')

process.on('exit', () => writeFileSync(process.env.MEMORY_FILE, String(process.resourceUsage().maxRSS)))
