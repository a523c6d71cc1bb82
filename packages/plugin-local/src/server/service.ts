import type {FaultInjection} from './api/fault-injection.js'
import type {Databases} from './databases/databases.js'
import type {People} from './identity/people.js'
import type {Principal} from './identity/principal.js'
import type {LoadProvider} from './identity/provider.js'
import type {Database} from './store/database.js'

/**
 * What a running service is made of: every route gets this and nothing else. `createApp` makes a function from Request to
 * Response of it; who opens the port is another's business.
 */
export interface Service {
  /** Where people find it: `http://localhost:PORT`. */
  readonly baseUrl: string
  /** The names that a request's Host may have, each with the port. */
  readonly hosts: readonly string[]
  readonly dataDir: string
  readonly database: Database
  /** The identity provider, loaded when it is first needed: much of the service does without. */
  readonly loadProvider: LoadProvider
  readonly people: People
  /** Tells this run from others on the same machine: `GET /health` answers it. */
  readonly instance: string
  /** Who sent these headers; undefined when they hold no credential that we know. */
  findPrincipal(headers: Headers): Principal | undefined
  /** The databases of an organization, for the page that makes API keys. */
  listDatabases(organizationId: string): readonly {id: string; name: string}[]
  readonly databases: Databases
  /** What makes the service misbehave on purpose, per organization. */
  readonly faults: FaultInjection
  log(level: string, message: string): void
  /** For what must end with the service, such as ledgers: called once, in reverse order, when it closes. */
  onClose(end: () => void | Promise<void>): void
}

export type Ending = () => void | Promise<void>

/** What has to be ended when the service closes: the latest first, as what was opened late uses what was opened early. */
export interface Endings {
  /** `first`: before all others, whenever it was added; for the port, so that no request meets a half-closed service. */
  add(ending: Ending, order?: 'first'): void
  /** Runs each once, all of them even if one fails, and then fails with the first failure. */
  run(): Promise<void>
}

export function createEndings(): Endings {
  let first: Ending[] = []
  let others: Ending[] = []
  return {
    add(ending, order) {
      if (order === 'first') first.push(ending)
      else others.push(ending)
    },
    async run() {
      const all = [...first, ...others.reverse()]
      first = []
      others = []
      const failures: unknown[] = []
      for (const ending of all) {
        try {
          await ending()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}
