import {type SignedInParix, withParix} from '@parix/testkit'
import {expect} from 'chai'

const DATABASE = {id: 'db_1', name: 'books', createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z'}
const CREATE = 'tb create-transfers db_1 --id 1 --from 1 --to 2 --amount 1 --ledger 700 --code 1'

/** Every command that writes a file of its own after it has asked the service for much, by its words. */
const COMMANDS = [
  'tb audit db_1 --seal',
  'tb statement db_1 1 -o',
  'tb export accounts db_1 -o',
  'tb export transfers db_1 -o',
  'chart init --from db_1 --output',
  `${CREATE} --receipt`,
]
const PLACES = {directory: 'a directory', 'file/below': 'below a file'}

/** Nobody waits for an audit of an hour to read that its file has no place. */
describe('a result that can not be written', () => {
  for (const words of COMMANDS) {
    for (const [place, what] of Object.entries(PLACES)) {
      it(`is refused before the database is asked: ${words} ${place}, ${what}`, () =>
        withParix(async ({service, home, parix}: SignedInParix) => {
          service.answer('GET', /./, {json: {ok: true, databases: [DATABASE], database: DATABASE}})
          home.write('directory/kept', 'kept')
          home.write('file', 'kept')
          const {code, stdout, stderr} = await parix([...words.split(' '), place], {cwd: home.path})
          expect(code, stdout + stderr).to.be.oneOf([1, 2])
          expect(stderr).to.match(/can't be written|could not be written|is a directory|exists/)
          expect(service.requests.filter(({method}) => method === 'POST')).to.deep.equal([])
          expect([home.read('directory/kept'), home.read('file')]).to.deep.equal(['kept', 'kept'])
        }))
    }
  }

  it('the seal has a second file, of its rows', () =>
    withParix(async ({service, home, parix}) => {
      service.answer('GET', /./, {json: {ok: true, databases: [DATABASE], database: DATABASE}})
      home.write('seal.json.rows/kept', 'kept')
      const {code, stderr} = await parix('tb audit db_1 --seal seal.json', {cwd: home.path})
      expect(code, stderr).to.equal(1)
      expect(stderr).to.contain('seal.json.rows')
      expect(service.requests.filter(({method}) => method === 'POST')).to.deep.equal([])
    }))
})
