import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
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
})
