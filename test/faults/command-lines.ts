/** A command line for every command that talks to the service; `test/tidy/commands.test.ts` holds the list against all commands. */
export interface CommandLine {
  id: string
  words: string[]
  /** Signed in by a session rather than an API key. */
  session?: true
  /** Creates or changes something: success must be true at the service. */
  write?: true
  /** Files in the directory in which it runs, by name; `@` in them becomes the id, too. */
  files?: Record<string, string>
  /** Run against the service itself before. */
  prepare?: string[][]
}

const PENDING =
  'tb create-transfers books --id 5@ --from 1 --to 2 --amount 5 --ledger 700 --code 1 --flag pending'.split(' ')

const ACCOUNT = (id: string, ledger = 700) =>
  `tb create-accounts books --id ${id} --ledger ${ledger} --code 10`.split(' ')
const CLOSE = 'tb close books 5@ --into 1 --code 1 --retry-for 1s'.split(' ')

const CHART = `version: 1
ledgers: {L700: {id: 700, scale: 0}}
codes: {account: {c10: 10}, transfer: {t1: 1}}
accounts:
  a1: {id: 1, ledger: L700, code: c10, flags: [history]}
  a2: {id: 2, ledger: L700, code: c10}
`
const CHART_WITH_ONE_MORE = {'parix.chart.yaml': `${CHART}  new: {id: @, ledger: L700, code: c10}\n`}
const TRANSFERS = {
  'transfers.ndjson': '{"id":"@","debit_account_id":"1","credit_account_id":"2","amount":"1","ledger":700,"code":1}\n',
}

/** `@` in a word becomes an id of the test's own, `%` the id of the import that was prepared. Nothing but `books` changes. */
export const COMMAND_LINES: readonly CommandLine[] = [
  {id: 'api', words: ['api', 'databases']},
  {id: 'api', words: ['api', 'session', '-X', 'GET', '--include']},
  {id: 'auth:api-key:create', words: ['auth', 'api-key', 'create', 'key-@'], session: true},
  {id: 'auth:api-key:list', words: ['auth', 'api-key', 'list'], session: true},
  {id: 'auth:api-key:revoke', words: ['auth', 'api-key', 'revoke', 'parix local', '--confirm', 'other'], session: true},
  {id: 'auth:status', words: ['auth', 'status'], session: true},
  {
    id: 'chart:apply',
    words: ['chart', 'apply', 'books', '--retry-for', '1s'],
    files: CHART_WITH_ONE_MORE,
    write: true,
  },
  {id: 'chart:check', words: ['chart', 'check', 'still'], files: {'parix.chart.yaml': CHART}},
  {id: 'chart:init', words: ['chart', 'init', '--from', 'still']},
  {id: 'database:catalog', words: ['database', 'catalog']},
  {id: 'database:create', words: ['database', 'create', 'made-@'], write: true},
  {id: 'database:info', words: ['database', 'info', 'books']},
  {id: 'database:list', words: ['database', 'list']},
  {id: 'database:remove', words: ['database', 'remove', 'books', '--confirm', 'wrong-name']},
  {id: 'database:use', words: ['database', 'use', 'books']},
  {id: 'database:wait', words: ['database', 'wait', 'books', '--timeout', '1s']},
  {id: 'tb:assert', words: ['tb', 'assert', 'still', 'ledgers balanced', 'pending = 1']},
  {id: 'tb:audit', words: ['tb', 'audit', 'still', '--deep']},
  {id: 'tb:balance', words: ['tb', 'balance', 'books', '1']},
  {id: 'tb:close', words: CLOSE, write: true, prepare: [ACCOUNT('5@')]},
  {
    id: 'tb:create-accounts',
    words: ['tb', 'create-accounts', 'books', '--id', '@', '--ledger', '700', '--code', '10', '--retry-for', '1s'],
    write: true,
  },
  {
    id: 'tb:create-transfers',
    words: [
      'tb',
      'create-transfers',
      'books',
      '--id',
      '@',
      '--from',
      '1',
      '--to',
      '2',
      '--amount',
      '1',
      '--ledger',
      '700',
      '--code',
      '1',
      '--retry-for',
      '1s',
    ],
    write: true,
  },
  {id: 'tb:diff', words: ['tb', 'diff', 'still', '--at', '2000-01-01', '--at', '2000-01-02']},
  {
    id: 'tb:entry',
    words: 'tb entry books --debit 1=2 --credit 2=2 --code 1 --key @ --retry-for 1s'.split(' '),
    write: true,
  },
  {
    id: 'tb:exchange',
    words: 'tb exchange books --from 1=2 --to 6@ --rate 1 --via 2 --via 7@ --code 1 --key @ --retry-for 1s'.split(' '),
    write: true,
    prepare: [ACCOUNT('6@', 701), ACCOUNT('7@', 701)],
  },
  {id: 'tb:export:accounts', words: ['tb', 'export', 'accounts', 'still', '-o', 'accounts.ndjson']},
  {id: 'tb:export:transfers', words: ['tb', 'export', 'transfers', 'still', '-o', 'transfers.ndjson']},
  {id: 'tb:get-account-balances', words: ['tb', 'get-account-balances', 'books', '--account-id', '1']},
  {id: 'tb:get-account-transfers', words: ['tb', 'get-account-transfers', 'books', '--account-id', '1']},
  {
    id: 'tb:import:accounts',
    words: ['tb', 'import', 'accounts', 'accounts.ndjson', 'books', '--retry-for', '1s'],
    files: {'accounts.ndjson': '{"id":"@","ledger":700,"code":10}\n'},
    write: true,
  },
  {
    id: 'tb:import:transfers',
    words: ['tb', 'import', 'transfers', 'transfers.ndjson', 'books', '--retry-for', '1s'],
    files: TRANSFERS,
    write: true,
  },
  {
    id: 'tb:import:verify',
    words: ['tb', 'import', 'verify', '%'],
    files: TRANSFERS,
    prepare: [['tb', 'import', 'transfers', 'transfers.ndjson', 'books']],
  },
  {id: 'tb:lookup-accounts', words: ['tb', 'lookup-accounts', 'books', '--id', '1']},
  {id: 'tb:lookup-transfers', words: ['tb', 'lookup-transfers', 'books', '--id', '1000']},
  {id: 'tb:pending', words: ['tb', 'pending', 'books']},
  {
    id: 'tb:post',
    words: ['tb', 'post', 'books', '5@', '--id', '@', '--amount', '0', '--retry-for', '1s'],
    write: true,
    prepare: [PENDING],
  },
  {id: 'tb:query-accounts', words: ['tb', 'query-accounts', 'books', '--ledger', '700']},
  {id: 'tb:query-transfers', words: ['tb', 'query-transfers', 'books', '--ledger', '700', '--all']},
  {
    id: 'tb:reconcile',
    words: ['tb', 'reconcile', 'still', '1', '--against', 'bank.csv'],
    files: {'bank.csv': `time,amount\n${new Date().toISOString().slice(0, 10)},5\n`},
  },
  {
    id: 'tb:reopen',
    words: 'tb reopen books 5@ --retry-for 1s'.split(' '),
    write: true,
    prepare: [ACCOUNT('5@'), CLOSE],
  },
  {id: 'tb:report', words: ['tb', 'report', 'trial-balance', 'still']},
  {
    id: 'tb:reserve',
    words: 'tb reserve books --from 1 --to 2 --amount 2 --code 1 --timeout 1h --key @ --retry-for 1s'.split(' '),
    write: true,
  },
  {id: 'tb:reverse', words: 'tb reverse books 5@ --retry-for 1s'.split(' '), write: true, prepare: [PENDING]},
  {id: 'tb:statement', words: ['tb', 'statement', 'still', '1']},
  {
    id: 'tb:sweep',
    words: 'tb sweep books --from 1 --to 2 --amount max --code 1 --key @ --retry-for 1s'.split(' '),
    write: true,
  },
  {id: 'tb:trace', words: ['tb', 'trace', 'still', '1000']},
  {
    id: 'tb:verify',
    words: ['tb', 'verify', '@.json', 'books'],
    prepare: [[...PENDING, '--receipt', '@.json']],
  },
  {
    id: 'tb:void',
    words: ['tb', 'void', 'books', '5@', '--id', '@', '--retry-for', '1s'],
    write: true,
    prepare: [PENDING],
  },
  {id: 'tb:watch', words: ['tb', 'watch', 'still', '--from', '0', '--until-idle']},
  {
    id: 'test',
    words: ['test', 'books.test.yaml'],
    files: {
      'books.test.yaml': 'version: 1\ndatabase: still\ntests: [{name: a copy, expect: [ledgers balanced]}]\n',
    },
  },
  // Last: it ends the session of the lines before.
  {id: 'auth:logout', words: ['auth', 'logout'], session: true},
]

