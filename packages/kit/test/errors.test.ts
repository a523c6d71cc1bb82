import {EXIT_CODES, errorObject, isParixError, ParixError} from '@parix/kit/errors'
import {expect} from 'chai'

describe('ParixError', () => {
  it('has the exit codes that cli-conventions.md promises', () => {
    expect(EXIT_CODES).to.include({
      FAILED: 1,
      USAGE: 2,
      BAD_INPUT: 2,
      CANCELLED: 2,
      NOT_FOUND: 3,
      NOT_SIGNED_IN: 4,
      FORBIDDEN: 5,
      BILLING: 5,
      REFUSED: 6,
      NOT_READY: 7,
      OUTCOME_UNKNOWN: 75,
      UNAVAILABLE: 75,
      INTERRUPTED: 130,
    })
  })

  it('leaves keys that do not apply out of the error object', () => {
    expect(
      errorObject(new ParixError('NOT_SIGNED_IN', 'You are not signed in.', {next: 'parix auth login'})),
    ).to.deep.equal({
      error: {code: 'not_signed_in', exitCode: 4, message: 'You are not signed in.', next: ['parix auth login']},
    })
  })

  it('is known by its shape, so that one of another copy of the kit is known too', () => {
    const foreign = Object.assign(new Error('from elsewhere'), {name: 'ParixError', kind: 'NOT_FOUND'})
    expect(isParixError(foreign)).to.equal(true)
    expect(isParixError(new Error('plain'))).to.equal(false)
  })
})
