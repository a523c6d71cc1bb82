import {expect} from 'chai'
import {deferred} from '../src/deferred.js'

describe('a promise that others settle', () => {
  it('has the first value that it is given', async () => {
    const {promise, resolve, reject} = deferred<number>()
    resolve(1)
    resolve(2)
    reject(new Error('too late'))
    expect(await promise).to.equal(1)
  })

  it('or the first reason', async () => {
    const {promise, resolve, reject} = deferred()
    const reason = new Error('it is over')
    reject(reason)
    resolve()
    expect(await promise.catch((error: unknown) => error)).to.equal(reason)
  })
})
