import {send} from '@parix/kit/http'
import {withService} from '@parix/testkit'
import {expect} from 'chai'

describe('how long a body is', () => {
  for (const method of ['DELETE', 'POST', 'PUT', 'PATCH', 'OPTIONS']) {
    // Node sends the body of a DELETE without a length, so that the service takes it for the next request.
    it(`${method} says it, and the service reads the body whole, and nothing after it`, () =>
      withService(async (service) => {
        service.answer(method, '/x', {json: 1})
        const {status} = await send({method, url: new URL('/x', service.baseUrl), body: '{"a":"é"}'})
        expect(status).to.equal(200)
        expect(service.requests.map(({body}) => body)).to.deep.equal(['{"a":"é"}'])
        expect(service.requests[0]!.headers).to.include({'content-length': '10'})
      }))
  }
})
