import {expect} from 'chai'
import {requireResolvable, type ServiceFlagValues, serviceArguments, serviceSettings} from '../src/service-flags.js'

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
      [{'cluster-id': '-1', addresses: '3000'}, '--cluster-id must be a whole number, not -1.'],
      [{'cluster-id': String(2n ** 128n), addresses: '3000'}, '--cluster-id must be at most 2^128 − 1'],
      [{'cluster-id': '0', addresses: '3000,'}, '--addresses must be HOST:PORT for each replica'],
      [{'cluster-id': '0', addresses: 'nonsense'}, 'not "nonsense"'],
      [{'cluster-id': '0', addresses: '127.0.0.1'}, 'not "127.0.0.1"'],
      [{'cluster-id': '0', addresses: 'a b:3000'}, 'not "a b:3000"'],
      [
        {'cluster-id': '0', addresses: '127.0.0.1:0'},
        '--addresses: the port of 127.0.0.1:0 must be between 1 and 65535',
      ],
      [{'cluster-id': '0', addresses: 'localhost:99999'}, '--addresses: the port of localhost:99999 must be'],
      [{'cluster-id': '0', addresses: '127.0.0.1:3000, 3000'}, '--addresses names 127.0.0.1:3000 twice'],
      [
        {'cluster-id': '0', addresses: '3000,3001,3002,3003,3004,3005,3006'},
        '--addresses names 7 replicas: a cluster has at most 6',
      ],
    ]
    for (const [flags, message] of wrong) {
      expect(() => serviceSettings({...NONE, ...flags}))
        .to.throw(message)
        .with.property('exitCode', 2)
    }
  })

  it('take names, IPv6 addresses and bare ports', async () => {
    const addresses = (text: string) =>
      serviceSettings({...NONE, 'cluster-id': '0', addresses: text}).cluster?.addresses
    expect(addresses('localhost:3000, [::1]:3001,3002')).to.deep.equal([
      'localhost:3000',
      '[::1]:3001',
      '127.0.0.1:3002',
    ])
    await requireResolvable({clusterId: 0n, addresses: ['localhost:3000', '127.0.0.1:3001', '[::1]:3002']})
  })

  it('a host that does not exist is refused by its name', async () => {
    const cluster = {clusterId: 0n, addresses: ['no-such-host.invalid:3000']}
    const error = (await requireResolvable(cluster).catch((caught: unknown) => caught)) as Error | undefined
    // A machine without a resolver can't say that there is no such host, and continues.
    if (error === undefined) return
    expect(error).to.have.property('exitCode', 2)
    expect(error.message).to.equal('--addresses: there is no host no-such-host.invalid.')
  })
})
