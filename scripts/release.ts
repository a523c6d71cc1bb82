/**
 * `npm run release [-- --publish]`: builds, tests and packs all that is published, and says what it would publish. Only with
 * --publish is anything sent to a registry. docs/releasing.md tells the rest.
 */
import {execFileSync} from 'node:child_process'
import {mkdtempSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {parseArgs} from 'node:util'
import {ROOT, workspaces} from './build/workspaces.js'
import {packCli} from './pack/cli.js'
import {packPlugin} from './pack/plugin.js'

const {values} = parseArgs({options: {publish: {type: 'boolean'}, 'skip-tests': {type: 'boolean'}}})
const published = workspaces().filter(({json}) => json.private !== true)

const problems = [...versionProblems(), ...treeProblems()]
if (problems.length > 0) {
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.exit(1)
}
if (values['skip-tests'] !== true) execFileSync('npm', ['test'], {cwd: ROOT, stdio: 'inherit'})

const out = mkdtempSync(join(tmpdir(), 'parix-release-'))
const tarballs = [await packCli(out)]
for (const {directory} of published.filter((workspace) => workspace.directory !== ROOT)) {
  tarballs.push(await packPlugin({directory, out, selfContained: false}))
}
for (const tarball of tarballs) {
  process.stdout.write(`${basename(tarball)}  ${(statSync(tarball).size / 1e6).toFixed(2)} MB\n`)
  const rehearsal = values.publish === true ? [] : ['--dry-run']
  execFileSync('npm', ['publish', tarball, '--access', 'public', ...rehearsal], {
    cwd: out,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
process.stdout.write(values.publish === true ? 'Published.\n' : `Nothing was published. The tarballs: ${out}\n`)

function versionProblems(): string[] {
  const [root] = published
  const own = published.map(({json}) => json.name)
  return published.flatMap(({json}) => [
    ...(json.version === root!.json.version ? [] : [`${json.name} is ${json.version}, the CLI ${root!.json.version}`]),
    ...Object.entries(json.dependencies ?? {})
      .filter(([name, range]) => own.includes(name) && range !== `^${root!.json.version}`)
      .map(([name, range]) => `${json.name} asks for ${name} ${range}, not ^${root!.json.version}`),
  ])
}

function treeProblems(): string[] {
  const changed = execFileSync('git', ['status', '--porcelain'], {cwd: ROOT, encoding: 'utf8'}).trim()
  return changed === '' ? [] : [`These are not committed:\n${changed}`]
}
