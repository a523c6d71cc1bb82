import type {Api} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import type {Table} from '@parix/kit/output'

export interface Greeting {
  name: string
  databases: {id: string; name: string}[]
}

/**
 * Who is signed in, and the databases to greet.
 *
 * @throws ParixError NOT_FOUND when `only` names none of them
 */
export async function greet(api: Api, only?: string): Promise<Greeting> {
  const session = await api.get<{auth?: {user?: {name?: string | null}}}>('/session')
  const {databases} = await api.get<{databases: {id: string; name: string}[]}>('/databases')
  const chosen = databases.filter(({id, name}) => only === undefined || name === only || id === only)
  if (only !== undefined && chosen.length === 0) {
    throw new ParixError('NOT_FOUND', `There is no database ${only} to greet.`, {next: 'parix database list'})
  }
  return {name: session.auth?.user?.name ?? 'you', databases: chosen.map(({id, name}) => ({id, name}))}
}

export function greetingTable({databases}: Greeting): Table {
  return {
    columns: ['DATABASE', 'ID'],
    rows: databases.map(({name, id}) => [name, id]),
    whenEmpty: 'No databases to greet yet.',
  }
}
