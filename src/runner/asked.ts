/** `parix __complete WORD…` is what the completion scripts of shells ask. */
export function asksForCompletion([first]: string[]): boolean {
  return first === '__complete'
}

/** No words at all, or `-h` or `--help` before any `--`. */
export function asksForHelp(argv: string[]): boolean {
  if (argv.length === 0) return true
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).some((word) => word === '--help' || word === '-h')
}
