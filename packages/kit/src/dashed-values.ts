import type {Input, ParserOutput} from '@oclif/core/interfaces'

/**
 * oclif cuts `--name=--json` in two and then takes the value for the next flag, where the command has one that is spelled like
 * it: a database called `--json` could not be named at all. What stands after `=`, or after a short flag without a space,
 * is a value whatever it looks like.
 */

/** No word of a command line can hold it. */
const MARK = '\u0000'

type Flags = Record<string, {type?: string; char?: string; parse?: Parse; aliases?: string[]; charAliases?: string[]}>
type Parse = (input: string, ...rest: unknown[]) => unknown

/** As `parse`, with such values as they were given. @throws what `parse` throws, in the words that were typed */
export async function parseDashed<F extends object, B extends object, A extends object>(
  options: Input<F, B, A>,
  argv: readonly string[],
  parse: (options: Input<F, B, A>, argv: string[]) => Promise<ParserOutput<F, B, A>>,
): Promise<ParserOutput<F, B, A>> {
  const flags = {...options.baseFlags, ...options.flags} as Flags
  const marked = argv.map((word, index) => (argv.slice(0, index).includes('--') ? word : markValue(flags, word)))
  if (marked.every((word, index) => word === argv[index])) return parse(options, [...argv])
  const {args, strict, enableJsonFlag} = options
  const own = {args, strict, enableJsonFlag, '--': options['--'], flags: readingMarked(options.flags)}
  const given = {...own, baseFlags: readingMarked(options.baseFlags)} as Input<F, B, A>
  try {
    const result = await parse(given, marked)
    return {...result, argv: unmarked(result.argv), raw: unmarked(result.raw)} as ParserOutput<F, B, A>
  } catch (error) {
    throw unmarkedError(error)
  }
}

function markValue(flags: Flags, word: string): string {
  const [, name = '', value = ''] = /^(--[^=]+=|-[^-]=?)(-.*)$/s.exec(word) ?? []
  if (name === '' || !takesValue(flags, name.replace(/=$/, ''))) return word
  // `-o-x` as oclif reads `-o=-x`.
  return `${name.startsWith('--') || name.endsWith('=') ? name : `${name}=`}${MARK}${value}`
}

function takesValue(flags: Flags, name: string): boolean {
  return Object.entries(flags).some(([long, {type, char, aliases = [], charAliases = []}]) => {
    const names = [long, ...aliases]
      .map((one) => `--${one}`)
      .concat([char ?? '', ...charAliases].map((one) => `-${one}`))
    return type === 'option' && names.includes(name)
  })
}

function readingMarked<T extends object | undefined>(flags: T): T {
  if (flags === undefined) return flags
  const read = ([name, flag]: [string, Flags[string]]) => {
    const {parse} = flag
    return [
      name,
      parse === undefined ? flag : {...flag, parse: ((input, ...rest) => parse(unmarked(input), ...rest)) as Parse},
    ]
  }
  return Object.fromEntries(Object.entries(flags as Flags).map(read)) as T
}

/** Without the marks, in every text of it. */
function unmarked<T>(value: T): T {
  if (typeof value === 'string') return value.replaceAll(MARK, '') as T
  if (Array.isArray(value)) return value.map(unmarked) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unmarked(part)])) as T
}

function unmarkedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  error.message = unmarked(error.message)
  const {flags, args} = error as {flags?: unknown; args?: unknown}
  if (Array.isArray(flags)) Object.assign(error, {flags: unmarked(flags)})
  if (Array.isArray(args) && args.every((arg) => typeof arg === 'string')) Object.assign(error, {args: unmarked(args)})
  return error
}
