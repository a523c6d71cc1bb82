import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {makeManifest} from '../../scripts/build/manifest.js'
import {pluginWorkspaces, ROOT} from '../../scripts/build/workspaces.js'
import {commandReference} from '../../scripts/docs/commands.js'
import {otherFiles, type Source, sources} from './sources.js'

const LINES_MAX = 300
/** A test file mirrors its source, and tells more about it than the source itself. */
const TEST_LINES_MAX = 550
/** Files that may be longer; each with its reason. */
const TABLES: Record<string, string> = {
  'packages/plugin-tb/src/results/statuses.ts': 'every result of TigerBeetle with its meaning',
}

describe('files', () => {
  it(`none has more than ${LINES_MAX} lines, but tables`, () => {
    const long = (files: Source[], max: number) =>
      files
        .map(({path, text}) => ({path, lines: text.trimEnd().split('\n').length}))
        .filter(({path, lines}) => lines > max && !(path in TABLES))
        .map(({path, lines}) => `${path}: ${lines}`)
    expect([...long(sources(), LINES_MAX), ...long(otherFiles(), TEST_LINES_MAX)]).to.deep.equal([])
  })

  it('no file says utils, helpers or common: such a name names no reason', () => {
    const vague = sources().filter(({path}) => /(^|[/-])(utils?|helpers?|common|misc)(\.ts$|\/)/.test(path))
    expect(vague.map(({path}) => path)).to.deep.equal([])
  })

  for (const workspace of pluginWorkspaces()) {
    it(`the manifest of ${workspace.json.name} is what its commands say`, async () => {
      const written = JSON.parse(readFileSync(join(workspace.directory, 'oclif.manifest.json'), 'utf8'))
      // Under test, oclif reads the sources: src/x.ts means lib/x.js.
      const text = JSON.stringify(await makeManifest(workspace)).replace(
        /"src","commands",(.*?)\.ts"/g,
        '"lib","commands",$1.js"',
      )
      expect(written).to.deep.equal(JSON.parse(text))
    })
  }

  it('docs/commands.md is what the commands say: npm run docs', () => {
    expect(readFileSync(join(ROOT, 'docs/commands.md'), 'utf8')).to.equal(commandReference())
  })
})
