import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {type Api, type ApiStream, billingError, billingIn, problemError, problemText} from '@parix/kit/api'
import {ParixCommand} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'
import type {FormatFlags, ResultWriter} from '@parix/kit/format'
import {isTransportError, isWebPage, webPageSentence} from '@parix/kit/http'
import {compileJq, type JqFilter} from '@parix/kit/jq'
import {escapeControls, objectIn, parseJson, stringifyExact} from '@parix/kit/json'
import {clean, excerpt} from '@parix/kit/text'
import {assertPages, pages} from '../pages.js'
import {type WrittenRequest, writeRequest} from '../request.js'
import {beginning, collect, headText, hold, jsonDocument, keepBeginning, passOn, peek, shownJson} from '../response.js'
import {isLedgerCreate, missingPathHint} from '../target.js'

/** jq's WebAssembly takes about 20 times its input. */
const JQ_BYTES_MAX = 32 * 1024 * 1024

const BODY = {helpGroup: 'BODY'} as const
const RESPONSE = {helpGroup: 'RESPONSE'} as const

/** `--json`: the service's own document, unchanged. With `--jq` or `--paginate`: one JSON value per line. */
export default class ApiCommand extends ParixCommand<unknown> {
  static override summary = 'send any request to the Parix API, signed in'

  static override description =
    `stdout is the body alone: its exact bytes in a pipe, pretty on a terminal. The exit code follows the status; a response of 400 and above is explained on stderr and leaves stdout empty (see it whole with -i).

PATH is taken under /api/v1 of the service (databases), from the root with a leading slash (/api/v1/databases), or as a whole URL of the same service. Your credentials never go to another one.

A request without a body is a GET, one with a body a POST. Fields: -f name=books is text, -f limit=10 a number, true, false and null are themselves, and -f 'ids:=[1, 2]' is JSON as written. With -X GET they go into the query. Whole numbers beyond 2^53 are sent as text, which the API takes, so that nobody rounds them.

--paginate asks for every page and prints one row per line. Query operations of a database page by their filter's timestamps; lists page where the response has a Link header with rel="next" or an address in "next". The list of databases has one page, of "limit" rows.

--jq is jq 1.8. Numbers of any size stay as they are unless something is calculated with them: jq calculates with doubles, and parix warns when a large number came out of that. With --paginate it sees one page at a time.`

  static override examples = [
    "<%= config.bin %> <%= command.id %> databases --jq '.databases[].name'",
    '<%= config.bin %> <%= command.id %> databases -f name=books -f selectedStorageGb=10',
    '<%= config.bin %> <%= command.id %> databases/ID -X DELETE -i',
    '<%= config.bin %> <%= command.id %> databases/ID/tb/query_transfers -f ledger=1 -f limit=1000 --paginate',
    '<%= config.bin %> <%= command.id %> databases/ID/tb/create_transfers --input transfers.json',
  ]

  static override args = {
    path: Args.string({required: true, description: 'such as databases, /api/v1/session, or a URL of the service'}),
  }

  static override flags = {
    method: Flags.string({char: 'X', helpValue: 'METHOD', description: 'GET, or POST where there is a body'}),
    header: Flags.string({
      char: 'H',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: "'NAME: VALUE'",
      description: 'a header to add; authorization and x-api-key take the place of your own credential',
    }),
    data: Flags.string({
      ...BODY,
      char: 'd',
      helpValue: 'JSON',
      description: 'the body, sent as it is',
      exclusive: ['field', 'input'],
    }),
    field: Flags.string({
      ...BODY,
      char: 'f',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'KEY=VALUE',
      description: 'a member of the body, or KEY:=JSON',
      exclusive: ['input'],
    }),
    input: Flags.string({...BODY, helpValue: 'FILE', description: 'the body from a file, or - for stdin'}),
    include: Flags.boolean({
      ...RESPONSE,
      char: 'i',
      description: 'print status and headers too, and the body whatever the status',
      exclusive: ['json', 'jq', 'paginate', 'silent'],
    }),
    jq: Flags.string({...RESPONSE, helpValue: 'EXPRESSION', description: 'print what this jq expression makes of it'}),
    paginate: Flags.boolean({...RESPONSE, description: 'ask for every page; one row per line'}),
    silent: Flags.boolean({...RESPONSE, description: 'print no body', exclusive: ['json', 'jq', 'paginate']}),
  }

