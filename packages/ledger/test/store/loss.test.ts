import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import {hostname, tmpdir} from 'node:os'
import {join} from 'node:path'
import {openLedger, StoreError} from '@parix/ledger'
import {expect} from 'chai'
import {plainAccount} from '../random-events.js'

const IS_ROOT = process.getuid?.() === 0
const IS_WINDOWS = process.platform === 'win32'
const NOBODY = 65_534

/** What can happen to a file, and how it is brought about. */
const LOSSES = {
  missing: (path: string) => rmSync(path, {recursive: true, force: true}),
  empty: (path: string) => truncateSync(path, 0),
  'cut short': (path: string) => truncateSync(path, 9),
  'a directory': (path: string) => {
    rmSync(path, {force: true})
    mkdirSync(path)
  },
  'a broken link': (path: string) => {
    rmSync(path, {recursive: true, force: true})
    symlinkSync(`${path}.elsewhere`, path)
  },
  unreadable: (path: string) => chmodSync(path, 0o000),
  "another user's": (path: string) => chownSync(path, NOBODY, NOBODY),
} as const

type Loss = keyof typeof LOSSES

/** Whether this system and user can bring the loss about, so that it means something. */
function canShow(loss: Loss): boolean {
  if (loss === 'unreadable') return !IS_ROOT && !IS_WINDOWS
  if (loss === "another user's") return IS_ROOT
  return !(IS_WINDOWS && loss === 'a broken link')
}

function canAge(loss: Loss): boolean {
  return ['empty', 'cut short', 'a broken link'].includes(loss)
}

type Outcome = 'opens' | 'CORRUPT' | 'MISSING' | 'UNUSABLE'

const CASES: {file: 'ledger.log' | 'ledger.confirmed' | 'ledger.lock'; outcomes: Record<Loss, Outcome>}[] = [
  {
    file: 'ledger.log',
    outcomes: {
      missing: 'MISSING',
      empty: 'CORRUPT',
      'cut short': 'CORRUPT',
      'a directory': 'UNUSABLE',
      'a broken link': 'MISSING',
      unreadable: 'UNUSABLE',
      "another user's": 'UNUSABLE',
    },
  },
  {
    file: 'ledger.confirmed',
    outcomes: {
      missing: 'MISSING',
      empty: 'CORRUPT',
      'cut short': 'CORRUPT',
      'a directory': 'UNUSABLE',
      'a broken link': 'MISSING',
      unreadable: 'UNUSABLE',
      "another user's": 'UNUSABLE',
    },
  },
  {
    // The lock of a process that is gone. What a power cut left of one holds nothing; what can't be read may.
    file: 'ledger.lock',
    outcomes: {
      missing: 'opens',
      empty: 'opens',
      'cut short': 'opens',
      'a directory': 'UNUSABLE',
      'a broken link': 'opens',
      unreadable: 'UNUSABLE',
      "another user's": 'opens',
    },
  },
]

/** A closed ledger with one account. */
async function withStoredLedger(test: (directory: string) => Promise<void>): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'parix-loss-'))
  const directory = join(parent, 'books')
  try {
    const ledger = await openLedger({directory})
    await ledger.createAccounts([plainAccount(1n)])
    await ledger.close()
    await test(directory)
  } finally {
    rmSync(parent, {recursive: true, force: true})
  }
}

async function outcomeOf(directory: string, create: boolean): Promise<{outcome: string; message: string}> {
  try {
    const ledger = await openLedger({directory, create})
    const found = await ledger.lookupAccounts([1n])
    await ledger.close()
    return {outcome: found.length === 1 ? 'opens' : 'opens empty', message: ''}
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return {outcome: error.code, message: error.message}
  }
}

/** Names and bytes of everything in the directory. */
function contents(directory: string): Record<string, string> {
  const names = existsSync(directory) ? readdirSync(directory).sort() : ['does not exist']
  return Object.fromEntries(
    names.map((name) => {
      const stats = lstatSync(join(directory, name), {throwIfNoEntry: false})
      const isReadable = stats?.isFile() && (IS_ROOT || (stats.mode & 0o400) !== 0)
      return [name, isReadable ? readFileSync(join(directory, name), 'hex') : String(stats?.mode)]
    }),
  )
}

