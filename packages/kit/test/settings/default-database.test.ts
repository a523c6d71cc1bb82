import {chmodSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {chooseDatabase, databaseInForce, settingsPath, updateSettings} from '../../src/settings/index.js'
import {thrown} from '../thrown.js'

const ORIGIN = 'https://parix.io'

describe('the default database', () => {
  let home: TestHome
  let cwd: string
  beforeEach(() => {
    home = makeHome()
    home.write('work/deep/er/x', '')
    cwd = join(home.path, 'work/deep/er')
  })
  afterEach(() => home.remove())

  const choose = (more: {argument?: string; environment?: Record<string, string>; origin?: string} = {}) =>
    chooseDatabase({
      argument: more.argument,
      origin: more.origin ?? ORIGIN,
      environment: {...home.environment, ...more.environment},
      cwd,
    })

  it('argument > PARIX_DATABASE > project > user, each with where it came from', () => {
    expect(choose()).to.equal(undefined)
    const user = home.write('.config/parix/config.json', {databases: {[ORIGIN]: 'mine'}})
    expect(choose()).to.deep.equal({database: 'mine', source: 'user', path: user})
    const project = home.write('work/.parix.json', {database: 'ours'})
    expect(choose()).to.deep.equal({database: 'ours', source: 'project', path: project})
    const environment = {PARIX_DATABASE: ' env '}
    expect(choose({environment})).to.deep.equal({database: 'env', source: 'environment'})
    expect(choose({environment, argument: 'given'})).to.deep.equal({database: 'given', source: 'argument'})
  })

  it('a default chosen for one service is never used at another', () => {
    home.write('.config/parix/config.json', {databases: {'http://localhost:5173': 'play'}})
    expect(choose()).to.equal(undefined)
    expect(choose({origin: 'http://localhost:5173'})).to.include({database: 'play'})
  })

  it('the nearest project file counts, and the one of this service in it first', () => {
    home.write('work/.parix.json', {database: 'far'})
    home.write('work/deep/.parix.json', {database: 'near', databases: {[ORIGIN]: 'here'}})
    expect(choose()).to.include({database: 'here'})
    expect(choose({origin: 'https://dev.parix.io'})).to.include({database: 'near'})
  })

  it('threat 4.3: a file that everybody may write is not used, with the chmod: it would decide where money goes', async () => {
    const path = home.write('work/.parix.json', {database: 'theirs'})
    chmodSync(path, 0o666)
    const error = await thrown(() => choose())
    expect(error).to.include({kind: 'BAD_INPUT', code: 'bad_settings'})
    expect(error.message).to.contain('Other users can write to the file')
    expect(error.details.next).to.equal(`chmod o-w ${path}`)
    chmodSync(path, 0o664)
    expect(choose()).to.include({database: 'theirs'})
  })

  it('a damaged file is named, with what is wrong', async () => {
    for (const content of [
      '{',
      '[]',
      '{"database": 5}',
      '{"databases": {"https://parix.io": {}}}',
      '{"databases": "x"}',
    ]) {
      const path = home.write('work/.parix.json', content)
      const error = await thrown(() => choose())
      expect(error, content).to.include({kind: 'BAD_INPUT'})
      expect(error.message).to.contain(path)
    }
    expect(choose({argument: 'given'})).to.include({database: 'given'})
  })

  it('says what to do where there is none', async () => {
    const error = await thrown(() => databaseInForce({origin: ORIGIN, environment: home.environment, cwd}))
    expect(error).to.include({kind: 'USAGE', code: 'no_database'})
  })

  it('writing keeps what others wrote, the mode of the file, and leaves no temporary file or lock', async () => {
    const path = home.write('.config/parix/config.json', '{"theme": "dark", "big": 9007199254740993}')
    chmodSync(path, 0o640)
    await updateSettings(path, (settings) => {
      settings.database = 'books'
    })
    expect(readFileSync(path, 'utf8'))
      .to.match(/"theme": "dark"/)
      .and.match(/9007199254740993/)
      .and.match(/"books"/)
    expect(statSync(path).mode & 0o777).to.equal(0o640)
    expect(readdirSync(dirname(path))).to.deep.equal(['config.json'])
    expect(home.environment.XDG_CONFIG_HOME && settingsPath('user', home.environment, cwd)).to.equal(path)
    expect(settingsPath('project', home.environment, cwd)).to.equal(join(cwd, '.parix.json'))
  })

  it('a file that can not be written stays as it was', async () => {
    const path = home.write('.config/parix/config.json', '{}')
    writeFileSync(path, '[]')
    expect(await thrown(updateSettings(path, () => {}))).to.include({kind: 'BAD_INPUT'})
    expect(readFileSync(path, 'utf8')).to.equal('[]')
  })
})
