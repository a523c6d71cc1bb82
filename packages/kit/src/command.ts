import {Command} from '@oclif/core/command'
import type {Input, ParserOutput} from '@oclif/core/interfaces'
import type {Api} from './api/index.js'
import type {Connection} from './connection.js'
import {parseDashed} from './dashed-values.js'
import {errorObject, isParixError, ParixError} from './errors.js'
import {GLOBAL_FLAGS, type GlobalFlags} from './global-flags.js'
import {stringifyJson} from './json.js'
import {type CommandParts, nextCommand, renderAgain, renderCommand} from './next-command.js'
import type {BaseUrl} from './origin.js'
import {createWriter, type FormatFlags, type ResultWriter} from './output/format.js'
import {createTerminal, render, type Terminal, type View} from './output/index.js'
import {showByPager} from './output/pager.js'
import {endOnSignals, onSignalWrite} from './signals.js'
import {toParixError} from './usage-error.js'

export type {GlobalFlags} from './global-flags.js'
export {toParixError} from './usage-error.js'

/**
 * Something that has happened at the service, which the user has to learn of whatever becomes of stdout: money that moved, a
 * database that was created. See `ParixCommand.announce`.
 */
export interface Effect {
  /** Called when the result, or the error, has been written. */
  shown?: () => void
  /** What to say on stderr where stdout could not be written (`why`): what has happened, and how to see it. */
  unshown: (why: string) => ParixError
}

/**
 * What every command of parix and its plugins stands on. `run()` returns the typed result, which is what `--json` prints;
 * `show()` gives the human form of the same value. The exit code is the same with and without `--json`.
 */
export abstract class ParixCommand<Result = unknown> extends Command {
  static override enableJsonFlag = true

  static override baseFlags = GLOBAL_FLAGS

  /** What the user gave; before the arguments are parsed, what a look at them finds. */
  protected globalFlags: GlobalFlags | undefined
  /** Set by a command that streams one value per line: then an error, too, takes one line. */
  protected oneValuePerLine = false
  private effect: Effect | undefined
  /** The result is on stdout. */
  private answered = false
  /** An error that went to stdout as JSON. */
  private failure: ParixError | undefined
  /** Writes the result in the form that `--format`, `--json`, `--fields` or `--jq` asks for; undefined for the human form. */
  protected writer: ResultWriter | undefined
  private realTerminal: Terminal | undefined
  private connected: Promise<Connection> | undefined
  /** The service that was connected to last: the one that errors and printed commands are about. */
  private service: Pick<BaseUrl, 'inPrint'> | undefined

  abstract override run(): Promise<Result>

  /** The command as it is typed: `parix auth login`. */
  protected get commandName(): string {
    return [this.config.bin, ...(this.id ?? '').split(':')].join(' ').trim()
  }

  protected get terminal(): Terminal {
    const flags = this.globalFlags
    this.realTerminal ??= createTerminal({
      quiet: flags?.quiet === true,
      noInput: flags?.['no-input'] === true || this.jsonEnabled(),
      noColor: flags?.['no-color'] ?? this.argv.includes('--no-color'),
    })
    return this.realTerminal
  }

  /** From now on, a command that can't write its result says what has happened in place of having failed. */
  protected announce(effect: Effect): void {
    this.effect = effect
  }

  /** Shows the result to a person, on stdout; silent with `--json`, where the result is printed instead. */
  protected show(view: View): void {
    if (this.jsonEnabled()) return
    const {paint, width} = this.terminal
    if (typeof view !== 'string' && 'rows' in view && view.rows.length === 0) this.terminal.say(view.whenEmpty)
    else this.print(render(view, {paint: paint.stdout, width}))
  }

  /** Writes to stdout, by the user's pager where that is a terminal that the text does not fit on. */
  private print(text: string): void {
    this.answered = true
    const refused = this.globalFlags?.['no-pager'] === true
    const paged = showByPager(text, this.terminal, {environment: process.env, refused, lines: process.stdout.rows})
    if (!paged) this.terminal.result(text)
  }

  /** The service in use and who we are there; the same for the whole command. Nothing is sent yet. */
  protected connection(): Promise<Connection> {
    this.connected ??= this.openConnection()
    return this.connected
  }

  /** The signed-in client of the service in use. On a terminal, a line that goes away says what is being waited for. */
  protected async api(): Promise<Api> {
    const {api} = await this.connection()
    return api
  }

  /** As if the flags had named this service and organization: for what was begun there, whichever is in use now. */
  protected connectionTo(baseUrl: string, organization?: string): Promise<Connection> {
    return this.openConnection(baseUrl, organization)
  }

  private async openConnection(
    baseUrlFlag = this.globalFlags?.['base-url'],
    organizationFlag = this.globalFlags?.organization,
  ): Promise<Connection> {
    const {connect} = await import('./connection.js')
    const connection = connect({
      baseUrlFlag,
      organizationFlag,
      environment: process.env,
      userAgent: this.userAgent,
      terminal: this.terminal,
      debug: (line) => this.debugLine(line),
    })
    this.service = connection.base
    return connection
  }

  /**
   * A command to continue with, as text that can be pasted: quoted, and with `--base-url` where it would go elsewhere
   * without. `this.commandText('tb post', {args: [name, id]})`
   */
  protected commandText(words: string, parts?: CommandParts): string {
    return renderCommand(nextCommand(words, parts), this.serviceInPrint)
  }

  /** This command once more, as it was given. */
  protected get again(): string {
    return renderAgain((this.id ?? '').split(':'), this.argv, this.serviceInPrint)
  }

