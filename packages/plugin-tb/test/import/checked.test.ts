import {appendFileSync, existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {assertUnordered, digestOfFile, noteCheck} from '../../src/import/checked.js'
import {atEachFileCall, CHANGES} from '../support/failing-disk.js'
import {refusalOf} from '../support/refusal.js'

describe('what --check records for --unordered', () => {
  let home: TestHome
  let file: string
  let job: string
  beforeEach(() => {
    home = makeHome()
    file = home.write('f.csv', 'id\n1\n')
    job = join(home.path, 'import', 'job')
  })
  afterEach(() => home.remove())

  const unordered = () => assertUnordered(job, 'f.csv', file)
  const code = async () => (await refusalOf(unordered)).code

  it('a file that was not checked may not be sent in any order', async () => {
    const error = await refusalOf(unordered)
    expect(error).to.include({kind: 'USAGE', code: 'not_checked'})
    expect(error.message).to.contain('Nothing was sent.')
  })

  it('one that was checked, and in which the order does not matter, may', async () => {
    await noteCheck(job, file, undefined)
    await unordered()
  })

  it('one in which the order matters may not, and is told why', async () => {
    await noteCheck(job, file, 'line 7 has linked')
    const error = await refusalOf(unordered)
    expect(error).to.include({kind: 'USAGE', code: 'order_matters'})
    expect(error.message).to.contain('line 7 has linked')
  })

  it('a file that has changed since is not the one that was checked: longer, shorter, or other bytes of the same length', async () => {
    await noteCheck(job, file, undefined)
    appendFileSync(file, '2\n')
    expect(await code()).to.equal('not_checked')
    writeFileSync(file, 'id\n')
    expect(await code()).to.equal('not_checked')
    writeFileSync(file, 'id\n2\n')
    expect(await code()).to.equal('not_checked')
    writeFileSync(file, 'id\n1\n')
    await unordered()
  })

  it('the last check counts', async () => {
    await noteCheck(job, file, undefined)
    await noteCheck(job, file, 'line 2 has pending')
    expect(await code()).to.equal('order_matters')
    await noteCheck(job, file, undefined)
    await unordered()
  })

  it('where it can not be written down, what was noted before stays whole', async () => {
    await noteCheck(job, file, 'line 2 has pending')
    const before = readFileSync(join(job, 'checked.json'), 'utf8')
    const failed = await atEachFileCall(
      () => job,
      {calls: CHANGES, code: 'EIO', half: true},
      () => noteCheck(job, file, undefined),
      ({error, call}) => {
        // A directory that can't be synced is not a reason to fail: the file itself is.
        if (error === undefined) return
        expect(readFileSync(join(job, 'checked.json'), 'utf8'), call).to.equal(before)
      },
    )
    expect(failed).to.be.greaterThan(2)
  })

  it('the digest is that of the bytes, in a file of any size', async () => {
    writeFileSync(file, '')
    expect(await digestOfFile(file)).to.equal('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    writeFileSync(file, Buffer.alloc(3_000_001, 7))
    const first = await digestOfFile(file)
    writeFileSync(file, Buffer.concat([Buffer.alloc(3_000_000, 7), Buffer.from([8])]))
    expect(await digestOfFile(file)).to.not.equal(first)
    expect(existsSync(file)).to.equal(true)
  })
})
