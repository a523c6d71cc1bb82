import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'
import {guides} from '../../src/help/guides.js'
import {sources} from './sources.js'

/** Every PARIX_* variable of the process that a source reads. Constants that the bundler defines are `declare`d. */
function variablesRead(): Set<string> {
  const read = new Set<string>()
  for (const {text, workspace} of sources()) {
    if (workspace === 'testkit') continue
    const defined = new Set([...text.matchAll(/declare const (PARIX_\w+)/g)].map(([, name]) => name))
    for (const [name] of text.matchAll(/\bPARIX_[A-Z_]+[A-Z]\b/g)) if (!defined.has(name)) read.add(name)
  }
  return read
}

describe('variables', () => {
  it('help environment describes every PARIX_ variable that is read, and no other', () => {
    const guide = guides.find(({name}) => name === 'environment')
    const described = guide?.parts
      .flatMap(({rows = []}) => rows.map(([name]) => name))
      .filter((name) => name.startsWith('PARIX_'))
    expect(new Set(described)).to.deep.equal(variablesRead())
  })

  it('the README lists every PARIX_ variable that is read, and no other', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const section = readme.slice(readme.indexOf('## Variables'), readme.indexOf('## Troubleshooting'))
    expect(new Set([...section.matchAll(/\bPARIX_[A-Z_]+\b/g)].map(([name]) => name))).to.deep.equal(variablesRead())
  })
})
