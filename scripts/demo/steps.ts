/** One command of the demonstration, as a user would type it in a shell. */
export interface Step {
  /** What a reader should know before; printed above the command. */
  note?: string
  /** `{name}` stands for what an earlier step remembered. */
  command: string
  /** The demonstration fails when it ends otherwise; 0 when left out. */
  exitCode?: number
  /** What to take from the output for later steps: the first group of each pattern. */
  remember?: Record<string, RegExp>
}

/** To lengthen the demonstration, add steps. The service is stopped and the home removed afterwards in any case. */
export const STEPS: Step[] = [
  {
    note: 'The whole service runs on this machine, with a real OpenID provider and its own data folder.',
    command: 'parix local start --port 0 --detach',
    remember: {baseUrl: /(http:\/\/localhost:\d+)/},
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
  {command: 'parix auth logout'},
  {
    note: 'Scripts tell by the exit code that nobody is signed in.',
    command: 'parix auth status --base-url {baseUrl}',
    exitCode: 4,
  },
  {command: 'parix local stop'},
]
