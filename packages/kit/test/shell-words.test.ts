import {execFileSync} from 'node:child_process'
import {expect} from 'chai'
import {commandLine} from '../src/shell-words.js'

describe('a command to paste', () => {
  it('leaves plain words alone', () => {
    expect(commandLine(['parix', 'database', 'create', 'books', '--region', 'us-central1'])).to.equal(
      'parix database create books --region us-central1',
    )
  })

  it('gives a shell the words that it was made of, whatever is in them', () => {
    const words = ['', ' ', "it's", '$HOME', '`id`', '"q"', 'a\nb', '*', '~', '\\', 'ü', '!x', ';', '#', '-n', "'"]
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${commandLine(words)}`], {encoding: 'utf8'})
    expect(printed.split('\0').slice(0, -1)).to.deep.equal(words)
  })

  it('threat 7.9: shows no escape sequence, and is still the word that it was made of', () => {
    const words = ['\u001b]52;c;eA\u0007', "it's\u202e\\x\u009b31m", '\u200bé\r']
    const line = commandLine(words)
    expect(line).to.match(/^[ -~]*$/)
    const printed = execFileSync('bash', ['-c', `printf '%s\\0' ${line}`], {encoding: 'utf8'})
    expect(printed.split('\0').slice(0, -1)).to.deep.equal(words)
  })
})
