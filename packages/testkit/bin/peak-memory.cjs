const {readFileSync} = require('node:fs')

/**
 * The most memory that this process has had, in KiB. Linux counts in `maxRSS` what the process had before it became this program:
 * a copy of the one that started it.
 */
function peakMemoryKiB() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
}

module.exports = {peakMemoryKiB}
