import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, type RunResult, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {resultOf} from '../tidy/built.js'

const PACKAGE = {name: 'parix-plugin-x', version: '1.0.0', type: 'module', oclif: {commands: './commands'}}

/** What stands where a plugin should be, made in `at`: the exit code, and the sentence. */
const CASES: Record<string, {make?: (at: string) => void; path?: string; code: number; says: RegExp; link?: true}> = {
  'nothing is there': {code: 3, says: /^Error: There is no (file or )?directory \/.*\/x\.$/m},
  'nothing is at the end of a link': {make: (at) => symlinkSync('/nope', at), code: 3, says: /There is no/},
  'a link leads to itself': {
    make: (at) => symlinkSync(at, at),
    code: 1,
    says: /can't be read: too many symbolic links/,
  },
  'a parent is a file': {
    make: (at) => writeFileSync(at, ''),
    path: 'x/y',
    code: 1,
    says: /can't be read: a parent of it is not a directory/,
  },
  'the name is too long': {path: 'x'.repeat(300), code: 1, says: /can't be read: the path is too long/},
  'it is a file': {make: (at) => writeFileSync(at, ''), code: 2, says: /x is not a directory\./, link: true},
  'it is empty': {make: (at) => mkdirSync(at), code: 2, says: /There is no package\.json in \/.*\/x\./},
  ...Object.fromEntries(
    (
      [
        ['is cut off', '{"name": ', /package\.json is not JSON/],
        ['is empty', '', /package\.json is not JSON/],
        ['is null', 'null', /package\.json is not an object/],
        ['is a list', '[]', /package\.json is not an object/],
        ['has no name', '{}', /package\.json has no "name"/],
        ['has a number for a name', '{"name": 7}', /package\.json has no "name"/],
        [
          'has a name that no package may have',
          '{"name": "a\\u001b]52;c;eA==\\u0007\\nb"}',
          /is not the name of a package/,
        ],
        [
          'is of another kind of package',
          '{"name": "left-pad", "version": "1.0.0"}',
          /left-pad is not a plugin: its package\.json has no "oclif"/,
        ],
      ] as const
    ).map(([title, text, says]) => [
      `its package.json ${title}`,
      {
        make: (at: string) => {
          mkdirSync(at)
          writeFileSync(join(at, 'package.json'), text)
        },
        code: 2,
        says,
        // npm itself installs a package that is not a plugin.
        ...(title.startsWith('is of another') && {link: true as const}),
      },
    ]),
  ),
  'its package.json is a directory': {
    make: (at) => mkdirSync(join(at, 'package.json'), {recursive: true}),
    code: 1,
    says: /package\.json can't be read: it is a directory/,
  },
  'its engines are null': {
    make(at) {
      mkdirSync(join(at, 'commands'), {recursive: true})
      writeFileSync(join(at, 'package.json'), JSON.stringify({...PACKAGE, engines: null}))
    },
    code: 0,
    says: /^$/,
    link: true,
  },
}

describe('where there is no plugin', function () {
  this.timeout(60_000)
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  for (const [title, {make, path = 'x', code, says, link}] of Object.entries(CASES)) {
    it(`plugins link${link ? '' : ' and install'} end with ${code}, in words, where ${title}`, async () => {
      make?.(join(home.path, 'x'))
      for (const verb of link ? ['link'] : ['link', 'install']) {
        for (const json of [[], ['--json']]) {
          const result = await resultOf(['plugins', verb, `./${path}`, ...json], home)
          expectWords(result, code, json.length > 0)
          if (json.length === 0) expect(result.stderr).to.match(code === 0 ? /^(If it is not built|$)/ : says)
        }
      }
    })
  }

  it('a packed plugin that is linked is to be installed, and the command that does it is named', async () => {
    home.write('a b.tgz', '')
    const {stderr} = await resultOf(['plugins', 'link', './a b.tgz'], home)
    expect(stderr).to.match(/^Next: parix plugins install '\/.*\/a b\.tgz'$/m)
  })
})

function expectWords({code, stdout, stderr}: RunResult, wanted: number, json: boolean): void {
  expect(code, stdout + stderr).to.equal(wanted)
  expect(stdout + stderr).not.to.match(
    /ENOENT: |EISDIR: |ELOOP: |, (stat|open|read|scandir)\b|TypeError|Cannot read|^ {4}at /m,
  )
  expect(stdout + stderr).not.to.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
  if (json && wanted !== 0) expect(JSON.parse(stdout).error.exitCode).to.equal(wanted)
}
