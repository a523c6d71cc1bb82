import {userInfo} from 'node:os'
import {join} from 'node:path'
import {
  cacheDirectory,
  configDirectory,
  currentDirectory,
  dataDirectory,
  type Environment,
  homeDirectory,
  isChosen,
  stateDirectory,
} from '@parix/files/paths'
import {bundleScript, run, withHome} from '@parix/testkit'
import {expect} from 'chai'

const KINDS = {CONFIG: configDirectory, DATA: dataDirectory, STATE: stateDirectory, CACHE: cacheDirectory}
const UNDER_HOME: Record<string, string> = {
  CONFIG: '.config/parix',
  DATA: '.local/share/parix',
  STATE: '.local/state/parix',
  CACHE: process.platform === 'darwin' ? 'Library/Caches/parix' : '.cache/parix',
}

describe('paths', () => {
  for (const [kind, directory] of Object.entries(KINDS)) {
    const [own, xdg] = [`PARIX_${kind}_DIR`, `XDG_${kind}_HOME`]

    it(`${own}, else ${xdg}/parix, else a directory under HOME`, () => {
      const all: Environment = {[own]: '/a', [xdg]: '/b', HOME: '/c'}
      expect(directory(all)).to.equal('/a')
      expect(directory({...all, [own]: ''})).to.equal(join('/b', 'parix'))
      expect(directory({...all, [own]: undefined, [xdg]: ''})).to.equal(join('/c', UNDER_HOME[kind]!))
      expect(directory({HOME: '/c'})).to.equal(join('/c', UNDER_HOME[kind]!))
    })

    it(`a relative ${own} is refused`, () => {
      for (const value of ['a', './a', '../a', '~/a', 'a/b']) {
        expect(() => directory({[own]: value, HOME: '/c'}))
          .to.throw(`${own} must be an absolute path, not "${value}".`)
          .with.property('code', 'relative_path')
      }
    })

    it(`a relative ${xdg} is ignored, as XDG requires`, () => {
      expect(directory({[xdg]: 'a', HOME: '/c'})).to.equal(join('/c', UNDER_HOME[kind]!))
    })

    it(`${own} and ${xdg} are choices, HOME is not`, () => {
      const name = kind as 'CONFIG'
      expect([{[own]: '/a'}, {[xdg]: '/a'}, {HOME: '/a'}].map((one) => isChosen(name, one))).to.deep.equal([
        true,
        true,
        false,
      ])
    })
  }

  it('kinds do not share a variable', () => {
    const environment = {PARIX_CONFIG_DIR: '/a', XDG_DATA_HOME: '/b', HOME: '/c'}
    expect(configDirectory(environment)).to.equal('/a')
    expect(dataDirectory(environment)).to.equal(join('/b', 'parix'))
    expect(stateDirectory(environment)).to.equal(join('/c', '.local/state/parix'))
  })

  it('without HOME, or with a relative one, the home is what the system says', () => {
    for (const environment of [{}, {HOME: ''}, {HOME: 'relative'}]) {
      expect(homeDirectory(environment)).to.equal(userInfo().homedir)
    }
    expect(homeDirectory({USERPROFILE: '/c'})).to.equal('/c')
  })

  describe('in a process', () => {
    const print = async (env: Record<string, string>, words: string[] = []) => {
      const script = await bundleScript(new URL('scripts/print-paths.ts', import.meta.url))
      try {
        return await run(process.execPath, [script.path, ...words], {env: {PATH: process.env.PATH ?? '', ...env}})
      } finally {
        script.remove()
      }
    }
    const asRoot = process.geteuid?.() === 0 ? it : it.skip

    asRoot('a user without a passwd entry and without HOME gets words, not uv_os_get_passwd', async () => {
      const {stdout} = await print({}, ['12345'])
      const {config, state, cache} = JSON.parse(stdout)
      expect(config).to.match(/^There is no home directory: HOME is not set, and user 12345 \(ENOENT|^There is no home/)
      expect(config).to.not.contain('uv_os_get_passwd')
      expect([state, cache]).to.deep.equal(['none', 'none'])
    })

    it('a current directory that was removed is an error in words', async () =>
      withHome(async (home) => {
        const {stdout} = await print({HOME: home.path}, ['', home.path])
        expect(JSON.parse(stdout).cwd).to.equal('The current directory no longer exists (ENOENT).')
      }))
  })

  it('the current directory', () => {
    expect(currentDirectory()).to.equal(process.cwd())
  })
})
