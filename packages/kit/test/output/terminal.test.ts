import {PassThrough} from 'node:stream'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {createTerminal, render} from '@parix/kit/output'
import {expect} from 'chai'

/** Streams that say they are terminals: only a pseudo-terminal would be, and a story in tmux looks at that. */
function streams(isTTY: boolean) {
  const make = () =>
    Object.assign(new PassThrough(), {isTTY, columns: 80}) as unknown as NodeJS.WriteStream & PassThrough
  return {stdin: make() as unknown as NodeJS.ReadStream, stdout: make(), stderr: make()}
}

const written = (stream: NodeJS.WriteStream) => String((stream as unknown as PassThrough).read() ?? '')

describe('createTerminal', () => {
  it('answers on stdout and says on stderr', () => {
    const own = streams(false)
    const terminal = createTerminal({...own, environment: {}})
    terminal.result('the answer\n')
    terminal.say('said')
    expect([written(own.stdout), written(own.stderr)]).to.deep.equal(['the answer\n', 'said\n'])
  })

  it('threat 7.9: cleans whatever is said, warned of, asked or shown', async () => {
    const hostile = 'a\u001b]52;c;eA\u0007b\rc\u202ed\u009be'
    const own = streams(true)
    const terminal = createTerminal({...own, environment: {NO_COLOR: '1'}})
    terminal.say(hostile)
    terminal.warn(hostile)
    terminal.showError(
      new ParixError('FAILED', hostile, {errors: [hostile], next: nextCommand('x', {args: [hostile]})}),
    )
    const asked = terminal.ask!({text: hostile}).catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    const text = written(own.stderr) + render(hostile)
    expect(text).to.include('a\\u001b]52;c;eA\\u0007b\\u000dc\\u202ed\\u009be')
    expect(text).not.to.match(/\u001b\]|\u0007|\u202e|\u009b/)
    own.stdin.push(null)
    await asked
  })

  it('has nobody to ask without a terminal, with CI set, or with --no-input', () => {
    expect(createTerminal({...streams(true), environment: {}}).ask).to.be.a('function')
    expect(createTerminal({...streams(false), environment: {}}).ask).to.equal(undefined)
    expect(createTerminal({...streams(true), environment: {CI: 'true'}}).ask).to.equal(undefined)
    expect(createTerminal({...streams(true), environment: {}, noInput: true}).ask).to.equal(undefined)
  })

  it('shows what is waited for on a terminal, once it lasts, and takes it away again', async () => {
    const own = streams(true)
    const done = createTerminal({...own, environment: {}}).waiting('Waiting for parix.io …')
    await new Promise((resolve) => own.stderr.once('data', resolve))
    done()
    expect(written(own.stderr)).to.equal('\r\u001b[K')
  })

  it('writes nothing that is not an answer where stderr is not a terminal', async () => {
    const own = streams(false)
    createTerminal({...own, environment: {FORCE_COLOR: '1'}}).waiting('Waiting …')()
    expect(written(own.stderr)).to.equal('')
  })

  it('a question that was withdrawn before it could be asked ends at once', async () => {
    const own = streams(true)
    const asked = createTerminal({...own, environment: {}}).ask!({text: 'Address:', signal: AbortSignal.abort()})
    const error = await asked.catch((reason: Error) => reason)
    expect(error).to.have.property('kind', 'CANCELLED')
  })

  it('asks on stderr and gives the line that was typed', async () => {
    const own = streams(true)
    const response = createTerminal({...own, environment: {}}).ask!({text: 'Type the name:'})
    ;(own.stdin as unknown as PassThrough).write('books\n')
    expect(await response).to.equal('books')
    expect(written(own.stdout)).to.equal('')
    expect(written(own.stderr)).to.include('Type the name:')
  })

  it('a question that is cancelled is not a success', async () => {
    const own = streams(true)
    const response = createTerminal({...own, environment: {}}).ask!({text: 'Sure?'})
    ;(own.stdin as unknown as PassThrough).end()
    const error = await response.then(
      () => undefined,
      (thrown: {exitCode: number}) => thrown,
    )
    expect(error?.exitCode).to.equal(2)
  })
})
