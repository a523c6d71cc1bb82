import {execFileSync} from 'node:child_process'
import {chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {bundleScript, makeHome, run, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {chooseDatabase, findProjectFile, readSettings, settingsPath, updateSettings} from '../../src/settings/index.js'
import {thrown} from '../thrown.js'

describe('settings files', () => {
  let home: TestHome
  let path: string
  beforeEach(() => {
    home = makeHome()
    path = join(home.path, '.config/parix/config.json')
  })
  afterEach(() => home.remove())
  const choose = (value: string) =>
    updateSettings(path, (settings) => {
      settings.databases = {...settings.databases, [`https://${value}`]: value}
    })

  it('PARIX_CONFIG_DIR holds the settings of the user', () => {
    expect(settingsPath('user', {PARIX_CONFIG_DIR: '/a', XDG_CONFIG_HOME: '/b', HOME: '/c'}, '/')).to.equal(
      '/a/config.json',
    )
    expect(settingsPath('user', home.environment, '/')).to.equal(path)
  })

  describe('two updates at once', () => {
    it('F5: within a process keep both', async () => {
      await Promise.all(['a', 'b', 'c', 'd'].map(choose))
      expect(Object.values(readSettings(path)!.databases!).sort()).to.deep.equal(['a', 'b', 'c', 'd'])
    })

    it('F5: of many processes keep all, and leave nothing beside the file', async () => {
      const script = await bundleScript(new URL('../scripts/choose-database.ts', import.meta.url))
      const names = Array.from({length: 8}, (_, index) => `database-${index}`)
      const results = await Promise.all(names.map((name) => run(process.execPath, [script.path, path, name])))
      script.remove()
      expect(results.map(({code, stderr}) => `${code} ${stderr}`)).to.deep.equal(names.map(() => '0 '))
      expect(Object.keys(readSettings(path)!.databases!).sort()).to.deep.equal(names)
      expect(readdirSync(dirname(path))).to.deep.equal(['config.json'])
    })
  })

  it('F15: a symbolic link stays a link, and the file it leads to is changed', async () => {
    const target = home.write('dotfiles/config.json', '{"theme":"dark"}')
    mkdirSync(dirname(path), {recursive: true})
    symlinkSync(target, path)
    await choose('books')
    expect(lstatSync(path).isSymbolicLink()).to.equal(true)
    expect(JSON.parse(readFileSync(target, 'utf8'))).to.deep.equal({
      theme: 'dark',
      databases: {'https://books': 'books'},
    })
    expect(readdirSync(dirname(target))).to.deep.equal(['config.json'])
  })

  describe('what can not be read is never taken for empty', () => {
    const cases: [string, (file: string) => void, RegExp][] = [
      ['damaged', (file) => writeFileSync(file, '{"databases":'), /is not valid JSON/],
      ['empty', (file) => writeFileSync(file, ''), /is not valid JSON/],
      ['another type', (file) => writeFileSync(file, '[]'), /must hold a JSON object/],
      [
        'a newer version',
        (file) => writeFileSync(file, '{"version":2,"databases":{"x":1}}'),
        /newer parix \(version 2\)/,
      ],
      ['not UTF-8', (file) => writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d])), /is not UTF-8/],
      ['a FIFO', (file) => execFileSync('mkfifo', [file]), /is a named pipe, not a file/],
      ['a directory', (file) => mkdirSync(file), /is a directory, not a file/],
      [
        'a symbolic link to nothing',
        (file) => symlinkSync('/nowhere', file),
        /symbolic link to a file that does not exist/,
      ],
      [
        'writable by everybody',
        (file) => {
          writeFileSync(file, '{}')
          chmodSync(file, 0o666)
        },
        /Other users can write to/,
      ],
    ]
    for (const [what, make, message] of cases) {
      it(`${what}: an error in words for reading and writing, and nothing is overwritten`, async () => {
        mkdirSync(dirname(path), {recursive: true, mode: 0o700})
        make(path)
        const before = lstatSync(path)
        for (const error of [await thrown(() => readSettings(path)), await thrown(choose('books'))]) {
          expect(error.kind).to.equal('BAD_INPUT')
          expect(error.message).to.match(message)
          expect(error.message).to.contain(path)
        }
        const {ino, size, mtimeMs} = lstatSync(path)
        expect({ino, size, mtimeMs}).to.deep.equal({ino: before.ino, size: before.size, mtimeMs: before.mtimeMs})
      })

      it(`${what} in a project: the user's default is not used instead`, async () => {
        const file = join(home.path, 'work', '.parix.json')
        mkdirSync(dirname(file))
        make(file)
        home.write('.config/parix/config.json', {database: 'other'})
        const question = {origin: 'https://parix.io', environment: home.environment, cwd: join(home.path, 'work')}
        expect((await thrown(() => chooseDatabase(question))).message).to.match(message)
      })
    }

    const asRoot = process.geteuid?.() === 0 ? it : it.skip
    asRoot('a directory of root’s: permission denied, with the chown, not "no default"', async () => {
      home.write('.config/parix/config.json', {database: 'books'})
      chmodSync(home.path, 0o755)
      chmodSync(join(home.path, '.config'), 0o755)
      const script = await bundleScript(new URL('../scripts/read-settings-as-nobody.ts', import.meta.url))
      const {stdout} = await run(process.execPath, [script.path, path])
      script.remove()
      expect(JSON.parse(stdout)).to.include({kind: 'BAD_INPUT'})
      expect(JSON.parse(stdout).message).to.contain('permission denied (EACCES)')
      expect(JSON.parse(stdout).next).to.match(/^sudo chown -R \S+ \//)
    })
  })

  it('F16: a path with a space is quoted in the next step', async () => {
    const spaced = home.write('sp ace/config.json', '{}')
    chmodSync(spaced, 0o666)
    expect((await thrown(() => readSettings(spaced))).details.next).to.equal(`chmod o-w '${spaced}'`)
  })

  it('a disk that refuses is an error in words, and the settings stay as they were', async () => {
    home.write('.config/parix/config.json', '{"database":"books"}')
    const disk = await bundleScript(new URL('../scripts/refusing-disk.ts', import.meta.url))
    const script = await bundleScript(new URL('../scripts/choose-database.ts', import.meta.url))
    for (const [errno, words] of [
      ['ENOSPC', 'the disk is full'],
      ['EROFS', 'the file system is read-only'],
    ] as const) {
      const result = await run(process.execPath, ['--import', disk.path, script.path, path, 'other'], {
        env: {PATH: process.env.PATH, DISK: dirname(path), DISK_ERRNO: errno},
      })
      expect(result.code).to.equal(1)
      expect(result.stderr).to.include(`could not be written: ${words} (${errno}).`)
      expect(readFileSync(path, 'utf8')).to.equal('{"database":"books"}')
      expect(readdirSync(dirname(path))).to.deep.equal(['config.json'])
    }
    disk.remove()
    script.remove()
  })

  it('the nearest project file is found from below, and without one there is none', () => {
    const file = home.write('work/.parix.json', '{}')
    mkdirSync(join(home.path, 'work/a/b'), {recursive: true})
    expect(findProjectFile(join(home.path, 'work/a/b'))).to.equal(file)
    rmSync(file)
    expect(findProjectFile(join(home.path, 'work/a/b'))).to.equal(undefined)
  })
})
