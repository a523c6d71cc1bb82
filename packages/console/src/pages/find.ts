import {html} from 'hono/html'
import type {Page} from '../view/layout.js'
import {visible} from '../view/markup.js'
import {BadQuery, type PageContext} from './page-context.js'
import {accountIn, idIn} from './selection.js'

/** Leads to the account or the transfer that a text names. */
export async function findInBooks({base, query, database: {reader, chart}}: PageContext): Promise<Page | Response> {
  const text = (query.get('q') ?? '').trim()
  const id = idIn(text)
  const goTo = (path: string) =>
    new Response(null, {status: 303, headers: {location: `${base}${path}`, 'cache-control': 'no-store'}})
  if (id !== undefined) {
    const [account] = await reader.lookupAccounts([id])
    if (account !== undefined) return goTo(`/accounts/${id}`)
    const [transfer] = await reader.lookupTransfers([id])
    if (transfer !== undefined) return goTo(`/transfers/${id}`)
    return nothing(`There is no account and no transfer with the id ${id}.`)
  }
  if (text === '') return nothing('Type an id, or the @name of an account.')
  try {
    const named = accountIn(text, chart)
    const [account] = named === undefined ? [] : await reader.lookupAccounts([named])
    if (account !== undefined) return goTo(`/accounts/${account.id}`)
    return nothing(`The chart knows ${visible(text)}, but the account was not created yet.`)
  } catch (error) {
    if (!(error instanceof BadQuery)) throw error
    // A part of a name: the accounts that have it.
    if (chart !== undefined && /^@?[a-z][a-z0-9._/-]{0,127}$/.test(text))
      return goTo(`/accounts?${new URLSearchParams({name: text})}`)
    return nothing(
      `${visible(text)} is not an id${chart === undefined ? ', and there is no chart with names' : ' or a name'}.`,
    )
  }
}

function nothing(message: string): Page {
  return {
    title: 'Nothing found',
    status: 404,
    body: html`<div class="head"><h1>Nothing found</h1></div><section class="card"><div class="empty">${message}</div></section>`,
  }
}
