import {expect} from 'chai'
import {useApi} from '../support/api.js'

describe('GET /databases', () => {
  const api = useApi()
  const names = async (query: string) => {
    const {status, json} = await api.call('GET', `/databases${query}`)
    expect(status).to.equal(200)
    return json.databases.map(({name}: {name: string}) => name)
  }

  before(async () => {
    expect((await api.call('GET', '/databases')).json).to.deep.equal({ok: true, databases: []})
    for (const name of ['payroll', 'Books', 'books-2', '100%_sure', 'Ümlaut']) await api.makeDatabase(name)
  })

  it('has all members of a row', async () => {
    const {json} = await api.call('GET', '/databases?search=payroll')
    const [row] = json.databases
    expect(json).to.deep.equal({
      ok: true,
      databases: [
        {
          id: row.id,
          name: 'payroll',
          provider: 'gcp',
          region: 'us-central1',
          status: 'READY',
          ledgerId: row.ledgerId,
          createdAt: row.createdAt,
          updatedAt: row.updatedAt,
        },
      ],
    })
    const {json: info} = await api.call('GET', `/databases/${row.id}`)
    expect(row.ledgerId)
      .to.match(/^[0-9a-f]{32}$/)
      .and.equal(info.ledgerId)
  })

  it('is sorted by name', async () => {
    expect(await names('')).to.deep.equal(['100%_sure', 'Books', 'books-2', 'payroll', 'Ümlaut'])
  })

  it('searches for a part of the name in either case, taking no character for a wildcard', async () => {
    expect(await names('?search=BOOK')).to.deep.equal(['Books', 'books-2'])
    expect(await names('?search=%25_')).to.deep.equal(['100%_sure'])
    expect(await names(`?search=${encodeURIComponent('ÜML')}`)).to.deep.equal(['Ümlaut'])
    expect(await names('?search=_')).to.deep.equal(['100%_sure'])
    expect(await names('?search=%27%20OR%201=1--')).to.deep.equal([])
  })

  it('stops at the limit', async () => {
    expect(await names('?limit=1')).to.deep.equal(['100%_sure'])
    expect(await names('?search=book&limit=1')).to.deep.equal(['Books'])
    expect(await names('?limit=1000')).to.have.length(5)
  })

  it('gives the rows after an offset, and says how many there are in all', async () => {
    expect(await names('?offset=3')).to.deep.equal(['payroll', 'Ümlaut'])
    expect(await names('?offset=1&limit=1')).to.deep.equal(['Books'])
    expect(await names('?offset=9')).to.deep.equal([])
    const {headers} = await api.call('GET', '/databases?search=book&limit=1')
    expect(headers.get('x-total-count')).to.equal('2')
    expect((await api.call('GET', '/databases?offset=-1')).status).to.equal(422)
  })

  it('422 for a limit that is not valid', async () => {
    for (const limit of ['0', '-1', '1001', 'abc', '1.5', '']) {
      const {status, json} = await api.call('GET', `/databases?limit=${limit}`)
      expect([limit, status, Object.keys(json.fieldErrors ?? {})]).to.deep.equal([limit, 422, ['limit']])
    }
  })
})