  /** The documents are the service's: jq must see them as they came, so this command runs it itself. */
  protected override async loadWriter(flags: FormatFlags): Promise<ResultWriter | undefined> {
    return flags.jq === undefined ? super.loadWriter(flags) : undefined
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(ApiCommand)
    this.oneValuePerLine = flags.paginate
    const filter = flags.jq === undefined ? undefined : await compileJq(flags.jq)
    const api = await this.api()
    const request = await writeRequest(api.base, args.path, flags, this.terminal)
    if (flags.paginate) {
      assertPages(request)
      await this.showPages(api, request, filter)
      return undefined
    }
    const {refusal, ...response} = await this.notDone(
      request,
      await this.notAPage(request, await this.send(api, request)),
    )
    const include = flags.include || (request.method === 'HEAD' && !flags.json && !flags.silent)
    if (include) this.terminal.result(headText(response))
    if (!isFine(response.status)) return this.refused(api, request, response, include)
    if (refusal !== undefined) {
      if (include) await passOn(response, this.terminal)
      throw refusal
    }
    if (flags.silent) for await (const _ of response.body);
    else if (filter !== undefined) {
      const body = await collect(response.body, '--jq', JQ_BYTES_MAX)
      await this.showFiltered(filter, jsonDocument(body, response.status))
    } else if (this.writer !== undefined && !this.isWholeJson) {
      return parseJson(jsonDocument(await collect(response.body, '--format'), response.status))
    } else if (this.isWholeJson) {
      this.terminal.result(`${jsonDocument(await collect(response.body, '--json'), response.status)}\n`)
    } else await passOn(response, this.terminal)
    return undefined
  }

  /** The service's own JSON, unchanged. */
  private get isWholeJson(): boolean {
    const {json, format, fields} = this.globalFlags ?? {}
    return (json === true || format === 'json') && fields === undefined
  }

  private async send(api: Api, request: WrittenRequest): Promise<ApiStream> {
    try {
      return await api.stream(request)
    } catch (error) {
      if (!isTransportError(error) || error.sent === 'no' || request.idempotent === true) throw error
      throw this.unknownOutcome(error, request)
    }
  }

  /** A proxy or a login page that answers a write with 200 has not carried it out; who reads a page by GET may want it. */
  private async notAPage(request: WrittenRequest, response: ApiStream): Promise<ApiStream> {
    if (!isFine(response.status) || isRead(request)) return response
    const {first, body} = await peek(response.body)
    if (!isWebPage({headers: response.headers, body: first})) return {...response, body}
    await body[Symbol.asyncIterator]().return?.()
    const {url, status} = response
    const message = `${url.origin} ${webPageSentence({status, body: first})}.`
    const error = new ParixError('UNAVAILABLE', message, {code: 'web_page', status})
    throw request.idempotent === true ? error : this.unknownOutcome(error, request)
  }

  /**
   * A write that is answered with 200 may say in its body that it was not carried out: the contract says so of billing, and
   * of a gateway that stores nothing. `refusal` is what it says.
   */
  private async notDone(request: WrittenRequest, response: ApiStream): Promise<ApiStream & {refusal?: ParixError}> {
    if (!isFine(response.status) || isRead(request)) return response
    const {whole, body} = await hold(response.body)
    // Its sentences reach the terminal beside the response, which alone is passed on as it is.
    const said = whole === undefined ? undefined : Buffer.from(response.conceal(whole.toString('utf8')))
    const refusal = said === undefined ? undefined : this.refusalIn(said, response.status, request)
    return {...response, body, ...(refusal && {refusal})}
  }

