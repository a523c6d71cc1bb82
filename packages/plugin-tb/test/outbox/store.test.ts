import {execFileSync, spawn} from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {hostname} from 'node:os'
import {dirname, join} from 'node:path'
import {ownIdentity} from '@parix/files/process-identity'
import {makeHome, run, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {directoryName, outboxPlace} from '../../src/outbox/directory.js'
import type {NewEntry} from '../../src/outbox/entry.js'
import {isHeld, isLock, lockEntry, lockPath, release} from '../../src/outbox/entry-lock.js'
import {type Outbox, openOutbox} from '../../src/outbox/store.js'

const CALL: NewEntry = {
  operation: 'create_transfers',
  baseUrl: 'https://parix.io',
  origin: 'https://parix.io',
  database: {id: 'db/1', name: 'books'},
  contentKey: 'abc',
  batches: [
    {body: '[{"id":"1"}]', records: [{id: 1n}]},
    {body: '[{"id":"2"},{"id":"3"}]', records: [{id: 2n}, {id: 3n}]},
  ],
}

describe('the outbox', () => {
  let home: TestHome
  let outbox: Outbox
  beforeEach(() => {
    home = makeHome()
    outbox = openOutbox(outboxPlace(home.environment))
  })
  afterEach(() => home.remove())

  it('keeps bodies byte by byte, files 0600, directories 0700', () => {
    const entry = outbox.add(CALL)
    const [found] = outbox.list().entries
    expect([found!.directory, found!.file]).to.deep.equal([entry.directory, entry.file])
    // What this process wrote, and what another one reads.
    for (const one of [entry, found!])
      expect(one.file.batches.map((batch) => outbox.request(one, batch))).to.deep.equal(CALL.batches)
    expect(found!.file.batches.map(({firstId, lastId, events}) => [firstId, lastId, events])).to.deep.equal([
      ['1', '1', 1],
      ['2', '3', 2],
    ])
    for (const path of readdirSync(outbox.path, {recursive: true, encoding: 'utf8'})) {
      const stat = statSync(join(outbox.path, path))
      expect(stat.mode & 0o777, path).to.equal(stat.isDirectory() ? 0o700 : 0o600)
    }
  })

  it('an entry that another process strikes off while it is read is left out, and is not an error', function () {
    if (process.platform === 'win32') this.skip()
    const {directory} = outbox.add(CALL)
    const path = join(directory, 'entry.json')
    const text = readFileSync(path, 'utf8')
    rmSync(path)
    execFileSync('mkfifo', [path])
    // Who reads entry.json gets all of it, and by then the directory has another name.
    const script = 'exec 3>"$1/entry.json"; mv "$1" "$2"; printf %s "$3" >&3'
    const other = spawn('sh', ['-c', script, 'sh', directory, join(home.path, 'gone'), text], {stdio: 'ignore'})
    other.unref()
    expect(outbox.list()).to.deep.equal({entries: [], unreadable: []})
  })

  it('threat 4.3: what others could have put there is no entry, and is said to be none', () => {
    const open = outbox.add(CALL)
    chmodSync(open.directory, 0o777)
    const mine = outbox.add(CALL)
    const {entries, unreadable} = outbox.list()
    expect(entries.map(({file}) => file.id)).to.deep.equal([mine.file.id])
    expect(unreadable.map(({directory}) => directory)).to.deep.equal([open.directory])
    expect(() => outbox.find(open.file.id)).to.throw('others may write to it')
  })

  it('threat 4.4: an entry of another user is not sent, and in an outbox of another user nothing is', function () {
    if (process.geteuid?.() !== 0) this.skip()
    const planted = outbox.add(CALL)
    chownSync(planted.directory, 4711, 4711)
    const {entries, unreadable} = outbox.list()
    expect(entries).to.deep.equal([])
    expect(unreadable.map(({directory}) => directory)).to.deep.equal([planted.directory])
    chownSync(outbox.path, 4711, 4711)
    expect(() => outbox.list()).to.throw('belongs to user 4711')
  })

  it('an entry is either whole or not there; what a crash left unfinished is not an entry, and is cleared away later', () => {
    const {directory} = outbox.add(CALL)
    const parent = dirname(directory)
    const unfinished = join(parent, '.new-20200101-000000-aaaaaa')
    mkdirSync(unfinished)
    writeFileSync(join(unfinished, 'request-1.json'), '[')
    expect(outbox.list().entries).to.have.length(1)
    outbox.add(CALL)
    expect(existsSync(unfinished)).to.equal(true)
    utimesSync(unfinished, 0, 0)
    outbox.add(CALL)
    expect(existsSync(unfinished)).to.equal(false)
    expect(outbox.list().entries).to.have.length(3)
  })

  it('a damaged entry is reported, and hides no other', () => {
    const {directory} = outbox.add(CALL)
    outbox.add(CALL)
    writeFileSync(join(directory, 'entry.json'), '{"version": 99}')
    const {entries, unreadable} = outbox.list()
    expect(entries).to.have.length(1)
    expect(unreadable.map((one) => one.directory)).to.deep.equal([directory])
  })

  it('striking off twice, and writing to what another process struck off, is not a fault', () => {
    const entry = outbox.add(CALL)
    outbox.strikeOff(entry)
    outbox.strikeOff(entry)
    outbox.save(entry)
    outbox.saveOutcomes(entry, entry.file.batches[0]!, [])
    expect(outbox.list().entries).to.deep.equal([])
  })

  it('two databases never share a directory, whatever their names are', () => {
    const names = [
      'books',
      'Books',
      'bo/oks',
      'bo_oks',
      '..',
      '.',
      '',
      'a'.repeat(300),
      `${'a'.repeat(300)}b`,
      'https://x:1',
      'ü',
    ]
    const directories = names.map(directoryName)
    expect(new Set(directories).size).to.equal(names.length)
    for (const name of directories)
      expect(name)
        .to.match(/^[A-Za-z0-9._-]{1,80}$/)
        .and.not.match(/^\.+$/)
  })

  it('outcomes count only where they are those of the request', () => {
    const entry = outbox.add(CALL)
    const [first, second] = entry.file.batches
    expect(outbox.outcomes(entry, first!)).to.equal(undefined)
    outbox.saveOutcomes(entry, first!, [{index: 0, id: '1', state: 'created', result: 'created'}])
    expect(outbox.outcomes(entry, first!)).to.have.length(1)
    for (const damaged of [
      '',
      '[',
      'null',
      '[]',
      '[{"index":0,"state":"created"}]',
      '[{"index":0,"state":"unnamed"},{"index":1}]',
    ]) {
      writeFileSync(join(entry.directory, 'outcomes-2.json'), damaged)
      expect(outbox.outcomes(entry, second!), damaged).to.equal(undefined)
    }
  })

  it('an outcome that is written when its entry is gone leaves nothing that stands in the way', () => {
    const entry = outbox.add(CALL)
    outbox.strikeOff(entry)
    mkdirSync(entry.directory)
    writeFileSync(join(entry.directory, 'outcomes-1.json'), '[]')
    expect(outbox.list()).to.deep.equal({entries: [], unreadable: []})
  })

  it('remembers which ledger a database is', () => {
    expect(outbox.ledgerOf('https://parix.io', 'db/1')).to.equal(undefined)
    outbox.add(CALL)
    outbox.noteLedger('https://parix.io', 'db/1', '7')
    expect(outbox.ledgerOf('https://parix.io', 'db/1')).to.equal('7')
    expect(outbox.ledgerOf('https://parix.io', 'db/2')).to.equal(undefined)
    expect(outbox.list().unreadable).to.deep.equal([])
  })

  describe('locks', () => {
    const holder = (more: object) =>
      JSON.stringify({
        id: 'a',
        pid: process.pid,
        host: hostname(),
        boot: '',
        namespace: '',
        started: '',
        since: '',
        ...more,
      })

    it('a new entry is locked by this process; a second lock names the holder', () => {
      const entry = outbox.add(CALL)
      expect(isHeld(entry)).to.equal(true)
      expect(lockEntry(entry.directory)).to.include({pid: process.pid, host: hostname()})
      release(entry)
      expect(isHeld(entry)).to.equal(false)
      const lock = lockEntry(entry.directory)
      expect(isLock(lock)).to.equal(true)
      if (isLock(lock)) lock.release()
    })

    it('a process that is gone holds nothing, nor does another one with its PID', async () => {
      const entry = outbox.add(CALL)
      release(entry)
      const {stdout} = await run(process.execPath, ['-p', 'process.pid'])
      const linux = process.platform === 'linux'
      for (const gone of [
        holder({pid: Number(stdout)}),
        ...(linux ? [holder({...ownIdentity(), started: '1'})] : []),
      ]) {
        writeFileSync(lockPath(entry.directory), gone)
        expect(isHeld(entry), gone).to.equal(false)
        const lock = lockEntry(entry.directory)
        expect(isLock(lock), gone).to.equal(true)
        if (isLock(lock)) lock.release()
      }
      expect(readdirSync(entry.directory).filter((name) => name.startsWith('claim'))).to.deep.equal([])
    })

    it('one that a crash left half-written holds for a moment: it may be being written', () => {
      const entry = outbox.add(CALL)
      release(entry)
      writeFileSync(lockPath(entry.directory), '{"pid": 1')
      expect(lockEntry(entry.directory)).to.include({pid: 0})
      utimesSync(lockPath(entry.directory), Date.now() / 1000 - 6, Date.now() / 1000 - 6)
      expect(isHeld(entry)).to.equal(false)
    })

    it('an entry that is struck off meanwhile is gone, and was held to its end', () => {
      const entry = outbox.add(CALL)
      outbox.strikeOff(entry)
      expect(lockEntry(entry.directory)).to.equal('gone')
      expect(isHeld(entry)).to.equal(true)
      expect(readdirSync(dirname(entry.directory))).to.deep.equal([])
    })

    it('one of another machine holds as long as it is touched', () => {
      const entry = outbox.add(CALL)
      release(entry)
      writeFileSync(lockPath(entry.directory), holder({host: 'elsewhere'}))
      expect(isHeld(entry)).to.equal(true)
      expect(lockEntry(entry.directory)).to.include({host: 'elsewhere'})
      utimesSync(lockPath(entry.directory), Date.now() / 1000 - 61, Date.now() / 1000 - 61)
      expect(isHeld(entry)).to.equal(false)
      const lock = lockEntry(entry.directory)
      expect(isLock(lock)).to.equal(true)
      if (isLock(lock)) lock.release()
    })
  })
})
