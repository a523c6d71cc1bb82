import {cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunResult, run} from '@parix/testkit'
import {expect} from 'chai'
import {packPlugin} from '../../scripts/pack/plugin.js'
import {REPOSITORY} from './installed.js'
import {type Registry, startRegistry} from './registry.js'

/** What each public door offers at least. Taking a name away is a breaking change: it needs a new major version. */
const DOORS: Record<string, string[]> = {
  command: ['ParixCommand'],
  errors: ['EXIT_CODES', 'ParixError', 'errorObject', 'isParixError'],
  json: ['parseJson', 'stringifyJson'],
  integers: ['UINT128_MAX', 'UINT64_MAX', 'parseUint'],
  text: ['clean', 'cleanLine', 'suggest'],
  output: ['createTerminal', 'render'],
  databases: ['resolveDatabase'],
  api: ['problemError'],
  contract: ['DEFAULT_BASE_URL', 'OPERATIONS', 'PATHS'],
}

describe('the kit, packed and installed in a directory outside the repository', function () {
  this.timeout(240_000)
  let directory: string
  let registry: Registry

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'parix-kit-'))
    registry = await startRegistry(join(REPOSITORY, 'node_modules'))
    registry.publish(
      await packPlugin({directory: join(REPOSITORY, 'packages/files'), out: directory, selfContained: false}),
    )
    registry.publish(
      await packPlugin({directory: join(REPOSITORY, 'packages/kit'), out: directory, selfContained: false}),
    )
    cpSync(join(REPOSITORY, 'examples/plugin-hello/tsconfig.json'), join(directory, 'tsconfig.json'))
    cpSync(join(REPOSITORY, 'examples/plugin-hello/package.json'), join(directory, 'package.json'))
    const {code, stderr} = await inDirectory('npm', ['install', '--no-audit', '--no-fund'])
    expect(code, stderr).to.equal(0)
  })
  after(async () => {
    await registry.stop()
    rmSync(directory, {recursive: true, force: true})
  })

  const inDirectory = (program: string, words: string[]): Promise<RunResult> =>
    run(program, words, {
      cwd: directory,
      env: {PATH: process.env.PATH, HOME: directory, npm_config_registry: registry.url},
      timeoutMs: 180_000,
    })

  for (const [door, names] of Object.entries(DOORS)) {
    it(`@parix/kit/${door} offers ${names.join(', ')}`, async () => {
      const script = `import * as door from '@parix/kit/${door}'; console.log(JSON.stringify(Object.keys(door)))`
      const {stdout, stderr, code} = await inDirectory(process.execPath, ['--input-type=module', '-e', script])
      expect(code, stderr).to.equal(0)
      expect(JSON.parse(stdout)).to.include.members(names)
    })
  }

  it('docs/plugins.md names these doors', () => {
    const text = readFileSync(join(REPOSITORY, 'docs/plugins.md'), 'utf8')
    const documented = [...text.matchAll(/^\| `@parix\/kit\/([a-z-]+)`/gm)].map(([, door]) => door)
    expect(documented.sort()).to.deep.equal(Object.keys(DOORS).sort())
  })

  it('the command in docs/plugins.md compiles against it, with its types', async () => {
    const text = readFileSync(join(REPOSITORY, 'docs/plugins.md'), 'utf8')
    const code = /```ts\n([^`]*)```/.exec(text)![1]!
    mkdirSync(join(directory, 'src'), {recursive: true})
    writeFileSync(join(directory, 'src', 'report.ts'), code)
    const compiled = await inDirectory(process.execPath, [
      join(directory, 'node_modules/typescript/bin/tsc'),
      '-p',
      directory,
    ])
    expect(compiled.code, compiled.stdout).to.equal(0)
  })

  it('a door that is not listed does not open', async () => {
    const script =
      "import('@parix/kit/lib/http.js').then(() => process.exit(0), (error) => { console.log(error.code); process.exit(9) })"
    const {stdout} = await inDirectory(process.execPath, ['-e', script])
    expect(stdout).to.equal('ERR_PACKAGE_PATH_NOT_EXPORTED\n')
  })
})
