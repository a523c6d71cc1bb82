import {expect} from 'chai'
import {type LossyBooks, startLossyBooks} from '../../../support/left-behind.js'

describe('parix tb outbox forget', () => {
  let books: LossyBooks
  before(async () => {
    books = await startLossyBooks()
  })
  after(() => books.stop())

  it('takes it out for good, and says whose outcome stays unknown', async () => {
    const id = await books.left(8001)
    const {code, stdout} = await books.run(`tb outbox forget ${id} --confirm ${id}`)
    expect([code, stdout]).to.deep.equal([0, `Forgotten: ${id}. What became of 8001 is not known.\n`])
    expect((await books.run(`tb outbox show ${id}`)).code).to.equal(3)
  })

  it('--json names the ids; --yes asks nobody', async () => {
    const id = await books.left(8002)
    expect((await books.run(`tb outbox forget ${id} --yes --json`)).json()).to.deep.equal({
      forgotten: id,
      ids: ['8002'],
    })
  })

  it('without a confirmation, and with a wrong one, it stays, and another command may take it', async () => {
    const id = await books.left(8003)
    const unconfirmed = await books.run(`tb outbox forget ${id}`)
    expect(unconfirmed.code).to.equal(2)
    expect(unconfirmed.stderr).to.contain(`parix tb outbox forget ${id} --confirm ${id}`)
    const wrong = await books.run(`tb outbox forget ${id} --confirm other`)
    expect([wrong.code, wrong.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && text.includes('Nothing was changed.'),
    )
    const resumed = await books.run(`tb outbox resume ${id} --base-url ${books.lossyUrl} --retry-for 0`)
    expect(resumed.code, 'its answer is lost again').to.equal(75)
    expect(
      (await books.run('tb outbox list --json')).json().entries.every(({held}: {held: boolean}) => !held),
    ).to.equal(true)
  })

  it('an unknown one is not found', async () => {
    expect((await books.run('tb outbox forget x --yes')).code).to.equal(3)
  })
})
