import {fstatSync, statSync} from 'node:fs'
import {drawFirstLine, LARGE_FILE_BYTES} from '@parix/kit/first-line'
import {beforeDoubleDash} from '@parix/kit/shell-words'

/** The commands that read a file of any size before anything else, and where its name is on their command line. */
const READERS: Readonly<Record<string, 'flag' | 'argument'>> = {
  'tb.create-accounts': 'flag',
  'tb.create-transfers': 'flag',
  'tb.import.accounts': 'argument',
  'tb.import.transfers': 'argument',
}

/** `tb import transfers` */
const IMPORT_WORDS = 3

/**
 * Says on a terminal that a large file is being read, before the command is loaded: until then twice as much time passes as Node
 * needs to start. Whatever is written next takes the line off.
 *
 * @param command its id, with dots
 * @param argv without node and the script
 * @param isTerminal asked last, as the module that knows takes time to load
 */
export function sayLargeFile(command: string, argv: readonly string[], isTerminal: (file: number) => boolean): void {
  const reader = READERS[command]
  if (reader === undefined) return
  const words = beforeDoubleDash(argv)
  if (words.includes('--quiet') || words.includes('-q')) return
  const names = reader === 'flag' ? fileFlag(words) : words.filter((word) => !word.startsWith('-')).slice(IMPORT_WORDS)
  const large = names.map((name) => ({name, bytes: bytesOf(name)})).find(({bytes}) => bytes >= LARGE_FILE_BYTES)
  if (large === undefined || !isCharacterDevice(2) || !isTerminal(2)) return
  drawFirstLine(large.name, large.bytes, {refused: words.includes('--no-color'), environment: process.env})
}

function fileFlag(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    if (word.startsWith('--file=')) return [word.slice('--file='.length)]
    return word === '--file' ? words.slice(index + 1, index + 2) : []
  })
}

/** Of a file as it is on a disk: 0 for all else. */
function bytesOf(path: string): number {
  try {
    const found = statSync(path, {throwIfNoEntry: false})
    return found?.isFile() ? found.size : 0
  } catch {
    // The command says what is wrong with it.
    return 0
  }
}

function isCharacterDevice(file: number): boolean {
  try {
    return fstatSync(file).isCharacterDevice()
  } catch {
    return false
  }
}
