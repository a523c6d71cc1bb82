import type {Catalog} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import {suggest} from '@parix/kit/suggest'

/** What a new database shall be made of, as a person wrote it: ids, slugs or labels, in any usual spelling. */
export interface Wishes {
  provider?: string | undefined
  region?: string | undefined
  clusterConfigId?: string | undefined
  clusterSizeId?: string | undefined
  storageTierId?: string | undefined
}

/** The same in the service's own words. What was not wished for is left to the service. */
export interface Choices {
  provider?: string
  region?: string
  clusterConfigId?: string
  clusterSizeId?: string
  storageTierId?: string
}

interface Option {
  /** What is sent, and shown in a list of what there is. */
  value: string
  /** Other names for it. */
  spellings: string[]
}

/**
 * Looks every wish up in the catalog, so that a typo is found before anything is made. A region alone is enough where only
 * one provider has it.
 *
 * @throws ParixError BAD_INPUT with what was probably meant, and with what there is
 */
export function chooseFromCatalog(catalog: Catalog, wishes: Wishes): Choices {
  const choices: Choices = {...choosePlace(catalog, wishes)}
  const {clusterConfigId, clusterSizeId, storageTierId} = wishes
  if (clusterConfigId !== undefined) {
    choices.clusterConfigId = choose('--cluster-config-id', clusterConfigId, catalog.clusterConfigs.map(byId))
  }
  if (clusterSizeId !== undefined) {
    choices.clusterSizeId = choose('--cluster-size-id', clusterSizeId, catalog.clusterSizes.map(byId))
  }
  if (storageTierId !== undefined) {
    choices.storageTierId = choose('--storage-tier-id', storageTierId, catalog.storageTiers.map(byId))
  }
  return choices
}

type Provider = Catalog['providers'][number]

function choosePlace({providers}: Catalog, {provider, region}: Wishes): Pick<Choices, 'provider' | 'region'> {
  if (provider === undefined && region === undefined) return {}
  const named = provider === undefined ? undefined : choose('--provider', provider, providers.map(providerOption))
  if (region === undefined) return {provider: named!}
  const asked = named === undefined ? providers : providers.filter(({slug}) => slug === named)
  const having = asked.filter((one) => find(region, one.regions.map(regionOption)).length > 0)
  if (having.length > 1) {
    throw new ParixError('BAD_INPUT', `${quoted(region)} is a region of ${having.map(slugOf).join(' and ')}.`, {
      code: 'ambiguous_choice',
      hint: `${having.map(({slug}) => `Add --provider ${slug}`).join(', or ')}.`,
    })
  }
  const [chosen] = having
  if (chosen === undefined) throw noSuchRegion(region, asked, providers)
  return {provider: chosen.slug, region: choose('--region', region, chosen.regions.map(regionOption))}
}

function noSuchRegion(region: string, asked: Provider[], all: Provider[]): ParixError {
  const elsewhere = all.find((one) => find(region, one.regions.map(regionOption)).length > 0)
  const options = asked.flatMap((one) => one.regions.map(regionOption))
  if (elsewhere === undefined) return unknownChoice('--region', region, options)
  const message = `${quoted(region)} is a region of ${elsewhere.slug}, not of ${asked.map(slugOf).join(', ')}.`
  return new ParixError('BAD_INPUT', message, {code: 'unknown_choice', errors: list(options)})
}

function choose(flag: string, wanted: string, options: Option[]): string {
  const found = find(wanted, options)
  if (found.length === 1) return found[0]!.value
  if (found.length === 0) throw unknownChoice(flag, wanted, options)
  throw new ParixError('BAD_INPUT', `${flag} ${quoted(wanted)} can mean several things.`, {
    code: 'ambiguous_choice',
    errors: list(found),
  })
}

/** The one that is called exactly so, else all that are called so but for case, spaces and dashes. */
function find(wanted: string, options: Option[]): Option[] {
  const exact = options.find(({value, spellings}) => value === wanted || spellings.includes(wanted))
  if (exact !== undefined) return [exact]
  const key = plainKey(wanted)
  return options.filter(({value, spellings}) => key !== '' && [value, ...spellings].some((s) => plainKey(s) === key))
}

function unknownChoice(flag: string, wanted: string, options: Option[]): ParixError {
  const near = suggest(
    wanted,
    options.flatMap(({value, spellings}) => [value, ...spellings]),
  )
  const values = near.map(
    (word) => options.find(({value, spellings}) => value === word || spellings.includes(word))!.value,
  )
  const meant = [...new Set(values)]
  const question = meant.length > 0 ? ` Did you mean ${meant.join(' or ')}?` : ''
  return new ParixError('BAD_INPUT', `${flag} ${quoted(wanted)} is not in the catalog.${question}`, {
    code: 'unknown_choice',
    errors: list(options),
    next: plainCommand('database catalog'),
  })
}

function list(options: Option[]): string[] {
  return options.map(({value, spellings}) => {
    const label = spellings.find((spelling) => spelling.includes(' '))
    return label === undefined ? value : `${value} (${label})`
  })
}

function providerOption({id, slug, label}: Provider): Option {
  return {value: slug, spellings: [id, label]}
}

function regionOption({id, code, label}: Provider['regions'][number]): Option {
  return {value: code, spellings: [id, label]}
}

/** `size-px-5` is found by its label `PX-5` and by `px-5`, the id without what all ids of its kind begin with. */
function byId({id, label}: {id: string; label: string}): Option {
  return {value: id, spellings: [label, id.replace(/^(config|size|tier|storage)(-tier)?-/, '')]}
}

function slugOf({slug}: Provider): string {
  return slug
}

function plainKey(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}
