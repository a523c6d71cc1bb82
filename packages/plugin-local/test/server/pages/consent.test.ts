import {createBrowser} from '@parix/testkit'
import {expect} from 'chai'
import {throughTheBrowser} from '../../support/cli.js'
import {useLocalService} from '../../support/local.js'

describe('consents of one person at the same time', () => {
  const local = useLocalService()

  it('eight sign-ins that are allowed at once each get a code, and none is asked again', async () => {
    const browsers = Array.from({length: 8}, () => createBrowser())
    const callbacks = await Promise.all(browsers.map((browser) => throughTheBrowser(local.service.baseUrl, {browser})))
    for (const {parameters} of callbacks) expect(parameters.get('code')).to.match(/^\w{32}$/)
    for (const {visited} of browsers) {
      expect(visited.filter((url) => new URL(url).pathname === '/consent')).to.have.length(2)
    }
  })
})
