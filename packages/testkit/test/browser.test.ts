import {createServer, type IncomingMessage, type Server} from 'node:http'
import {BROWSER_PROGRAM, createBrowser, run} from '@parix/testkit'
import {expect} from 'chai'

interface Seen {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

type BrowserResponse = {status?: number; headers?: Record<string, string | string[]>; html?: string}

describe('the scripted browser', () => {
  let server: Server
  let base: string
  let seen: Seen[]
  let responses: Record<string, BrowserResponse>

  beforeEach(async () => {
    seen = []
    responses = {}
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      request.on('end', () => {
        const {method = '', url = '', headers} = request
        seen.push({method, url, headers, body})
        const {status = 200, headers: extra = {}, html = ''} = responses[url.split('?')[0]!] ?? {status: 404}
        response.writeHead(status, {'content-type': 'text/html', connection: 'close', ...extra}).end(html)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as {port: number}).port}`
  })
  afterEach(() => new Promise((resolve) => server.close(resolve)))

  it('follows redirects, keeps cookies by host, and says where it ended', async () => {
    responses['/a'] = {status: 302, headers: {location: '/b?x=1', 'set-cookie': ['one=1; Path=/; HttpOnly', 'two=2']}}
    responses['/b'] = {html: '<title>Here &amp; now</title><body>Some <b>text</b><script>no</script></body>'}
    const browser = createBrowser()
    const page = await browser.open(`${base}/a`)
    expect(page).to.include({url: `${base}/b?x=1`, status: 200, title: 'Here & now', text: 'Some text'})
    expect(seen[1]?.headers.cookie).to.equal('one=1; two=2')
    expect(browser.visited).to.deep.equal([`${base}/a`, `${base}/b?x=1`])
    responses['/c'] = {headers: {'set-cookie': 'one=; Max-Age=0'}}
    await browser.open(`${base}/c`)
    expect([...browser.cookies('127.0.0.1')]).to.deep.equal([['two', '2']])
  })

  it('sends a form as a browser does: fields, ticks, the button, Origin and Fetch Metadata', async () => {
    responses['/form'] = {
      html: `<form method="post" action="/send"><input type="hidden" name="h" value="&quot;x&quot;">
        <input name="t" value="old"><input type="checkbox" name="c" value="1" checked>
        <input type="checkbox" name="c" value="2" checked><input type="checkbox" name="c" value="3">
        <input name="off" value="x" disabled><select name="s"><option value="p">P</option><option value="q" selected>Q</option></select>
        <button name="go" value="no">Deny</button><button name="go" value="yes">Allow it</button></form>`,
    }
    responses['/send'] = {status: 303, headers: {location: '/done'}}
    responses['/done'] = {html: 'done'}
    const page = await createBrowser().open(`${base}/form`)
    expect(seen[0]?.headers).to.include({'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate'})
    const done = await page.press(/^allow/i, {fill: {t: 'new'}, untick: ['2']})
    expect(done.url).to.equal(`${base}/done`)
    expect(seen[1]).to.include({method: 'POST', url: '/send'})
    expect([...new URLSearchParams(seen[1]?.body)]).to.deep.equal([
      ['h', '"x"'],
      ['t', 'new'],
      ['s', 'q'],
      ['c', '1'],
      ['go', 'yes'],
    ])
    expect(seen[1]?.headers).to.include({origin: base, 'sec-fetch-site': 'same-origin'})
    expect(seen[2]?.method).to.equal('GET')
  })

  it('names the buttons that there are when the one asked for is not', async () => {
    responses['/form'] = {html: '<form><button>Deny</button></form>'}
    const page = await createBrowser().open(`${base}/form`)
    expect(() => page.press(/^allow$/i)).to.throw(/there are: "Deny"/)
  })

  it('ends a loop of redirects', async () => {
    responses['/loop'] = {status: 302, headers: {location: '/loop'}}
    const failure = await createBrowser({redirectsMax: 3})
      .open(`${base}/loop`)
      .catch((error: Error) => error)
    expect(failure).to.be.instanceOf(Error)
    expect(seen).to.have.length(4)
  })

  it('as a program it signs in and presses Allow, or Deny when told to', async () => {
    responses['/start'] = {
      html: '<form method="post" action="/consent"><button>Sign in as you@parix.local</button></form>',
    }
    responses['/consent'] = {
      html: '<form method="post" action="/end"><button name="d" value="deny">Deny</button><button name="d" value="allow">Allow</button></form>',
    }
    responses['/end'] = {html: '<title>The end</title>'}
    const allowed = await run(process.execPath, [BROWSER_PROGRAM, `${base}/start`])
    expect(allowed.code, allowed.stderr).to.equal(0)
    expect(allowed.stderr).to.equal('browser: 200 The end\n')
    expect(seen.at(-1)?.body).to.equal('d=allow')
    const env = {PATH: process.env.PATH, PARIX_TEST_BROWSER: 'deny'}
    await run(process.execPath, [BROWSER_PROGRAM, `${base}/start`], {env})
    expect(seen.at(-1)?.body).to.equal('d=deny')
  })
})
