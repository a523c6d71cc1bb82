import type {Catalog} from '@parix/kit/contract'

type Provider = Catalog['providers'][number]
type Region = Provider['regions'][number]

function provider(slug: string, label: string, regions: [code: string, label: string][]): Provider {
  return {
    id: `provider-${slug}`,
    slug,
    label,
    regions: regions.map(([code, name]) => ({id: `region-${slug}-${code}`, code, label: name})),
  }
}

/** What the hosted service offers. Here it changes nothing but what `info` tells: everything runs on this machine. */
export const CATALOG = {
  providers: [
    provider('gcp', 'Google Cloud', [
      ['us-central1', 'Google Cloud Iowa'],
      ['us-east1', 'Google Cloud South Carolina'],
      ['us-west1', 'Google Cloud Oregon'],
      ['europe-west1', 'Google Cloud Belgium'],
      ['europe-west3', 'Google Cloud Frankfurt'],
      ['asia-southeast1', 'Google Cloud Singapore'],
    ]),
    provider('aws', 'Amazon Web Services', [
      ['us-east-1', 'AWS N. Virginia'],
      ['us-west-2', 'AWS Oregon'],
      ['eu-central-1', 'AWS Frankfurt'],
      ['eu-west-1', 'AWS Ireland'],
      ['ap-southeast-1', 'AWS Singapore'],
    ]),
  ],
  clusterConfigs: [
    {id: 'config-single', label: 'Single node', description: 'One replica: for development and tests.', nodeCount: 1},
    {id: 'config-ha-3', label: 'HA 3 replicas', description: 'Goes on when one replica is lost.', nodeCount: 3},
    {id: 'config-ha-6', label: 'HA 6 replicas', description: 'Goes on when two replicas are lost.', nodeCount: 6},
  ],
  clusterSizes: [
    {id: 'size-px-5', label: 'PX-5', vcpu: 1, memoryGb: 4},
    {id: 'size-px-10', label: 'PX-10', vcpu: 2, memoryGb: 8},
    {id: 'size-px-20', label: 'PX-20', vcpu: 4, memoryGb: 16},
    {id: 'size-px-40', label: 'PX-40', vcpu: 8, memoryGb: 32},
    {id: 'size-px-80', label: 'PX-80', vcpu: 16, memoryGb: 64},
    {id: 'size-px-160', label: 'PX-160', vcpu: 32, memoryGb: 128},
  ],
  storageTiers: [
    {id: 'tier-standard', label: 'Standard', description: 'Network SSD.', priceMultiplier: 1},
    {id: 'tier-performance', label: 'Performance', description: 'Local NVMe.', priceMultiplier: 2},
  ],
} satisfies Catalog

export const STORAGE_GB = {default: 10, min: 10, max: 16_384} as const

/** What a database is made of, everything chosen. */
export interface Choice {
  provider: Provider
  region: Region
  config: (typeof CATALOG)['clusterConfigs'][number]
  size: (typeof CATALOG)['clusterSizes'][number]
  tier: (typeof CATALOG)['storageTiers'][number]
  storageGb: number
}

export interface Wishes {
  provider?: string | null | undefined
  region?: string | null | undefined
  clusterConfigId?: string | null | undefined
  clusterSizeId?: string | null | undefined
  storageTierId?: string | null | undefined
  selectedStorageGb?: number | null | undefined
}

/**
 * The catalog's entries for what a caller asked for; what was left out takes the first entry of its list. A provider goes
 * by id or slug, a region by id or code; a region alone decides the provider.
 *
 * @returns either the choice, or what is wrong, by field
 */
export function choose(wishes: Wishes): {choice: Choice} | {fieldErrors: Record<string, string[]>} {
  const fieldErrors: Record<string, string[]> = {}
  const pick = <T>(field: string, wish: string | null | undefined, list: T[], names: (entry: T) => string[]) => {
    const found = wish == null ? list[0] : list.find((entry) => names(entry).includes(wish))
    if (!found)
      fieldErrors[field] = [`there is no ${wish}; there is ${list.map((entry) => names(entry)[0]).join(', ')}.`]
    return found ?? list[0]!
  }
  const byId = (entry: {id: string}) => [entry.id]
  const byCode = ({code, id}: Region) => [code, id]
  const providers = wishes.provider == null ? providersWith(wishes.region) : CATALOG.providers
  const chosen = pick('provider', wishes.provider, providers, ({slug, id}) => [slug, id])
  const regions = wishes.provider == null ? providers.flatMap((each) => each.regions) : chosen.regions
  const choice: Choice = {
    provider: chosen,
    region: fieldErrors.provider ? chosen.regions[0]! : pick('region', wishes.region, regions, byCode),
    config: pick('clusterConfigId', wishes.clusterConfigId, CATALOG.clusterConfigs, byId),
    size: pick('clusterSizeId', wishes.clusterSizeId, CATALOG.clusterSizes, byId),
    tier: pick('storageTierId', wishes.storageTierId, CATALOG.storageTiers, byId),
    storageGb: wishes.selectedStorageGb ?? STORAGE_GB.default,
  }
  return Object.keys(fieldErrors).length > 0 ? {fieldErrors} : {choice}
}

/** The providers that have this region; all of them where no region is named or none has it. */
function providersWith(region: string | null | undefined): Provider[] {
  const having = CATALOG.providers.filter(({regions}) => regions.some(({code, id}) => code === region || id === region))
  return having.length > 0 ? having : CATALOG.providers
}
