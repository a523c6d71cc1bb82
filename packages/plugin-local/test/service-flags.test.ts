import {expect} from 'chai'
import {type ServiceFlagValues, serviceArguments, serviceSettings} from '../src/service-flags.js'

const NONE: ServiceFlagValues = {
  'provision-delay': undefined,
  'cluster-id': undefined,
  addresses: undefined,
  'fail-next': undefined,
  'billing-blocked': false,
  stub: false,
}

describe('the flags of local start about the service', () => {
  it('say nothing when none is given', () => {
    expect(serviceSettings(NONE)).to.deep.equal({switches: {stub: false, billingBlocked: false, failNext: []}})
    expect(serviceArguments(NONE)).to.deep.equal([])
  })

  it('become settings, and words for a process of its own that say the same', () => {
    const flags: ServiceFlagValues = {
      'provision-delay': 0,
      'cluster-id': '340282366920938463463374607431768211455',
      addresses: '127.0.0.1:3000, 127.0.0.1:3001',
      'fail-next': ['503*2', 'drop-answer@create_transfers'],
      'billing-blocked': true,
      stub: true,
    }
    const {cluster, provisionDelayMs, switches} = serviceSettings(flags)
    expect(provisionDelayMs).to.equal(0)
    expect(cluster).to.deep.equal({
      clusterId: 340282366920938463463374607431768211455n,
      addresses: ['127.0.0.1:3000', '127.0.0.1:3001'],
    })
    expect(switches).to.deep.include({stub: true, billingBlocked: true})
    expect(switches?.failNext?.map(({status, drop}) => status ?? drop)).to.deep.equal([503, 'answer'])
    expect(serviceArguments(flags)).to.deep.equal([
      '--provision-delay=0',
      '--cluster-id=340282366920938463463374607431768211455',
      '--addresses=127.0.0.1:3000, 127.0.0.1:3001',
      '--fail-next=503*2',
      '--fail-next=drop-answer@create_transfers',
      '--billing-blocked',
      '--stub',
    ])
  })

  it('are refused when they are wrong, before anything starts', () => {
    const wrong: [Partial<ServiceFlagValues>, string][] = [
      [{'fail-next': ['sometimes']}, '--fail-next sometimes is not a rule'],
      [{'cluster-id': 'x', addresses: '3000'}, '--cluster-id must be a whole number, not x.'],
      [{'cluster-id': '0', addresses: '3000,'}, '--addresses must be host:port, with commas, not 3000,.'],
    ]
    for (const [flags, message] of wrong) {
      expect(() => serviceSettings({...NONE, ...flags}))
        .to.throw(message)
        .with.property('exitCode', 2)
    }
  })
})
