import {type ConsoleDatabase, type ConsoleHost, createConsole, type ReadLimits, type Visitor} from '@parix/console'

export const LIMITS: ReadLimits = {pageRows: 8189, recentPagesMax: 3, accountPagesMax: 5, livePollMs: 50}

/** Somebody who may see these databases. */
export function visitorOf(databases: readonly ConsoleDatabase[], label = 'you@localhost · Local'): Visitor {
  return {
    label,
    databases: async () =>
      databases.map(({id, name}) => ({
        id,
        name,
        status: 'READY',
        place: 'gcp us-central1',
        createdAt: '2026-11-01T09:00:00.000Z',
      })),
    database: async (key) => databases.find(({id, name}) => id === key || name === key),
  }
}

export function consoleOf(
  databases: readonly ConsoleDatabase[],
  changes: Partial<ConsoleHost> = {},
): ReturnType<typeof createConsole> {
  return createConsole({
    base: '/console',
    tag: 'local',
    admit: async () => visitorOf(databases),
    limits: LIMITS,
    log: (message) => process.stderr.write(`${message}\n`),
    ...changes,
  })
}