  /** Before the connection is made there is only the flag to go by. */
  protected get serviceInPrint(): Pick<BaseUrl, 'inPrint'> | undefined {
    const {'base-url': flag, organization: organizationFlag} = this.globalFlags ?? {}
    if (this.service !== undefined || (flag === undefined && organizationFlag === undefined)) return this.service
    return {inPrint: {flag, loginFlag: flag, organizationFlag}}
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
    onSignalWrite((exitCode) => {
      if (this.answered || !this.jsonWanted()) return
      this.printedAsJson(new ParixError('INTERRUPTED', 'Interrupted.', {exitCode}))
    })
  }

  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: Input<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    // oclif warns, in development, of a command that didn't parse; one whose arguments are wrong did.
    this.parsed = true
    neverFromStdin(options?.args ?? this.ctor.args)
    const typed = argv ?? this.argv
    const given = options ?? (this.ctor as Input<F, B, A>)
    const result = await parseDashed(given, typed, (own, words) => super.parse(own, words)).finally(() => {
      this.argv = [...typed]
    })
    this.globalFlags = result.flags as GlobalFlags
    this.realTerminal = undefined
    refuseEmpty(result.raw)
    this.writer = await this.loadWriter(this.globalFlags)
    this.realTerminal = undefined
    return result
  }

  /** What writes the result. @throws ParixError USAGE where the flags contradict, or a jq expression is wrong */
  protected loadWriter(flags: FormatFlags): Promise<ResultWriter | undefined> {
    const {is, width, warn} = this.terminal
    return createWriter(flags, {terminal: is.stdout, width, warn})
  }

  /** Whether the result is printed by `logJson` (in whatever form) and `show` stays silent. */
  override jsonEnabled(): boolean {
    return this.globalFlags === undefined ? this.jsonWanted() : this.writer !== undefined
  }

  /** Whether errors, too, are JSON on stdout. oclif looks for `--json` anywhere in argv; once parsed, only the flags count. */
  private jsonWanted(): boolean {
    const flags = this.globalFlags
    if (flags !== undefined) return flags.json === true || flags.format === 'json'
    const {argv} = this
    return super.jsonEnabled() || argv.includes('--format=json') || argv[argv.indexOf('--format') + 1] === 'json'
  }

  /** oclif prints a JSON result only after `run()` and `catch()`: what was written is known here. */
  protected override async _run<T>(): Promise<T> {
    const result = await super._run<T>()
    try {
      await this.terminal.flushed()
    } catch (error) {
      this.outputFailed(error)
    }
    this.effect?.shown?.()
    return result
  }

  /** oclif calls it when `run()` is over, where nothing catches what it throws. */
  override logJson(json: unknown): void {
    try {
      this.print(this.writer?.whole(json) ?? `${stringifyJson(json)}\n`)
    } catch (thrown) {
      this.outputFailed(thrown)
    }
  }

  /** The one place where an error becomes text or JSON, and an exit code. oclif would print it again, wrapped. */
  protected override async catch(thrown: unknown): Promise<void> {
    if (isOutputError(thrown)) {
      this.outputFailed(thrown)
      return
    }
    const error = toParixError(thrown, this.commandName)
    process.exitCode = error.exitCode
    if (this.jsonWanted() && this.printedAsJson(error)) this.failure = error
    else this.terminal.showError(error, this.serviceInPrint)
    this.debugError(error)
  }

  /**
   * stdout can't be written, or nothing reads it any longer. What the command did stands: an error goes to stderr with its own
   * exit code, an effect is said there, and a mere reader that has enough (`| head`) is not a failure.
   */
  private outputFailed(thrown: unknown): void {
    const error = toParixError(thrown, this.commandName)
    const {effect, failure} = this
    const said = failure ?? effect?.unshown(error.message) ?? (error.code === 'output_closed' ? undefined : error)
    // An error that was said on stderr was shown; a result was not.
    if (failure === undefined) this.effect = undefined
    if (said === undefined) return
    process.exitCode = said.exitCode
    this.terminal.showError(said, this.serviceInPrint)
  }

  /** `false`: stdout itself is what failed (a full disk), so the error has to be said elsewhere. */
  private printedAsJson(error: ParixError): boolean {
    try {
      this.terminal.result(`${stringifyJson(errorObject(error, this.serviceInPrint), this.oneValuePerLine ? 0 : 2)}\n`)
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

function isOutputError(error: unknown): boolean {
  return isParixError(error) && (error.code === 'output_failed' || error.code === 'output_closed')
}

type Values = Record<string, unknown>

/**
 * An empty value is a shell variable that is not set. Read as if the flag had been left out, it would create an account
 * without its limit, or list everything.
 */
function refuseEmpty(raw: ParserOutput['raw']): void {
  for (const token of raw) {
    if (typeof token.input !== 'string' || token.input.trim() !== '') continue
    // Where any number of arguments is taken, those beyond the named ones have no name.
    const name = token.type === 'flag' ? `--${token.flag}` : (token.arg as string | undefined)?.toUpperCase()
    throw new ParixError('USAGE', `${name ?? 'An argument'} is empty. Give a value, or leave it out.`, {
      code: 'empty_value',
    })
  }
}

/** oclif takes what is piped in for an argument that was left out: a file of transfers is not a name of a database. */
function neverFromStdin(args: object): void {
  for (const arg of Object.values(args)) (arg as {ignoreStdin?: boolean}).ignoreStdin = true
}
