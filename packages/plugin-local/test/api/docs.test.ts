import {existsSync} from 'node:fs'
import {createBrowser} from '@parix/testkit'
import {expect} from 'chai'
import {CLI_SAMPLES} from '../../src/server/api/docs-page.js'
import {useApi} from '../support/api.js'

describe('GET /docs', () => {
  const api = useApi()

  it('describes every operation, every problem and every schema, and its links lead somewhere', async () => {
    const page = await createBrowser().open(api.url('/docs'))
    expect([page.status, page.title]).to.deep.equal([200, 'API · Parix'])
    const {json} = await api.call('GET', '/openapi.json')
    for (const [path, methods] of Object.entries(json.paths as Record<string, object>)) {
      for (const method of Object.keys(methods)) expect(page.text).to.include(`${method.toUpperCase()} ${path}`)
    }
    for (const name of Object.keys(json.components.schemas)) expect(page.html).to.include(`id="schema-${name}"`)
    expect(page.text).to.include('too-much-data').and.include('debit_account_id?: Uint128')
    const anchors = page.links.map(({href}) => href).filter((href) => href.startsWith('#'))
    expect(anchors.length).to.be.greaterThan(20)
    for (const anchor of anchors) expect(page.html).to.include(`id="${anchor.slice(1)}"`)
  })

  it('has samples for curl, JavaScript and the CLI at every operation, and the CLI knows each command', async () => {
    const page = await createBrowser().open(api.url('/docs'))
    const {json} = await api.call('GET', '/openapi.json')
    const operations = Object.values(json.paths as Record<string, Record<string, {operationId: string}>>).flatMap(
      (methods) => Object.values(methods).map(({operationId}) => operationId),
    )
    expect(Object.keys(CLI_SAMPLES).sort()).to.deep.equal(operations.sort())
    for (const name of ['curl', 'JavaScript', 'CLI']) {
      expect(page.html.split(`<summary>${name}</summary>`)).to.have.length(operations.length + 1)
    }
    for (const sample of Object.values(CLI_SAMPLES)) {
      if (sample.startsWith('parix api ')) continue
      const [, topic, ...rest] = sample.split(' ')
      const plugin = {auth: '../../../../src', database: '../../../plugin-database/src', tb: '../../../plugin-tb/src'}[
        topic!
      ]
      const is = (words: string[]) =>
        existsSync(new URL(`${plugin}/commands/${[topic, ...words].join('/')}.ts`, import.meta.url))
      expect(is(rest.slice(0, 1)) || is(rest.slice(0, 2)), sample).to.equal(true)
    }
  })

  it('has no scripts and takes nothing from elsewhere', async () => {
    const page = await createBrowser().open(api.url('/docs'))
    expect(page.headers['content-security-policy']).to.match(/^default-src 'none'; style-src 'sha256-/)
    expect(page.html).not.to.match(/<script|<link rel="stylesheet|@import|<img|<iframe| src=| style=/)
  })
})
