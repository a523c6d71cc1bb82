import {cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {basename, dirname} from 'node:path'
import {makeHome, type RecordingService, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, created, editEntries, entryFiles, on, rows, sent} from '../../../support/answers.js'
import {tb} from '../../../support/tb.js'

const MOVE = `create-transfers ${BOOKS} --from 1 --to 2 --amount 5 --ledger 1 --code 1`

/** What makes an entry one that this version can't read, and a word of the reason. */
const DAMAGE: Record<string, [(home: TestHome) => void, RegExp]> = {
  'of a newer version': [(home) => editEntries(home, (file) => ({...file, version: 2})), /newer parix \(version 2/],
  'of a newer version with other fields': [
    (home) => editEntries(home, () => ({version: 7, calls: []})),
    /newer parix \(version 7/,
  ],
  'of version 0': [(home) => editEntries(home, (file) => ({...file, version: 0})), /damaged: version/],
  'with a version that is text': [(home) => editEntries(home, (file) => ({...file, version: '1'})), /damaged: version/],
  'that is cut off': [(home) => editEntries(home, (file) => JSON.stringify(file).slice(0, 90)), /can't be read/],
  'that is empty': [(home) => editEntries(home, () => ''), /can't be read/],
  'that is null': [(home) => editEntries(home, () => 'null'), /damaged/],
  'without batches': [(home) => editEntries(home, (file) => ({...file, batches: []})), /damaged: batches/],
  'with a body outside of it': [
    (home) =>
      editEntries(home, (file) => ({...file, batches: [{...(file.batches as object[])[0], body: '../../x.json'}]})),
    /damaged: batches/,
  ],
  'with another operation': [
    (home) => editEntries(home, (file) => ({...file, operation: 'drop_ledger'})),
    /damaged: operation/,
  ],
  'without entry.json': [(home) => entryFiles(home).forEach((path) => void rmSync(path)), /has no entry\.json/],
  'without its request': [
    (home) => entryFiles(home).forEach((path) => void rmSync(`${dirname(path)}/request-1.json`)),
    /request-1\.json is missing/,
  ],
  'that is a link': [
    (home) => {
      for (const path of entryFiles(home)) {
        renameSync(dirname(path), `${home.path}/moved`)
        symlinkSync(`${home.path}/moved`, dirname(path))
      }
    },
    /symbolic link/,
  ],
}

describe('an outbox entry that can not be read', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  /** Leaves one call behind, whose outcome is unknown; its id. */
  async function leave(service: RecordingService, words = MOVE): Promise<string> {
    on(service, 'create_transfers', {drop: true})
    expect((await tb(words, {home, service, env: {PARIX_RETRY_FOR: '1ms'}})).code).to.equal(75)
    on(service, 'create_transfers', created('created'))
    return (await tb('outbox list --json', {home})).json().entries[0].id
  }

  for (const [title, [damage, reason]] of Object.entries(DAMAGE)) {
    it(`${title} is an error of every command that meets it, and nothing is sent or overwritten`, () =>
      withService(async (service) => {
        const id = await leave(service)
        const [path] = entryFiles(home)
        damage(home)
        const before = snapshot(path!)
        const requests = service.requests.length
        for (const words of [
          'outbox list',
          'outbox resume',
          `outbox resume ${id}`,
          `outbox show ${id}`,
          `outbox forget ${id} --confirm ${id}`,
          MOVE,
          `create-accounts ${BOOKS} --ledger 1 --code 1`,
          `post ${BOOKS} 9`,
          `void ${BOOKS} 9`,
        ]) {
          const human = await tb(words, {home, service})
          expect(human.code, words + human.stderr).to.equal(1)
          expect(human.stderr, words)
            .to.match(reason)
            .and.not.to.contain('empty')
            .and.not.to.contain('nothing to resume')
          const json = await tb(`${words} --json`, {home, service})
          expect(json.code, words).to.equal(1)
          expect(json.json().error.code, words).to.match(/^outbox_(newer_version|unreadable)$/)
        }
        expect(service.requests).to.have.length(requests)
        expect(snapshot(path!)).to.equal(before)
      }))
  }

  it("of another database, or put aside, is in nobody's way", () =>
    withService(async (service) => {
      await leave(service)
      editEntries(home, (file) => ({...file, version: 2}))
      const other = '22222222-2222-4333-8444-555555555555'
      service.answer(
        'POST',
        `/api/v1/databases/${other}/tb/create_transfers`,
        rows('create_transfers', [{index: 0, result: 'created'}], {databaseId: other}),
      )
      const elsewhere = await tb(MOVE.replace(BOOKS, other), {home, service})
      expect(elsewhere.code, elsewhere.stderr).to.equal(0)
      editEntries(home, () => 'damaged')
      const {json} = await tb('outbox list --json', {home})
      const [mv, from, to] = json().error.next[0].split(' ')
      expect(mv).to.equal('mv')
      renameSync(from, to)
      expect((await tb('outbox list', {home})).code).to.equal(0)
      expect((await tb(MOVE, {home, service})).code).to.equal(0)
    }))

  it('hides no other: what can be read is listed and resumed, and the exit code says that not all was', () =>
    withService(async (service) => {
      await leave(service)
      const [path] = entryFiles(home)
      const copy = `${dirname(dirname(path!))}/20200101-000000-aaaaaa`
      cpSync(dirname(path!), copy, {recursive: true})
      writeFileSync(`${copy}/entry.json`, '{')
      mkdirSync(`${dirname(copy)}/.ignored`)
      const id = basename(dirname(path!))
      const list = await tb('outbox list', {home})
      expect(list.code).to.equal(1)
      expect(list.stdout).to.contain(id)
      const resumed = await tb('outbox resume', {home, service})
      expect(resumed.code).to.equal(1)
      expect(resumed.stdout).to.contain('created')
      expect(resumed.stderr).to.contain('20200101-000000-aaaaaa')
      expect(sent(service, 'create_transfers').length).to.be.greaterThan(1)
    }))

  it('a request that was changed since is not sent', () =>
    withService(async (service) => {
      const id = await leave(service)
      const [path] = entryFiles(home)
      writeFileSync(`${dirname(path!)}/request-1.json`, '[{"id":"77","amount":"1"}]')
      const requests = service.requests.length
      for (const words of [`outbox resume ${id}`, `outbox show ${id}`, `outbox forget ${id} --yes`, MOVE]) {
        const {code, stderr} = await tb(words, {home, service})
        expect(code, words).to.equal(1)
        expect(stderr).to.contain('request-1.json').and.to.contain('is damaged')
      }
      expect(service.requests).to.have.length(requests)
      expect(entryFiles(home)).to.have.length(1)
    }))
})

function snapshot(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return 'gone'
  }
}
