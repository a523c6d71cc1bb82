import {ParixError} from '@parix/kit/errors'
import {expect} from 'chai'
import {errorText} from '../../src/output/error-text.js'

describe('an error for a person', () => {
  const plain = (details: ConstructorParameters<typeof ParixError>[2]) =>
    errorText(new ParixError('CONFLICT', 'It is taken.', details), (_style, text) => text).split('\n')

  it('says once what the service says twice', () => {
    const details = {errors: ['name: is taken.'], fieldErrors: {name: ['is taken.'], size: ['is too small.']}}
    expect(plain(details)).to.deep.equal(['Error: It is taken.', '  - name: is taken.', '  - size: is too small.'])
  })

  it('shows a reference where it is more than the request id', () => {
    expect(plain({instance: 'urn:uuid:4d', requestId: '4d'})).to.deep.equal(['Error: It is taken.', '  request id: 4d'])
    expect(plain({instance: '/errors/7', requestId: '4d'})).to.include('  reference: /errors/7')
    expect(plain({instance: 'urn:uuid:4d'})).to.include('  reference: urn:uuid:4d')
  })
})
