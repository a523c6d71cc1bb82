import {expect} from 'chai'
import {suggest} from '../src/suggest.js'

const FLAGS = ['linked', 'pending', 'post_pending_transfer', 'void_pending_transfer', 'imported']

describe('suggestions', () => {
  it('finds what a typo meant: letters left out, added, replaced, swapped', () => {
    for (const typo of ['pendng', 'pendingg', 'pemding', 'pednign', 'PENDING']) {
      expect(suggest(typo, FLAGS), typo).to.deep.equal(['pending'])
    }
  })

  it('finds what was begun', () => {
    expect(suggest('post', FLAGS)).to.deep.equal(['post_pending_transfer'])
  })

  it('keeps quiet where nothing is near', () => {
    for (const word of ['banana', 'x', '', 'history']) expect(suggest(word, FLAGS), word).to.deep.equal([])
  })

  it('gives the nearest first, and not too many', () => {
    expect(suggest('book', ['boot', 'books', 'look', 'nook', 'cook'], 2)).to.deep.equal(['books', 'boot'])
  })
})
