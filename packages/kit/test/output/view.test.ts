import {render, type Table} from '@parix/kit/output'
import {expect} from 'chai'

const books: Table = {
  columns: ['NAME', {name: 'BALANCE', align: 'right'}, 'ID'],
  rows: [
    ['books', 2n ** 128n - 1n, 'db_1'],
    ['帳簿', 5, 'db_2'],
  ],
  whenEmpty: 'No databases yet.',
}

describe('render', () => {
  it('sets columns in line, numbers flush right, wide characters counted as two', () => {
    expect(render(books).split('\n')).to.deep.equal([
      'NAME                                   BALANCE  ID',
      'books  340282366920938463463374607431768211455  db_1',
      '帳簿                                         5  db_2',
      '',
    ])
  })

  it('never cuts a cell: where the terminal is too narrow, each row becomes a block', () => {
    expect(render(books, {width: 40})).to.equal(
      `name     books\nbalance  ${2n ** 128n - 1n}\nid       db_1\n\nname     帳簿\nbalance  5\nid       db_2\n`,
    )
  })

  it('threat 7.9: escapes control, bidirectional and invisible characters of cells', () => {
    const evil = '\u001b]52;c;x\u0007\u202e\u200b\ud83d\ude00\nnext'
    const text = render({details: [['name', evil]]})
    expect(text).to.equal('name  \\u001b]52;c;x\\u0007\\u202e\\u200b\ud83d\ude00\\nnext\n')
  })

  it('leaves empty properties out and shows empty cells as a dash', () => {
    expect(
      render({
        details: [
          ['name', 'books'],
          ['region', null],
          ['size', undefined],
        ],
      }),
    ).to.equal('name  books\n')
    expect(render({columns: ['A', 'B'], rows: [['', null]], whenEmpty: ''})).to.equal('A  B\n-  -\n')
  })
})
