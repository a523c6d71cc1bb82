/** One command of the demonstration, as a user would type it in a shell. */
export interface Step {
  /** What a reader should know before; printed above the command. */
  note?: string
  /** `{name}` means what an earlier step remembered. */
  command: string
  /** The demonstration fails when it ends otherwise; 0 when left out. */
  exitCode?: number
  /** What to take from the output for later steps: the first group of each pattern. */
  remember?: Record<string, RegExp>
}

/** To lengthen the demonstration, add steps. The service is stopped and the home removed afterwards in any case. */
export const STEPS: Step[] = [
  {
    note: 'The whole service runs on this machine, with a real OpenID provider and its own data directory.',
    command: 'parix local start --port 0 --detach',
    remember: {baseUrl: /(http:\/\/localhost:\d+)/, apiKey: /(px_\w+)/},
  },
  {
    note: 'Sign in. $BROWSER is a scripted browser here: it follows the pages, signs in, and presses Allow.',
    command: 'parix auth login --base-url {baseUrl}',
  },
  {command: 'parix auth status'},
  {
    note: 'The same for scripts: one JSON document, nothing else on stdout.',
    command: 'parix auth status --json',
  },
  {
    note: 'A database of its own. Being provisioned takes a moment here and minutes when hosted; --wait waits.',
    command: 'parix database create books --wait',
  },
  {command: 'parix database use books'},
  {
    note: 'The bank may go into debt, Ann may not: TigerBeetle itself keeps the limit.',
    command: 'parix tb create-accounts --id 1 --ledger 700 --code 10',
  },
  {
    command:
      'parix tb create-accounts --id 2 --ledger 700 --code 20 --flag debits_must_not_exceed_credits --flag history',
  },
  {
    note: 'Move 100.00 in cents. The id is made, shown and kept on disk before anything is sent.',
    command: 'parix tb create-transfers --from 1 --to 2 --amount 10_000 --ledger 700 --code 1',
  },
  {
    note: 'More than Ann has: refused, with the reason, and exit code 6.',
    command: 'parix tb create-transfers --from 2 --to 1 --amount 50_000 --ledger 700 --code 1',
    exitCode: 6,
  },
  {command: 'parix tb explain exceeds_credits'},
  {command: 'parix tb balance 2'},
  {command: 'parix tb get-account-balances --account-id 2'},
  {
    note: 'Ids of 128 bits go through unrounded, as JSON numbers from stdin too.',
    command:
      'echo \'{"id": 340282366920938463463374607431768211453, "ledger": 700, "code": 30}\' | parix tb create-accounts --file - --json',
  },
  {
    note: 'A CI job: an API key, no home, no session, no terminal.',
    command: 'env -i PATH="$PATH" PARIX_BASE_URL={baseUrl} PARIX_API_KEY={apiKey} parix tb balance books 2 --json',
  },
  {
    note: 'Gone for good, so the name has to be given. Without a terminal nothing is asked.',
    command: 'parix database remove books',
    exitCode: 2,
  },
  {command: 'parix database remove books --confirm books --wait'},
  {command: 'parix database list'},
  {command: 'parix auth logout'},
  {
    note: 'Scripts tell by the exit code that nobody is signed in.',
    command: 'parix auth status --base-url {baseUrl}',
    exitCode: 4,
  },
  {command: 'parix local stop'},
]
