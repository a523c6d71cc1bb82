import {errnoOf, FileError, isFileError, notWritten, reasonOf} from '@parix/files/errors'
import {expect} from 'chai'

const nodeError = (code: string) => Object.assign(new Error(`${code}: raw text of Node, open '/secret'`), {code})

describe('file errors', () => {
  it('a reason is in words and keeps the errno', () => {
    expect(reasonOf(nodeError('ENOSPC'))).to.equal('the disk is full (ENOSPC)')
    expect(reasonOf(nodeError('EACCES'))).to.equal('permission denied (EACCES)')
  })

  it('an errno that has no words is given as it is, without the raw text', () => {
    expect(reasonOf(nodeError('ESTALE'))).to.equal('ESTALE')
    expect(reasonOf(new Error('plain'))).to.equal('plain')
    expect(reasonOf('thrown text')).to.equal('thrown text')
  })

  it('a failed write is wrapped once', () => {
    const error = notWritten('/a', nodeError('EROFS'))
    expect(error.message).to.equal('/a could not be written: the file system is read-only (EROFS).')
    expect(error.details).to.include({path: '/a', errno: 'EROFS'})
    expect(notWritten('/b', error)).to.equal(error)
  })

  it('is recognized by name: a plugin may bring a copy of this package', () => {
    expect(isFileError(new FileError('no_home', 'x'))).to.equal(true)
    expect(isFileError(Object.assign(new Error('x'), {name: 'FileError'}))).to.equal(true)
    expect(isFileError(new Error('x'))).to.equal(false)
    expect(isFileError({name: 'FileError'})).to.equal(false)
  })

  it('errnoOf reads only text', () => {
    expect(errnoOf(nodeError('ENOENT'))).to.equal('ENOENT')
    expect(errnoOf({code: 5})).to.equal(undefined)
    expect(errnoOf(undefined)).to.equal(undefined)
  })
})
