import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startService} from '@parix/plugin-local/server'
import {createBrowser} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {callApi, makeKey, useApi} from '../../support/api.js'

interface Organization {
  id: string
  name: string
  slug: string
  memberRole: string
}

describe('organizations', function () {
  this.timeout(60_000)
  const api = useApi()
  let people = 0

  const joinedBy = async (organization: string): Promise<Organization> => {
    const person = {email: `person${people++}@example.org`, organization}
    const key = await makeKey(api.service, {access: 'write', person})
    const {json} = await callApi(api.service, 'GET', '/api/v1/session', undefined, {key})
    return (json as {auth: {organization: Organization}}).auth.organization
  }

  for (const [one, other] of [
    ['A&B', 'A B'],
    ['株式会社大阪', '株式会社東京'],
    ['Café', 'Caf'],
    ['Café', 'Cafe'],
    ['Acme', 'ACME!'],
    ['Acme', 'acme'],
    ['ООО Ромашка', 'ООО Лютик'],
    ['Ａｃｍｅ', 'Acme'],
    ['A  B', 'A B'],
    ['🚀', '🛰'],
    ['local', 'Local'],
    [`${'x'.repeat(80)}1`, `${'x'.repeat(80)}2`],
  ] as const) {
    it(`'${one.slice(0, 12)}' and '${other.slice(0, 12)}' are two, and neither sees the other's databases`, async () => {
      const [first, second] = [await joinedBy(one), await joinedBy(other)]
      expect(first.name).to.equal(one)
      expect(second.name).to.equal(other)
      expect(first.id).not.to.equal(second.id)
      expect(first.slug).not.to.equal(second.slug)
      const person = {email: `again${people++}@example.org`, organization: one}
      const key = await makeKey(api.service, {access: 'write', person})
      const name = `of-${people}`
      await callApi(api.service, 'POST', '/api/v1/databases', JSON.stringify({name}), {key})
      const stranger = {email: `stranger${people++}@example.org`, organization: other}
      const foreign = await makeKey(api.service, {access: 'read', person: stranger})
      const {text} = await callApi(api.service, 'GET', '/api/v1/databases', undefined, {key: foreign})
      expect(text).not.to.contain(`"${name}"`)
    })
  }

  it('one name typed in two Unicode forms, or with white space around it, is one organization', async () => {
    const composed = await joinedBy('Zürich'.normalize('NFC'))
    expect(composed.memberRole).to.equal('owner')
    const decomposed = await joinedBy('Zürich'.normalize('NFD'))
    expect(decomposed).to.deep.equal({...composed, memberRole: 'member'})
    expect((await joinedBy('  Zürich ')).id).to.equal(composed.id)
  })

  it('any two names that differ after NFC and trimming are two organizations with two slugs', async () => {
    const ids = new Map<string, string>()
    const slugs = new Map<string, string>()
    const name = fc
      .string({unit: 'grapheme', minLength: 1, maxLength: 6})
      .filter((text) => text.trim() !== '' && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text.normalize('NFC')))
    await fc.assert(
      fc.asyncProperty(name, async (text) => {
        const {id, slug} = await joinedBy(text)
        const key = text.normalize('NFC').trim()
        expect(ids.get(key) ?? id).to.equal(id)
        ids.set(key, id)
        expect(slugs.get(slug) ?? key).to.equal(key)
        slugs.set(slug, key)
        expect(new Set(ids.values()).size).to.equal(ids.size)
      }),
      {numRuns: 40},
    )
  })

  for (const hidden of ['Ac\u200bme', 'Acme\u202e', 'Ac\u0007me', 'Ac\u00adme']) {
    it(`a name with an invisible character (${JSON.stringify(hidden)}) is refused: it would look like another`, async () => {
      const page = await createBrowser().open(`${api.service.baseUrl}/sign-in`)
      const fill = {email: 'hidden@example.org', name: '', organization: hidden}
      expect((await page.press(/continue as this person/i, {fill})).status).to.equal(400)
    })
  }

  it('somebody who belongs to one organization is not signed in under the name of another', async () => {
    const sign = async (organization: string) => {
      const page = await createBrowser().open(`${api.service.baseUrl}/sign-in`)
      return page.press(/continue as this person/i, {fill: {email: 'moving@example.org', name: '', organization}})
    }
    expect((await sign('Here')).status).to.equal(200)
    expect((await sign('Here')).status).to.equal(200)
    expect((await sign('')).status).to.equal(200)
    const refused = await sign('There')
    expect(refused.status).to.equal(400)
    expect(refused.text).to.contain('belongs to the organization Here')
  })

  it('twenty people who name a new organization at the same time are members of one, with one owner', async () => {
    const signIn = (n: number) =>
      makeKey(api.service, {access: 'read', person: {email: `at-once${n}@example.org`, organization: 'Rush'}})
    const keys = await Promise.all(Array.from({length: 20}, (_, n) => signIn(n)))
    const sessions = await Promise.all(
      keys.map((key) => callApi(api.service, 'GET', '/api/v1/session', undefined, {key})),
    )
    const organizations = sessions.map(({json}) => (json as {auth: {organization: Organization}}).auth.organization)
    expect(new Set(organizations.map(({id}) => id)).size).to.equal(1)
    expect(organizations.filter(({memberRole}) => memberRole === 'owner')).to.have.length(1)
  })

  it('one person who signs in twice at the same time is one person', async () => {
    const person = {email: 'twice@example.org', organization: 'Twice'}
    const keys = await Promise.all([1, 2, 3].map(() => makeKey(api.service, {access: 'read', person})))
    const sessions = await Promise.all(
      keys.map((key) => callApi(api.service, 'GET', '/api/v1/session', undefined, {key})),
    )
    expect(new Set(sessions.map(({json}) => (json as {auth: {user: {id: string}}}).auth.user.id)).size).to.equal(1)
  })
})

describe('organizations of a data directory from before', () => {
  it('keep their slugs and members, and no other name leads to them', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'parix-local-'))
    try {
      const first = await startService({port: 0, dataDir})
      const before = await makeKey(first, {access: 'read', person: {email: 'old@example.org', organization: 'A&B'}})
      await first.close()
      const second = await startService({port: 0, dataDir})
      const after = await makeKey(second, {access: 'read', person: {email: 'new@example.org', organization: 'A B'}})
      const same = await makeKey(second, {access: 'read', person: {email: 'same@example.org', organization: 'A&B'}})
      const slugs = []
      for (const key of [before, after, same]) {
        const {json} = await callApi(second, 'GET', '/api/v1/session', undefined, {key})
        slugs.push((json as {auth: {organization: Organization}}).auth.organization.slug)
      }
      expect(slugs[0]).to.equal('a-b')
      expect(slugs[1]).to.match(/^a-b-[0-9a-f]{8}$/)
      expect(slugs[2]).to.equal('a-b')
      await second.close()
    } finally {
      rmSync(dataDir, {recursive: true, force: true})
    }
  })
})
