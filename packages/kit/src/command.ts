import {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type {Input, ParserOutput} from '@oclif/core/interfaces'
import type {Api} from './api/index.js'
import type {Connection} from './connection.js'
import {errorObject, type ParixError} from './errors.js'
import {stringifyJson} from './json.js'
import {createTerminal, errorText, render, type Terminal, type View} from './output/index.js'
import {endOnSignals} from './signals.js'
import {toParixError} from './usage-error.js'

export {toParixError} from './usage-error.js'

/** The flags of every command. */
export interface GlobalFlags {
  json?: boolean
  debug?: boolean
  quiet?: boolean
  'no-input'?: boolean
  'no-color'?: boolean
  'base-url'?: string | undefined
}

const GLOBAL = {helpGroup: 'GLOBAL'} as const

/**
 * What every command of parix and its plugins stands on. `run()` returns the typed result, which is what `--json` prints;
 * `show()` gives the human form of the same value. The exit code is the same with and without `--json`.
 */
export abstract class ParixCommand<Result = unknown> extends Command {
  static override enableJsonFlag = true

  static override baseFlags = {
    'base-url': Flags.string({
      ...GLOBAL,
      char: 'b',
      helpValue: 'URL',
      description:
        'the Parix service to talk to; else the one signed in at, else PARIX_BASE_URL, else https://parix.io',
    }),
    debug: Flags.boolean({...GLOBAL, description: 'tell on stderr what is sent and why something failed'}),
    json: Flags.boolean({...GLOBAL, description: 'print the result as one JSON document; an error, too'}),
    'no-color': Flags.boolean({...GLOBAL, description: 'no colour, as with NO_COLOR'}),
    'no-input': Flags.boolean({...GLOBAL, description: 'never ask; fail where an answer is needed'}),
    quiet: Flags.boolean({...GLOBAL, char: 'q', description: 'say nothing along the way'}),
  }

  /** What the user gave; before the arguments are parsed, what a look at them finds. */
  protected globalFlags: GlobalFlags | undefined
  /** Set by a command that streams one value a line: then an error, too, takes one line. */
  protected oneValueALine = false
  private realTerminal: Terminal | undefined
  private connected: Promise<Connection> | undefined

  abstract override run(): Promise<Result>

  /** The command as it is typed: `parix auth login`. */
  protected get commandName(): string {
    return `${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')}`.trim()
  }

  protected get terminal(): Terminal {
    const flags = this.globalFlags
    this.realTerminal ??= createTerminal({
      quiet: flags?.quiet === true,
      noInput: flags?.['no-input'] === true || flags?.json === true,
      noColor: flags?.['no-color'] ?? this.argv.includes('--no-color'),
    })
    return this.realTerminal
  }

  /** Shows the answer to a person, on stdout; silent with `--json`, where the result is printed instead. */
  protected show(view: View): void {
    if (this.jsonEnabled()) return
    const {paint, width} = this.terminal
    if (typeof view !== 'string' && 'rows' in view && view.rows.length === 0) this.terminal.say(view.whenEmpty)
    else this.terminal.answer(render(view, {paint: paint.stdout, width}))
  }

  /** The service in force and who we are there; the same for the whole command. Nothing is sent yet. */
  protected connection(): Promise<Connection> {
    this.connected ??= this.openConnection()
    return this.connected
  }

  /** The signed-in client of the service in force. On a terminal, a line that goes away says what is being waited for. */
  protected async api(): Promise<Api> {
    const {api} = await this.connection()
    return api
  }

  /** As if `--base-url` had named this service: for what was begun there, whichever is in force now. */
  protected connectionTo(baseUrl: string): Promise<Connection> {
    return this.openConnection(baseUrl)
  }

  private async openConnection(baseUrlFlag = this.globalFlags?.['base-url']): Promise<Connection> {
    const {connect} = await import('./connection.js')
    return connect({
      baseUrlFlag,
      environment: process.env,
      userAgent: this.userAgent,
      terminal: this.terminal,
      debug: (line) => this.debugLine(line),
    })
  }

  protected get userAgent(): string {
    return `parix/${this.config.version}`
  }

  /** A line on stderr with `--debug`. Callers never pass a credential. */
  protected debugLine(line: string): void {
    if (this.globalFlags?.debug === true) this.terminal.warn(`debug: ${line}`)
  }

  override async init(): Promise<void> {
    await super.init()
    endOnSignals()
  }

  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: Input<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    // oclif warns, in development, of a command that didn't parse; one whose arguments are wrong did.
    this.parsed = true
    neverFromStdin(options?.args ?? this.ctor.args)
    const result = await super.parse(options, argv)
    this.globalFlags = result.flags as GlobalFlags
    this.realTerminal = undefined
    return result
  }

  /** oclif looks for `--json` anywhere in argv; once parsed, only the flag counts, not a value that looks like it. */
  override jsonEnabled(): boolean {
    return this.globalFlags === undefined ? super.jsonEnabled() : this.globalFlags.json === true
  }

  /** oclif calls it when `run()` is over, where nothing catches what it throws. */
  override logJson(json: unknown): void {
    try {
      this.terminal.answer(`${stringifyJson(json)}\n`)
    } catch (thrown) {
      const error = toParixError(thrown, this.commandName)
      process.exitCode = error.exitCode
      this.terminal.warn(errorText(error, this.terminal.paint.stderr))
    }
  }

  /** The one place where an error becomes text or JSON, and an exit code. oclif would print it again, wrapped. */
  protected override async catch(thrown: unknown): Promise<void> {
    const error = toParixError(thrown, this.commandName)
    process.exitCode = error.exitCode
    if (!this.jsonEnabled() || !this.printedAsJson(error)) {
      this.terminal.warn(errorText(error, this.terminal.paint.stderr))
    }
    this.debugError(error)
  }

  /** `false`: stdout itself is what failed (a full disk), so the error has to be said elsewhere. */
  private printedAsJson(error: ParixError): boolean {
    try {
      this.terminal.answer(`${stringifyJson(errorObject(error), this.oneValueALine ? 0 : 2)}\n`)
      return true
    } catch {
      return false
    }
  }

  /** Stacks only: causes are never inspected, since those of OAuth hold codes and tokens (threats 8.3). */
  private debugError(error: ParixError): void {
    const debug = this.globalFlags?.debug ?? this.argv.includes('--debug')
    for (let cause: unknown = error; debug && cause instanceof Error; cause = cause.cause) {
      this.terminal.warn(`debug: ${cause.stack ?? cause.message}`)
    }
  }
}

type Values = Record<string, unknown>

/** oclif takes what is piped in for an argument that was left out: a file of transfers is no name of a database. */
function neverFromStdin(args: object): void {
  for (const arg of Object.values(args)) (arg as {ignoreStdin?: boolean}).ignoreStdin = true
}
