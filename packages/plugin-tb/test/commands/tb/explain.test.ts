import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {STATUSES} from '../../../src/results/statuses.js'
import {tb} from '../../support/tb.js'

describe('parix tb explain', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('explain: by name, by number, for one kind; says whether the id is used up', async () => {
    const {stdout} = await tb('explain exceeds_credits', {home})
    expect(stdout).to.contain('exceeds_credits (54, of transfers)').and.to.contain('used up for good')
    expect((await tb('explain 21 --json', {home})).json().results.map(({name}: {name: string}) => name)).to.deep.equal([
      'exists',
      'debit_account_not_found',
    ])
    expect((await tb('explain 21 --for account', {home})).stdout).to.match(/^exists \(21, of accounts\)/)
    expect((await tb('explain CreateTransferStatus.idAlreadyFailed', {home})).stdout).to.match(
      /^id_already_failed \(68/,
    )
    const typo = await tb('explain exceed_credit', {home})
    expect(typo.code).to.equal(2)
    expect(typo.stderr).to.contain('Did you mean exceeds_credits')
    expect((await tb('explain', {home})).stdout).to.match(/^RESULT +ACCOUNTS +TRANSFERS\n/)
  })

  it('in words says what became of the id, and what to do', async () => {
    const said = async (words: string) => (await tb(`explain ${words}`, {home})).stdout
    const text = await said('exceeds_credits')
    expect(text).to.contain('The id is used up for good').and.contain('What to do: ')
    expect(await said('linked_event_failed --for account')).to.contain('The id is free: ')
    expect(await said('exists_with_different_code --for account')).to.contain('The id is not to be had: ')
    expect(await said('exists --for account')).to.contain('The id is that of the object that is in the ledger.')
  })

  it('the table has every result once, by name, with the number that each kind has for it', async () => {
    const {stdout} = await tb('explain', {home})
    const rows = stdout
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/ +/))
    const names = rows.map(([name]) => name!)
    expect(names).to.deep.equal([...new Set(names)].toSorted())
    expect(rows.find(([name]) => name === 'exists')).to.deep.equal(['exists', '21', '46'])
    expect(rows.find(([name]) => name === 'exceeds_credits')).to.deep.equal(['exceeds_credits', '-', '54'])
    for (const [place, kind] of [
      [1, 'account'],
      [2, 'transfer'],
    ] as const)
      expect(rows.filter((row) => row[place] !== '-')).to.have.length(STATUSES[kind].length)
  })
})
