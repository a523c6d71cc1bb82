import {chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {dirname, join} from 'node:path'
import {ownIdentity} from '@parix/files/process-identity'
import {makeHome, run, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {readClaim, releaseClaim, takeClaim} from '../../src/outbox/claim.js'
import type {NewEntry} from '../../src/outbox/entry.js'
import {outboxPlace} from '../../src/outbox/folder.js'
import {folderName} from '../../src/outbox/names.js'
import {isHeld, type Outbox, openOutbox} from '../../src/outbox/store.js'

const CALL: NewEntry = {
  operation: 'create_transfers',
  baseUrl: 'https://parix.io',
  origin: 'https://parix.io',
  database: {id: 'db/1', name: 'books'},
  contentKey: 'abc',
  batches: [
    {body: '[{"id":"1"}]', ids: [1n]},
    {body: '[{"id":"2"},{"id":"3"}]', ids: [2n, 3n]},
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

  it('keeps bodies byte by byte, files 0600, folders 0700', () => {
    const entry = outbox.add(CALL)
    const [found] = outbox.list().entries
    expect(found).to.deep.equal(entry)
    expect(found!.file.batches.map((batch) => outbox.body(entry, batch))).to.deep.equal(
      CALL.batches.map(({body}) => body),
    )
    expect(found!.file.batches.map(({firstId, lastId, events}) => [firstId, lastId, events])).to.deep.equal([
      ['1', '1', 1],
      ['2', '3', 2],
    ])
    for (const path of readdirSync(outbox.path, {recursive: true, encoding: 'utf8'})) {
      const stat = statSync(join(outbox.path, path))
      expect(stat.mode & 0o777, path).to.equal(stat.isDirectory() ? 0o700 : 0o600)
    }
  })

  it('threat 4.3: what others could have put there is no entry, and is said to be none', () => {
    const open = outbox.add(CALL)
    chmodSync(open.folder, 0o777)
    const mine = outbox.add(CALL)
    const {entries, unreadable} = outbox.list()
    expect(entries.map(({file}) => file.id)).to.deep.equal([mine.file.id])
    expect(unreadable.map(({folder}) => folder)).to.deep.equal([open.folder])
    expect(() => outbox.find(open.file.id)).to.throw('others may write to it')
  })

  it('threat 4.4: an entry of another user is not sent, and in an outbox of another user nothing is', function () {
    if (process.geteuid?.() !== 0) this.skip()
    const planted = outbox.add(CALL)
    chownSync(planted.folder, 4711, 4711)
    const {entries, unreadable} = outbox.list()
    expect(entries).to.deep.equal([])
    expect(unreadable.map(({folder}) => folder)).to.deep.equal([planted.folder])
    chownSync(outbox.path, 4711, 4711)
    expect(() => outbox.list()).to.throw('belongs to user 4711')
  })

  it('an entry is either whole or not there; what a crash left unfinished is no entry, and is cleared away later', () => {
    const {folder} = outbox.add(CALL)
    const parent = dirname(folder)
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

  it('a damaged entry is told, and hides no other', () => {
    const {folder} = outbox.add(CALL)
    outbox.add(CALL)
    writeFileSync(join(folder, 'entry.json'), '{"version": 99}')
    const {entries, unreadable} = outbox.list()
    expect(entries).to.have.length(1)
    expect(unreadable.map((one) => one.folder)).to.deep.equal([folder])
  })

  it('striking off twice, and writing to what another process struck off, is no fault', () => {
    const entry = outbox.add(CALL)
    outbox.strikeOff(entry)
    outbox.strikeOff(entry)
    outbox.save(entry)
    outbox.saveAnswer(entry, entry.file.batches[0]!, [])
    expect(outbox.list().entries).to.deep.equal([])
  })

  it('two databases never share a folder, whatever their names are', () => {
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
    const folders = names.map(folderName)
    expect(new Set(folders).size).to.equal(names.length)
    for (const name of folders)
      expect(name)
        .to.match(/^[A-Za-z0-9._-]{1,80}$/)
        .and.not.match(/^\.+$/)
  })

  describe('claims', () => {
    it('a new entry is claimed by this process; a second claim names the holder', () => {
      const {folder} = outbox.add(CALL)
      expect(readClaim(folder)).to.include({pid: process.pid})
      expect(takeClaim(folder)).to.include({pid: process.pid, host: hostname()})
      releaseClaim(folder)
      expect(takeClaim(folder)).to.equal('taken')
    })

    it('a dead process holds nothing, nor does one that has its number only', async () => {
      const {folder} = outbox.add(CALL)
      const {stdout} = await run(process.execPath, ['-p', 'process.pid'])
      for (const claim of [
        {pid: Number(stdout), host: hostname()},
        {...ownIdentity(), started: '1'},
      ]) {
        writeFileSync(join(folder, 'claim'), JSON.stringify({id: 'other', ...claim}))
        const isOther = process.platform === 'linux' || claim.pid !== process.pid
        expect(readClaim(folder) === undefined, JSON.stringify(claim)).to.equal(isOther)
        if (isOther) expect(takeClaim(folder)).to.equal('taken')
        releaseClaim(folder)
      }
      expect(readdirSync(folder).filter((name) => name.startsWith('claim'))).to.deep.equal([])
    })

    it('a claim that a crash left half-written holds for a moment: it may be being written', () => {
      const {folder} = outbox.add(CALL)
      const path = join(folder, 'claim')
      writeFileSync(path, '{"pid": 1')
      expect(takeClaim(folder)).to.include({pid: 0})
      utimesSync(path, Date.now() / 1000 - 6, Date.now() / 1000 - 6)
      expect(takeClaim(folder)).to.equal('taken')
    })

    it('an entry that is struck off meanwhile is gone, and was held to its end', () => {
      const entry = outbox.add(CALL)
      outbox.strikeOff(entry)
      expect(takeClaim(entry.folder)).to.equal('gone')
      expect(isHeld(entry)).to.equal(true)
    })

    it('one of another machine holds as long as it is touched', () => {
      const {folder} = outbox.add(CALL)
      writeFileSync(join(folder, 'claim'), JSON.stringify({id: 'a', pid: 1, host: 'elsewhere'}))
      expect(takeClaim(folder)).to.include({host: 'elsewhere'})
      utimesSync(join(folder, 'claim'), Date.now() / 1000 - 61, Date.now() / 1000 - 61)
      expect(takeClaim(folder)).to.equal('taken')
    })
  })
})
