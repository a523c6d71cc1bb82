import {expect} from 'chai'
import {useApi} from '../support/api.js'

describe('catalog', () => {
  const api = useApi()

  it('has what the contract names', async () => {
    const {status, json} = await api.call('GET', '/catalog/create')
    expect([status, Object.keys(json), json.ok]).to.deep.equal([200, ['ok', 'catalog'], true])
    const {providers, clusterConfigs, clusterSizes, storageTiers} = json.catalog
    const gcp = providers.find(({slug}: {slug: string}) => slug === 'gcp')
    expect(gcp.regions).to.deep.include({id: 'region-gcp-us-central1', code: 'us-central1', label: 'Google Cloud Iowa'})
    expect(gcp.regions.map(({code}: {code: string}) => code)).to.include('asia-southeast1')
    const aws = providers.find(({slug}: {slug: string}) => slug === 'aws')
    expect(aws.regions.map(({code}: {code: string}) => code)).to.include('ap-southeast-1')
    expect(clusterConfigs.map(({id, nodeCount}: {id: string; nodeCount: number}) => [id, nodeCount])).to.deep.equal([
      ['config-single', 1],
      ['config-ha-3', 3],
      ['config-ha-6', 6],
    ])
    expect(clusterSizes.map(({id, label}: {id: string; label: string}) => [id, label])).to.deep.equal(
      [5, 10, 20, 40, 80, 160].map((size) => [`size-px-${size}`, `PX-${size}`]),
    )
    expect(storageTiers[0]).to.have.all.keys('id', 'label', 'description', 'priceMultiplier')
    const ids = [...providers, ...clusterConfigs, ...clusterSizes, ...storageTiers].map(({id}) => id)
    expect(new Set(ids).size).to.equal(ids.length)
  })
})
