import {isParixError} from '@parix/kit/errors'
import {expect} from 'chai'
import {chooseFromCatalog, type Wishes} from '../src/choices.js'
import {CATALOG} from './answers.js'

const choose = (wishes: Wishes) => chooseFromCatalog(CATALOG.catalog, wishes)

describe('what a new database is made of', () => {
  const understood: [Wishes, Record<string, string>][] = [
    [{}, {}],
    [{provider: 'gcp'}, {provider: 'gcp'}],
    [{provider: 'prov_gcp'}, {provider: 'gcp'}],
    [{provider: 'google cloud'}, {provider: 'gcp'}],
    [{provider: 'AWS'}, {provider: 'aws'}],
    [{region: 'us-central1'}, {provider: 'gcp', region: 'us-central1'}],
    [{region: 'US_Central1'}, {provider: 'gcp', region: 'us-central1'}],
    [{region: 'AWS Singapore'}, {provider: 'aws', region: 'ap-southeast-1'}],
    [
      {provider: 'aws', region: 'shared-1'},
      {provider: 'aws', region: 'shared-1'},
    ],
    [{clusterConfigId: 'config-ha-3'}, {clusterConfigId: 'config-ha-3'}],
    [{clusterConfigId: 'ha-3'}, {clusterConfigId: 'config-ha-3'}],
    [{clusterConfigId: 'HA 3 replicas'}, {clusterConfigId: 'config-ha-3'}],
    [{clusterConfigId: 'single'}, {clusterConfigId: 'config-single'}],
    [{clusterSizeId: 'PX-5'}, {clusterSizeId: 'size-px-5'}],
    [{clusterSizeId: 'px10'}, {clusterSizeId: 'size-px-10'}],
    [{storageTierId: 'Standard'}, {storageTierId: 'tier-standard'}],
  ]
  for (const [wishes, choices] of understood) {
    it(`${JSON.stringify(wishes)} is ${JSON.stringify(choices)}`, () => {
      expect(choose(wishes)).to.deep.equal(choices)
    })
  }

  const refused: [Wishes, RegExp, RegExp][] = [
    [{provider: 'gpc'}, /--provider "gpc" is not in the catalog\. Did you mean gcp\?/, /gcp \(Google Cloud\)/],
    [{region: 'us-centrel1'}, /Did you mean us-central1\?/, /ap-southeast-1/],
    [{provider: 'aws', region: 'us-central1'}, /"us-central1" is a region of gcp, not of aws/, /ap-southeast-1/],
    [{region: 'shared-1'}, /"shared-1" is a region of gcp and aws/, /^$/],
    [{clusterConfigId: 'ha'}, /--cluster-config-id "ha" is not in the catalog/, /config-single/],
    [{clusterSizeId: 'px-50'}, /Did you mean size-px-5/, /size-px-10/],
    [{storageTierId: 'x'}, /--storage-tier-id "x" is not in the catalog\.$/, /tier-standard/],
    [{provider: ''}, /not in the catalog/, /aws/],
  ]
  for (const [wishes, message, options] of refused) {
    it(`flaw 14: ${JSON.stringify(wishes)} is refused, and says what there is`, () => {
      try {
        choose(wishes)
        expect.fail('it passed')
      } catch (error) {
        if (!isParixError(error)) throw error
        expect(error.exitCode).to.equal(2)
        expect(error.message).to.match(message)
        expect((error.details.errors ?? []).join('\n')).to.match(options)
      }
    })
  }

  it('takes a catalog with other members than ours', () => {
    const {providers, ...others} = CATALOG.catalog
    const strange = {...others, providers: [...providers, {id: 'p', slug: 'x', label: 'X', regions: [], soon: true}]}
    expect(chooseFromCatalog(strange, {provider: 'x'})).to.deep.equal({provider: 'x'})
  })
})