describe('a ledger that lost a part', () => {
  for (const {file, outcomes} of CASES) {
    for (const [loss, outcome] of Object.entries(outcomes) as [Loss, Outcome][]) {
      const title = outcome === 'opens' ? 'opens with all it has' : `is refused as ${outcome}, and nothing is changed`
      const test = canShow(loss) ? it : it.skip
      test(`${file} is ${loss}: it ${title}`, () =>
        withStoredLedger(async (directory) => {
          if (file === 'ledger.lock') {
            const dead = {id: 'dead', pid: 2 ** 30, host: hostname(), since: ''}
            writeFileSync(join(directory, file), JSON.stringify(dead))
          }
          LOSSES[loss](join(directory, file))
          // Older than a lock that is being written at this moment.
          if (file === 'ledger.lock' && canAge(loss)) lutimesSync(join(directory, file), 0, 0)
          const before = contents(directory)
          for (const create of [true, false]) {
            const result = await outcomeOf(directory, create)
            expect(result.outcome).to.equal(outcome)
            if (outcome === 'opens') return
            expect(result.message).to.contain(join(directory, file))
            expect(contents(directory)).to.deep.equal(before)
          }
        }))
    }
  }

  const WHOLE: [string, (directory: string) => void, Outcome][] = [
    ['does not exist', (directory) => rmSync(directory, {recursive: true}), 'MISSING'],
    [
      'is empty',
      (directory) => {
        rmSync(directory, {recursive: true})
        mkdirSync(directory)
      },
      'MISSING',
    ],
    [
      'has only a lock',
      (directory) => {
        for (const name of ['ledger.log', 'ledger.confirmed']) rmSync(join(directory, name))
      },
      'MISSING',
    ],
    [
      'is a file',
      (directory) => {
        rmSync(directory, {recursive: true})
        writeFileSync(directory, '')
      },
      'UNUSABLE',
    ],
  ]
  for (const [what, damage, outcome] of WHOLE) {
    it(`a directory that is known to hold a ledger and ${what} is refused as ${outcome}, and nothing is created`, () =>
      withStoredLedger(async (directory) => {
        damage(directory)
        const before = existsSync(directory) && lstatSync(directory).isDirectory() ? contents(directory) : undefined
        const result = await outcomeOf(directory, false)
        expect(result.outcome).to.equal(outcome)
        expect(result.message).to.contain(directory)
        if (before) expect(contents(directory)).to.deep.equal(before)
        else expect(existsSync(directory)).to.equal(outcome === 'UNUSABLE')
      }))
  }

  it("another user's directory is refused", function () {
    if (!IS_ROOT) this.skip()
    return withStoredLedger(async (directory) => {
      chownSync(directory, NOBODY, NOBODY)
      const {outcome, message} = await outcomeOf(directory, true)
      expect(outcome).to.equal('UNUSABLE')
      expect(message).to.contain(`belongs to user ${NOBODY}`)
    })
  })

  it('a crash while a ledger is created leaves nothing that stops the next attempt', () =>
    withStoredLedger(async (directory) => {
      const confirmed = readFileSync(join(directory, 'ledger.confirmed'))
      const fresh = `${directory}-fresh`
      await (await openLedger({directory: fresh})).close()
      rmSync(join(fresh, 'ledger.log'))
      writeFileSync(join(fresh, 'ledger.log.new'), 'half a head')
      writeFileSync(join(fresh, 'ledger.confirmed.new'), confirmed.subarray(0, 5))
      expect((await outcomeOf(fresh, true)).outcome).to.equal('opens empty')
    }))

  it('a ledger keeps its id for as long as it exists, and a new one has another', () =>
    withStoredLedger(async (directory) => {
      const idOf = async (where: string) => {
        const ledger = await openLedger({directory: where})
        await ledger.close()
        return ledger.id
      }
      const id = await idOf(directory)
      expect(id).to.match(/^[0-9a-f]{32}$/)
      expect(await idOf(directory)).to.equal(id)
      expect(await idOf(`${directory}-other`)).to.not.equal(id)
    }))
})