/** Commands that send nothing to the service, or are shown against every fault by tests of their own; each with its reason. */
export const NOT_HERE: Readonly<Record<string, string>> = {
  'auth:list': 'reads files',
  'auth:login': 'its faults are in test/commands/auth',
  'auth:switch': 'reads files',
  'auth:token': 'refreshes only; packages/kit/test/session',
  'chart:schema': 'sends nothing',
  'chart:show': 'reads files',
  commands: 'sends nothing',
  completion: 'sends nothing',
  'completion:refresh': 'runs in the background and never reports',
  console: 'runs until it is stopped; packages/plugin-tb/test/commands/console.test.ts, packages/console/test',
  help: 'sends nothing',
  'local:demo': 'is the service; packages/plugin-local/test',
  history: 'reads files',
  'history:prune': 'files of this machine',
  'history:show': 'reads files',
  'local:env': 'asks the local service only; packages/plugin-local/test',
  'local:exec': 'is the service',
  'local:fork': 'reads as tb export does, and writes to the local service; packages/plugin-local/test',
  'local:logs': 'files of this machine',
  'local:reset': 'files of this machine',
  'local:snapshot:list': 'asks the local service only; packages/plugin-local/test',
  'local:snapshot:remove': 'asks the local service only; packages/plugin-local/test',
  'local:snapshot:restore': 'asks the local service only; packages/plugin-local/test',
  'local:snapshot:save': 'asks the local service only; packages/plugin-local/test',
  'local:start': 'is the service',
  'local:status': 'asks the local service only; packages/plugin-local/test',
  'local:stop': 'signals a process',
  plugins: 'sends nothing',
  'plugins:create': 'sends nothing',
  'plugins:inspect': 'sends nothing',
  'plugins:install': 'runs npm; test/platform',
  'plugins:link': 'files of this machine',
  'plugins:reset': 'files of this machine',
  'plugins:uninstall': 'files of this machine',
  'plugins:update': 'runs npm; test/platform',
  'tb:explain': 'sends nothing',
  'tb:id': 'sends nothing',
  'tb:import:forget': 'files of this machine',
  'tb:import:list': 'files of this machine',
  'tb:import:show': 'files of this machine',
  'tb:outbox:forget': 'files of this machine',
  'tb:outbox:list': 'files of this machine',
  'tb:outbox:resume': 'every create above is resumed',
  'tb:outbox:show': 'files of this machine',
  version: 'sends nothing',
  open: 'begins the console, or opens a page of the local service',
}
