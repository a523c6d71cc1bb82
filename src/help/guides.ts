import {EXIT_CODE_MEANINGS} from '@parix/kit/errors'

import {type Look, section, twoColumns, wrap} from './layout.js'

/** Help that belongs to no single command: `parix help environment`. */
export interface Guide {
  name: string
  summary: string
  intro: string
  parts: {heading: string; text?: string; rows?: [name: string, text: string][]}[]
}

export const guides: Guide[] = [
  {
    name: 'environment',
    summary: 'the variables that parix reads',
    intro: 'A flag goes before a variable, a variable before a file of the project, that before your own settings.',
    parts: [
      {
        heading: 'SERVICE AND SIGN-IN',
        rows: [
          ['PARIX_BASE_URL', 'the service to talk to, unless --base-url is given; before the session in use'],
          [
            'PARIX_ORGANIZATION',
            'of several organizations at the service, the one that commands are for, unless --organization is given; with an API key: the one that the key must be for',
          ],
          ['PARIX_API_KEY', 'an API key to use in place of the session, for scripts and CI'],
          ['BROWSER', 'the program that opens the sign-in page: it gets the address as its only argument'],
          ['HTTPS_PROXY, HTTP_PROXY', 'the proxy to reach the service through; NO_PROXY lists hosts that need none'],
          ['NODE_EXTRA_CA_CERTS', 'a file of further certificate authorities, for a service of your own'],
        ],
      },
      {
        heading: 'DATABASES AND TRANSFERS',
        rows: [
          [
            'PARIX_DATABASE',
            'the database, by id or name, where none is given; before the default of the project and yours',
          ],
          [
            'PARIX_CHART',
            'the chart of accounts, else parix.chart.yaml here or in a directory above; empty for none; --chart and --no-chart go before it',
          ],
          ['PARIX_PAGER', 'the command that shows long output on a terminal, else PAGER; see --no-pager'],
          ['PARIX_WEBHOOK_SECRET', 'the secret that tb watch --forward-to signs with'],
          ['PARIX_HISTORY', 'off: record nothing of what is written; see parix history'],
          ['PARIX_RETRY_FOR', 'how long calls without a response are sent again, such as 90 or 10m; 60 s when not set'],
          ['PARIX_RETRY_DELAY', 'the first pause between two such tries; it doubles each time'],
          ['PARIX_ANSWER_TIMEOUT', 'how long one try of a write waits for its response'],
        ],
      },
      {
        heading: 'DIRECTORIES',
        rows: [
          ['PARIX_CONFIG_DIR', 'settings and sessions; else $XDG_CONFIG_HOME/parix, else ~/.config/parix'],
          ['PARIX_DATA_DIR', 'plugins and the local service; else $XDG_DATA_HOME/parix, else ~/.local/share/parix'],
          [
            'PARIX_STATE_DIR',
            'the outbox, imports and the history; else $XDG_STATE_HOME/parix, else ~/.local/state/parix',
          ],
          ['PARIX_CACHE_DIR', 'what can be recreated; else $XDG_CACHE_HOME/parix, else ~/.cache/parix'],
        ],
      },
      {
        heading: 'OUTPUT',
        rows: [
          ['NO_COLOR', 'no colour, whatever it holds'],
          ['FORCE_COLOR', 'colour even where the output is not a terminal'],
          ['TERM=dumb', 'no colour and nothing that moves'],
          ['CI', 'never ask a question'],
        ],
      },
      {
        heading: 'THE PROGRAM ITSELF',
        rows: [
          ['PARIX_NO_PLUGINS', 'do not load installed plugins, to find out whether one of them is at fault'],
          ['PARIX_NO_CODE_CACHE', 'start without the cache of compiled code'],
          ['PARIX_NPM_REGISTRY', 'the registry that plugins are installed from'],
        ],
      },
    ],
  },
  {
    name: 'exit-codes',
    summary: 'what the exit code of a command says',
    intro:
      'The same with and without --json. With --json the error object on stdout carries the code as exitCode, and a name for it.',
    parts: [
      {
        heading: 'CODES',
        rows: EXIT_CODE_MEANINGS.map(([code, meaning]) => [String(code), meaning]),
      },
      {
        heading: 'IN A SCRIPT',
        text: 'Repeat a command that ended with 75 exactly as it was: ids are kept, so money never moves twice. Never repeat one that ended with 6 without reading why.',
      },
    ],
  },
  {
    name: 'formatting',
    summary: 'how output looks, and how scripts read it',
    intro: 'The result goes to stdout; everything else, from notes to questions to errors, goes to stderr.',
    parts: [
      {
        heading: 'JSON',
        text: 'Every command takes --json and then prints one JSON document on stdout; queries with --all print one per row, as the rows arrive. When it fails, that is one object: {"error": {"code", "exitCode", "message", …, "next"}}. Keys are added over time, never taken away. Ids and amounts have up to 128 bits and are strings: no JSON reader rounds them. Times are UTC, as in 2026-01-02T03:04:05.000Z.',
      },
      {
        heading: 'TABLES',
        text: 'In a terminal, rows that are wider than it become blocks, so that an id is never cut. In a pipe nothing is cut or wrapped, and no colour or other escape is written.',
      },
      {
        heading: 'EXAMPLES',
        rows: [
          ['parix commands --json', 'every command, with its flags, for scripts and agents'],
          ["parix database list --json | jq -r '.databases[].name'", 'names alone'],
        ],
      },
    ],
  },
]

/** A guide as help text. */
export function guideText({summary, intro, parts}: Guide, look: Look): string {
  const lines = [
    look.paint('bold', summary),
    '',
    ...wrap(intro, look.width),
    '',
    ...parts.flatMap(({heading, rows = [], text}) =>
      section(
        heading,
        [...(text === undefined ? [] : wrap(text, look.width - 2)), ...(rows.length > 0 ? twoColumns(rows, look) : [])],
        look,
      ),
    ),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}