  private refusalIn(body: Buffer, status: number, request: WrittenRequest): ParixError | undefined {
    const said = objectIn(body)
    const billing = billingIn(said)
    if (said?.success === false && billing !== undefined) {
      const {message, details} = billingError(billing, this.again)
      return new ParixError('BILLING', message, {...details, status})
    }
    const byIds = isLedgerCreate(request.target)
    const stub = byIds && (said?.persisted === false || said?.mode === 'stub')
    if (!stub && said?.success !== false && said?.ok !== false) return undefined
    const words = said === undefined ? '' : excerpt(problemText(said), 300)
    const reason = words === '' ? '' : ` It says: ${words}`
    if (stub) {
      return new ParixError(
        'FAILED',
        `NOTHING WAS STORED: this database is a stub, with no ledger behind it.${reason}`,
        {
          code: 'not_persisted',
          status,
          retryable: false,
        },
      )
    }
    const message = `The service responded ${status}, and its body says that the ${request.method} was not carried out.${reason}`
    const error = new ParixError('FAILED', message, {code: 'not_done', status})
    return byIds ? this.unknownOutcome(error, request) : error
  }

  /** A write that was sent, and whose response does not say what became of it. */
  private unknownOutcome(error: ParixError, {method, target}: WrittenRequest): ParixError {
    const byIds = isLedgerCreate(target)
    return new ParixError('OUTCOME_UNKNOWN', `${error.message} The ${method} may have been carried out.`, {
      ...error.details,
      code: error.code,
      retryable: byIds,
      next: byIds
        ? 'Send the same body again: TigerBeetle creates each id only once.'
        : 'Look at what is there before you send it again.',
      cause: error,
    })
  }

  /** What the service says went wrong; with `-i` its own words too, on stdout as asked. */
  private async refused(api: Api, request: WrittenRequest, response: ApiStream, include: boolean): Promise<never> {
    const {body: shown, kept} = keepBeginning(response.body)
    if (include) await passOn({...response, body: shown}, this.terminal)
    const body = include ? kept() : await beginning(response.body)
    const ownCredential = 'authorization' in request.headers || 'x-api-key' in request.headers
    const error = ownCredential ? problemError({...response, body}) : api.refusal({...response, body})
    if (response.status >= 500 && response.status !== 503 && request.idempotent !== true) {
      throw this.unknownOutcome(error, request)
    }
    const hint = response.status === 404 ? missingPathHint(api.base, request.target) : undefined
    throw hint === undefined ? error : new ParixError(error.kind, error.message, {...error.details, hint})
  }

  private async showPages(api: Api, request: WrittenRequest, filter: JqFilter | undefined): Promise<void> {
    for await (const {body, rows} of pages(api, request)) {
      const goOn = filter
        ? await this.showFiltered(filter, body)
        : this.writer !== undefined && !this.isWholeJson
          ? await this.write([this.writer.part(rows)])
          : await this.write(rows.map((row) => this.line(stringifyExact(row))))
      if (!goOn) return
    }
  }

  /** As `jq -r` prints: text without its quotes, all else as JSON; with `--json`, JSON only. */
  private async showFiltered(filter: JqFilter, json: string): Promise<boolean> {
    const {outputs, said, rounded} = filter.run(json)
    if (said !== '') this.terminal.say(clean(said))
    if (rounded.length > 0) {
      this.terminal.warn(`Warning: --jq calculated ${rounded.join(', ')} in double precision: it may not be exact.`)
    }
    const isText = (output: string) => output.startsWith('"') && !this.isWholeJson
    return this.write(outputs.map((output) => (isText(output) ? this.text(JSON.parse(output)) : this.line(output))))
  }

  /** `false`: nobody reads any more. */
  private write(lines: string[]): Promise<boolean> {
    return this.terminal.resultBytes(Buffer.from(lines.join('')))
  }

  private line(json: string): string {
    if (this.terminal.is.stdout && !this.isWholeJson) return shownJson(json, this.terminal)
    return `${this.isWholeJson ? escapeControls(json) : json}\n`
  }

  private text(value: string): string {
    return `${this.terminal.is.stdout ? clean(value) : value}\n`
  }
}

function isRead({method}: WrittenRequest): boolean {
  return /^(GET|HEAD|OPTIONS)$/.test(method)
}

/** 304 answers a conditional GET as asked. */
function isFine(status: number): boolean {
  return (status >= 200 && status <= 299) || status === 304
}
