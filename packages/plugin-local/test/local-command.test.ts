import {expect} from 'chai'
import {installCommand} from '../src/local-command.js'

describe('the command that installs a missing package', () => {
  const project = (path: string) => path.startsWith('/home/ann/my app') || path === '/package.json'
  const cases: [string, string, string][] = [
    [
      'a project, where parix is one of its packages',
      '/home/ann/my app/node_modules/@parix/cli/dist/x/parix.cjs',
      "npm install --prefix '/home/ann/my app' pkg@1",
    ],
    ['global packages', '/usr/local/lib/node_modules/@parix/cli/dist/x/parix.cjs', 'npm install --global pkg@1'],
    ['a clone of the repository', '/home/ann/parix/dist/x/parix.cjs', 'npm install --no-save pkg@1'],
  ]
  for (const [where, file, command] of cases) {
    it(`puts it where parix finds it: ${where}`, () => {
      expect(installCommand('pkg@1', file, project)).to.equal(command)
    })
  }
})
