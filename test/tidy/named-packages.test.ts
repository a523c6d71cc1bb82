import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {bundleInto} from '../../scripts/build/bundle.js'

describe('the packages that this CLI was ordered with', function () {
  this.timeout(120_000)
  it('are in the bundle: oclif, its help and plugins, openid-client and got', async () => {
    const dist = mkdtempSync(join(tmpdir(), 'parix-named-'))
    const {inputs} = await bundleInto(dist)
    rmSync(dist, {recursive: true, force: true})
    for (const file of [
      '@oclif/core/lib/main.js',
      '@oclif/plugin-help/lib/commands/help.js',
      '@oclif/plugin-plugins/lib/commands/plugins/install.js',
      '@oclif/plugin-plugins/lib/commands/plugins/link.js',
      'openid-client/build/index.js',
      'got/dist/source/index.js',
    ]) {
      expect(
        inputs.some((input) => input.endsWith(`node_modules/${file}`)),
        file,
      ).to.equal(true)
    }
  })
})
