import {ParixError} from '@parix/kit/errors'
import {expect} from 'chai'
import {createProblems, type Problems} from '../../src/records/problems.js'
import {refused} from '../support/refusal.js'

const thrown = (problems: Problems) => refused(() => problems.throwIfAny('pay.json'))

describe('what is wrong with an input, gathered', () => {
  it('without problems nothing is thrown', () => {
    const problems = createProblems()
    problems.throwIfAny('pay.json')
    expect(problems.count).to.equal(0)
  })

  it('one thing is the error itself; of several each is a line', () => {
    const problems = createProblems()
    problems.add('amount is missing.')
    expect(thrown(problems)).to.include({
      kind: 'BAD_INPUT',
      exitCode: 2,
      message: 'amount is missing. Nothing was sent.',
    })
    problems.add('code is missing.')
    expect(thrown(problems).message).to.equal('2 things are wrong with pay.json. Nothing was sent.')
    expect(thrown(problems).details.errors).to.deep.equal(['amount is missing.', 'code is missing.'])
  })

  it('a hundred are listed, and of more how many', () => {
    const problems = createProblems()
    for (let index = 0; index < 100; index++) problems.add(`${index}`)
    expect(thrown(problems).details.errors).to.have.length(100)
    problems.add('one more')
    expect(thrown(problems).details.errors!.at(-1)).to.equal('and 1 more')
    expect(problems.count).to.equal(101)
  })

  it('collects what work refuses, and gives what it returns; a fault of the program passes', () => {
    const problems = createProblems()
    expect(problems.collect(() => 5)).to.equal(5)
    const refusing = () => {
      throw new ParixError('BAD_INPUT', 'no.')
    }
    expect(problems.collect(refusing)).to.equal(undefined)
    expect(problems.count).to.equal(1)
    const failing = (kind: 'FAILED' | 'NOT_FOUND') => () => {
      throw new ParixError(kind, 'not the input.')
    }
    for (const kind of ['FAILED', 'NOT_FOUND'] as const)
      expect(() => problems.collect(failing(kind)), kind).to.throw('not the input.')
    expect(() => problems.collect(() => (undefined as never as string).length)).to.throw(TypeError)
  })

  it('the first next step that is said is the one that is given', () => {
    const problems = createProblems()
    problems.collect(() => {
      throw new ParixError('BAD_INPUT', 'no.', {next: 'first'})
    })
    problems.next('second')
    expect(thrown(problems).details.next).to.equal('first')
  })

  it('notes go out as they come, the first five of them', () => {
    const said: string[] = []
    const problems = createProblems((sentence) => said.push(sentence))
    for (let index = 1; index <= 7; index++) problems.note(String(index))
    expect(said).to.deep.equal(['1', '2', '3', '4', '5'])
    expect(problems.count, 'a note is not a problem').to.equal(0)
  })
})
