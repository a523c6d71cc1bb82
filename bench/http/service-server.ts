/** The local service as it is, in a directory of its own. */

import {startService} from '@parix/plugin-local/server'
import {report} from './report.js'

const service = await startService({port: 0, dataDir: process.argv[2]!, provisionDelayMs: 0})
report(service.port, service.apiKey)
