import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {findHolder} from '../../../src/server/store/instance.js'

describe('the note that a service leaves in its data directory', () => {
  let dataDir: string

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-note-'))
  })
  afterEach(() => rmSync(dataDir, {recursive: true, force: true}))

  const whole = {pid: 4242, port: 1, baseUrl: 'http://localhost:1', instance: 'x', startedAt: ''}

  // Only looked at: no test signals a process that a note names, as 0 and below would mean groups of them.
  for (const odd of [{pid: 0}, {pid: -1}, {pid: 1}, {pid: 1.5}, {pid: '42'}, {port: 0}, {port: 65_536}, {baseUrl: 7}]) {
    it(`is not believed if it says ${JSON.stringify(odd)}`, async () => {
      writeFileSync(join(dataDir, 'service.json'), JSON.stringify({...whole, ...odd}))
      expect(await findHolder(dataDir)).to.deep.equal({state: 'none'})
    })
  }

  for (const text of ['', '{', '[]', 'null', '"x"', '7']) {
    it(`is not believed if it is ${JSON.stringify(text)}`, async () => {
      writeFileSync(join(dataDir, 'service.json'), text)
      expect(await findHolder(dataDir)).to.deep.equal({state: 'none'})
    })
  }
})
