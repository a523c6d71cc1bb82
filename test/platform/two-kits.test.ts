import {cpSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expired, makeHome, type RecordedRequest, sessionFile, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {build} from 'esbuild'
import {packPlugin} from '../../scripts/pack/plugin.js'
import {installedCli, installedParix, REPOSITORY} from './installed.js'
import {packDirectory, type Registry, startRegistry} from './registry.js'

/** A kit that is not the CLI's own. */
const OTHER_VERSION = '0.2.99'

describe('two copies of the kit, of different versions', function () {
  this.timeout(240_000)
  let scratch: string
  let registry: Registry
  let home: TestHome

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'parix-two-kits-'))
    home = makeHome()
    registry = await startRegistry(join(REPOSITORY, 'node_modules'))
    await installedCli()
    const kit = join(REPOSITORY, 'packages/kit')
    registry.publish(
      await packPlugin({
        directory: join(REPOSITORY, 'packages/files'),
        out: scratch,
        selfContained: false,
        pack: packDirectory,
      }),
    )
    registry.publish(
      await packPlugin({
        directory: kit,
        out: scratch,
        selfContained: false,
        version: OTHER_VERSION,
        pack: packDirectory,
      }),
    )
    const tarball = await packHello()
    const {code, stderr} = await installedParix(['plugins', 'install', tarball], {
      home,
      env: {npm_config_registry: registry.url},
    })
    expect(code, stderr).to.equal(0)
  })
  after(async () => {
    home.remove()
    await registry.stop()
    rmSync(scratch, {recursive: true, force: true})
  })

  /** The example plugin: what tsc makes of it does not depend on the version of the kit (plugins.test.ts builds it as its author does). */
  async function packHello(): Promise<string> {
    const directory = join(scratch, 'hello')
    const example = join(REPOSITORY, 'examples/plugin-hello')
    cpSync(join(example, 'package.json'), join(directory, 'package.json'))
    const entryPoints = readdirSync(join(example, 'src'), {recursive: true, encoding: 'utf8'})
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join(example, 'src', path))
    await build({entryPoints, outdir: join(directory, 'lib'), outbase: join(example, 'src'), format: 'esm'})
    return packDirectory(directory, scratch)
  }

  it('are really two', async () => {
    const plugins = join(home.path, '.local/share/parix/plugins')
    const [directory] = readdirSync(plugins)
    const kit = join(plugins, directory!, 'node_modules/@parix/kit/package.json')
    expect(JSON.parse(readFileSync(kit, 'utf8')).version).to.equal(OTHER_VERSION)
    const own = JSON.parse(readFileSync(join(REPOSITORY, 'packages/kit/package.json'), 'utf8')).version
    expect(own).to.not.equal(OTHER_VERSION)
  })

  it('share one session file and one lock: of many commands at once, one alone renews the session', () =>
    withService(async (service) => {
      let renewals = 0
      service.answer('POST', /oauth2\/token$/, (request: RecordedRequest) => {
        renewals += 1
        // A refresh token works once: a second use of it ends the session.
        const token = new URLSearchParams(request.body).get('refresh_token')
        if (token !== 'refresh-token-1') return {status: 400, json: {error: 'invalid_grant'}}
        return {
          json: {
            access_token: 'access-token-2',
            token_type: 'Bearer',
            expires_in: 3600,
            refresh_token: 'refresh-token-2',
          },
        }
      })
      service.answer('GET', /openid-configuration$/, {status: 404, json: {}})
      const signedIn = (response: unknown) => (request: RecordedRequest) =>
        request.headers.authorization === 'Bearer access-token-2'
          ? {json: response}
          : {status: 401, json: {status: 401, title: 'no'}}
      service.answer('GET', '/api/v1/session', signedIn({ok: true, auth: {user: {id: 'user_1', name: 'Ada'}}}))
      service.answer('GET', '/api/v1/databases', signedIn({ok: true, databases: []}))
      home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl, accessTokenExpiresAt: expired()}))

      const lines = [
        'database list --json',
        'hello --json',
        'database list --json',
        'hello --json',
        'hello --json',
        'database list --json',
      ]
      const runs = await Promise.all(lines.map((line) => installedParix(line, {home})))
      expect(runs.map(({code, stdout, stderr}) => (code === 0 ? 0 : stdout + stderr))).to.deep.equal(lines.map(() => 0))
      expect(renewals).to.equal(1)
      const session = JSON.parse(home.read('.config/parix/session.json'))
      expect(session).to.include({accessToken: 'access-token-2', refreshToken: 'refresh-token-2', version: 2})
      expect(home.mode('.config/parix/session.json')).to.equal(0o600)
    }))

  it("an error of the plugin's kit has its exit code and its object", () =>
    withService(async (service) => {
      service.answer('GET', /session$/, {json: {ok: true, auth: {user: {id: 'user_1', name: 'Ada'}}}})
      service.answer('GET', /databases$/, {json: {ok: true, databases: []}})
      const env = {PARIX_API_KEY: 'px_key', PARIX_BASE_URL: service.baseUrl}
      const {stdout, code} = await installedParix('hello nowhere --json', {home, env})
      expect(code).to.equal(3)
      expect(JSON.parse(stdout).error).to.include({code: 'not_found', exitCode: 3})
    }))
})
