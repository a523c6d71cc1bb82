import {mkdirSync, mkdtempSync, rmSync, type Stats, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {isFileError} from '@parix/files/errors'
import {assertTrusted, assertTrustedDirectory, currentUser, distrust, ownershipFix} from '@parix/files/ownership'
import {expect} from 'chai'

const me = process.geteuid?.() ?? 0
const other = me + 1

describe('who else could have written a file', () => {
  for (const [what, owner, trust, expected] of [
    ['private', {uid: me, mode: 0o100600}, {}, undefined],
    ['readable by all', {uid: me, mode: 0o100644}, {}, undefined],
    ['writable by the group', {uid: me, mode: 0o100660}, {}, 'writable_by_others'],
    ['writable by the group, which is trusted', {uid: me, mode: 0o100660}, {group: true}, undefined],
    ['writable by all', {uid: me, mode: 0o100602}, {group: true}, 'writable_by_others'],
    ['writable by all in a sticky directory', {uid: me, mode: 0o041777}, {root: true}, 'writable_by_others'],
    ['another user’s', {uid: other, mode: 0o100600}, {root: true, group: true}, 'not_owned'],
    ['another user’s and open: the owner counts first', {uid: other, mode: 0o100666}, {}, 'not_owned'],
  ] as const) {
    it(`${what}: ${expected ?? 'nobody'}`, () => {
      expect(distrust(owner, trust)).to.equal(expected)
    })
  }

  it('root’s is trusted only where the caller says so', () => {
    const rootOwned = {uid: 0, mode: 0o100644}
    expect(distrust(rootOwned, {root: true})).to.equal(undefined)
    if (me !== 0) expect(distrust(rootOwned)).to.equal('not_owned')
  })

  describe('the error', () => {
    let directory: string
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'parix-owner-'))
    })
    afterEach(() => rmSync(directory, {recursive: true}))
    const failure = (work: () => void) => {
      try {
        work()
      } catch (error) {
        if (isFileError(error)) return error
        throw error
      }
      throw new Error('was trusted')
    }

    it('names the mode and the command that fixes it', () => {
      const path = join(directory, 'a b')
      writeFileSync(path, '')
      const stats = {...statSync(path), mode: 0o100666, isDirectory: () => false} as Stats
      const error = failure(() => assertTrusted(path, stats))
      expect(error.message).to.equal(`Other users can write to the file ${path}, so its contents can't be trusted.`)
      expect(error.details.fix).to.deep.equal(['chmod', 'go-w', path])
      expect(failure(() => assertTrusted(path, stats, {group: true})).details.fix).to.deep.equal(['chmod', 'o-w', path])
    })

    it('a directory that others can write to', () => {
      const open = join(directory, 'open')
      mkdirSync(open)
      assertTrustedDirectory(open)
      const stats = {...statSync(open), mode: 0o040777, isDirectory: () => true} as Stats
      expect(failure(() => assertTrusted(open, stats)).message).to.contain(`the directory ${open}`)
    })

    it('names both users', () => {
      const stats = {uid: other, mode: 0o100600, isDirectory: () => false} as Stats
      expect(failure(() => assertTrusted('/a', stats)).message).to.equal(
        `The file /a belongs to user ${other}, but you are ${currentUser()}.`,
      )
    })
  })

  it('what root owns is handed back by chown; what another user owns is not', () => {
    const [sudo, chown, recursive, , path] = (ownershipFix('/a', {uid: 0, mode: 0}) as {fix: string[]}).fix
    expect([sudo, chown, recursive, path]).to.deep.equal(['sudo', 'chown', '-R', '/a'])
    expect(ownershipFix('/a', {uid: 4711, mode: 0})).to.have.property('hint')
  })
})
