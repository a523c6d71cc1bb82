import {type SignedInParix, TEST_API_KEY, withParix} from '@parix/testkit'
import {expect} from 'chai'

const MAX = '340282366920938463463374607431768211455'

describe('parix api', () => {
  it('GET: signed in, and stdout is the body alone, byte for byte', () =>
    withParix(async ({service, parix}) => {
      const bytes = Buffer.from([0x7b, 0x20, 0x22, 0xff, 0x1b, 0x00, 0x0a, 0x0a])
      service.answer('GET', '/api/v1/databases', {body: bytes, headers: {'content-type': 'application/json'}})
      const {code, stdoutBytes, stderr} = await parix(['api', 'databases?search=a b'])
      expect({code, stderr}).to.deep.equal({code: 0, stderr: ''})
      expect(stdoutBytes.equals(bytes)).to.equal(true)
      const [request] = service.requests
      expect(request!.target).to.equal('/api/v1/databases?search=a%20b')
      expect(request!.headers).to.include({'x-api-key': TEST_API_KEY, accept: 'application/json'})
      expect(request!.headers['user-agent']).to.match(/^parix\/\d/)
    }))

  it('a body makes it a POST: -d as it is, -f typed, --input from a file and from stdin', () =>
    withParix(async ({service, home, parix}) => {
      service.answer('POST', '/api/v1/x', {json: {ok: true}})
      const text = `{ "amount":${MAX}, "id": 9007199254740993 }`
      const file = home.write('body.json', text)
      const runs = await Promise.all([
        parix(['api', 'x', '-d', text]),
        parix(['api', '--input', file, 'x']),
        parix(['api', 'x', '--input', '-'], {stdin: text}),
      ])
      expect(runs.map(({code}) => code)).to.deep.equal([0, 0, 0])
      expect(service.requests.map(({body}) => body)).to.deep.equal([text, text, text])
      await parix(['api', 'x', '-f', 'name=books', '-f', 'limit=10', '-f', `id=${MAX}`, '-f', `n:=${MAX}`])
      const {body, headers} = service.requests.at(-1)!
      expect(body).to.equal(`{"name":"books","limit":10,"id":"${MAX}","n":${MAX}}`)
      expect(headers['content-type']).to.equal('application/json')
    }))

  it('fields of a GET go into its query; -X and -H are sent as given', () =>
    withParix(async ({service, parix}) => {
      service.answer('GET', '/api/v1/x', {json: 1}).answer('PATCH', '/api/v1/x', {json: 2})
      await parix(['api', '-X', 'get', 'x', '-f', 'search=a b', '-f', 'limit=2'])
      expect(service.requests[0]!.query).to.deep.equal({search: 'a b', limit: '2'})
      const words = ['api', 'x', '-X', 'PATCH', '-d', 'plain', '-H', 'Content-Type: text/plain', '-H', 'x-one: 1']
      const {stdout} = await parix(words)
      expect(stdout).to.equal('2')
      expect(service.requests[1]).to.deep.include({method: 'PATCH', body: 'plain'})
      expect(service.requests[1]!.headers).to.include({'content-type': 'text/plain', 'x-one': '1'})
    }))

  describe('flaw 8: a write that is answered with 200 and was not carried out is no success', () => {
    const BILLING = {
      success: false,
      message: 'Pay.',
      billing: {code: 'card_missing', message: 'Add a card.', checkoutUrl: 'https://pay.example/x'},
    }
    for (const flags of [
      [],
      ['--json'],
      ['-i'],
      ['--silent'],
      ['--jq', '.message'],
      ['--format', 'json'],
      ['-d', '{}'],
      ['-X', 'PUT', '-d', '{}'],
    ]) {
      it(`billing is exit 5, with the address to pay at: ${flags.join(' ')}`, () =>
        withParix(async ({service, parix}) => {
          for (const method of ['POST', 'PUT']) service.answer(method, '/api/v1/databases', {json: BILLING})
          const body = flags.includes('-d') ? [] : ['-f', 'name=books']
          const {code, stdout, stderr} = await parix(['api', 'databases', ...body, ...flags])
          expect(code).to.equal(5)
          const json = flags.includes('--json') || flags.includes('--format')
          expect(json ? stdout : stderr)
            .to.contain('Nothing was created: Add a card.')
            .and.contain('https://pay.example/x')
          if (json) expect(JSON.parse(stdout).error).to.include({code: 'card_missing', exitCode: 5, status: 200})
          else if (flags.includes('-i')) expect(stdout).to.contain('"checkoutUrl"')
          else expect(stdout).to.equal('')
        }))
    }

    it('the same block with 402 says the same', () =>
      withParix(async ({service, parix}) => {
        service.answer('POST', '/api/v1/databases', {status: 402, json: BILLING})
        const {code, stderr} = await parix(['api', 'databases', '-f', 'name=books'])
        expect(code).to.equal(5)
        expect(stderr).to.contain('Nothing was created: Add a card.').and.contain('https://pay.example/x')
      }))

    const CREATE = 'databases/db_1/tb/create_transfers'
    const CASES: [title: string, path: string, body: object, code: number, says: RegExp][] = [
      [
        'success: false',
        'databases',
        {success: false, message: 'No room.'},
        1,
        /was not carried out\. It says: No room\./,
      ],
      ['ok: false', 'things', {ok: false}, 1, /was not carried out\./],
      ['ok: false of a create', CREATE, {ok: false, message: 'queued'}, 75, /may have been carried out/],
      ['a stub', CREATE, {ok: true, mode: 'stub', persisted: false, responsePayload: []}, 1, /NOTHING WAS STORED/],
    ]
    for (const [title, path, body, code, says] of CASES) {
      it(`${title}: exit ${code}, in words, and stdout stays empty`, () =>
        withParix(async ({service, parix}) => {
          service.answer('POST', `/api/v1/${path}`, {json: body})
          const result = await parix(['api', path, '-d', '[]'])
          expect(result).to.include({code, stdout: ''})
          expect(result.stderr).to.match(says)
        }))
    }

    it('a large response of a write is passed on byte for byte, and a read is the user’s own to judge', () =>
      withParix(async ({service, parix}) => {
        const large = JSON.stringify({rows: 'x'.repeat(3_000_000), success: false})
        service.answer('POST', '/api/v1/x', {body: large, headers: {'content-type': 'application/json'}})
        service.answer('GET', '/api/v1/x', {json: {ok: false}})
        expect((await parix(['api', 'x', '-d', '{}'])).stdout).to.equal(large)
        expect(await parix(['api', 'x'])).to.include({code: 0, stdout: '{"ok":false}'})
      }))
  })

  describe('flaw 8: the exit code follows the status, with and without --json', () => {
    const codes: [number, number][] = [
      [200, 0],
      [204, 0],
      [400, 2],
      [401, 4],
      [402, 5],
      [403, 5],
      [404, 3],
      [409, 6],
      [422, 2],
      [418, 1],
      [500, 75],
    ]
    for (const [status, exit] of codes) {
      it(`${status} is ${exit}`, () =>
        withParix(async ({service, parix}) => {
          const json = status < 300 ? (status === 204 ? undefined : {}) : {title: 'T', detail: 'It is so.', status}
          service.answer('POST', '/api/v1/x', {status, json})
          const [plain, asJson] = await Promise.all([
            parix(['api', 'x', '-X', 'POST']),
            parix(['api', 'x', '-X', 'POST', '--json']),
          ])
          expect([plain.code, asJson.code]).to.deep.equal([exit, exit])
          expect(service.requests).to.have.length(2)
          const document = JSON.parse(asJson.stdout) as {error?: {exitCode: number; status: number}} | null
          if (exit === 0) expect(document).to.deep.equal(status === 204 ? null : {})
          else expect(document?.error).to.include({exitCode: exit, status})
        }))
    }
  })

  it('flaw 9: what went wrong is said on stderr, in sentences; stdout stays empty', () =>
    withParix(async ({service, parix}) => {
      const problem = {
        type: 'about:blank',
        title: 'Invalid',
        status: 422,
        detail: 'The name is taken.\u001b[31m',
        instance: 'req_17',
        errors: ['Choose another.'],
        fieldErrors: {name: ['must be unique']},
      }
      service.answer('POST', '/api/v1/x', {status: 422, json: problem})
      const {stdout, stderr} = await parix(['api', 'x', '-X', 'POST'])
      expect(stdout).to.equal('')
      for (const part of ['The name is taken.\\u001b[31m', 'Choose another.', 'name: must be unique', 'req_17']) {
        expect(stderr).to.include(part)
      }
      expect(stderr).to.not.match(/[{}\u001b]/)
    }))

  it('-i prints status, headers and the body whatever the status; the exit code stays', () =>
    withParix(async ({service, parix}) => {
      service.answer('GET', '/api/v1/x', {status: 404, json: {detail: 'Gone.'}, headers: {'x-request-id': 'r1'}})
      const {code, stdout, stderr} = await parix(['api', 'x', '-i'])
      expect(code).to.equal(3)
      expect(stdout).to.match(/^HTTP\/1\.1 404 Not Found\n(.+\n)*x-request-id: r1\n(.+\n)*\n\{"detail":"Gone\."\}$/)
      expect(stderr).to.include('Gone.')
    }))

  it('HEAD prints what there is: the headers', () =>
    withParix(async ({service, parix}) => {
      service.answer('HEAD', '/api/v1/x', {headers: {'x-there': 'yes'}})
      expect((await parix(['api', 'x', '-X', 'HEAD'])).stdout).to.match(/^HTTP\/1\.1 200 OK\n(.+\n)*x-there: yes\n/)
    }))

  it('--silent prints no body, and keeps the exit code', () =>
    withParix(async ({service, parix}) => {
      service
        .answer('GET', '/api/v1/x', {json: {a: 1}})
        .answer('GET', '/api/v1/y', {status: 403, json: {detail: 'No.'}})
      expect(await parix(['api', 'x', '--silent'])).to.include({code: 0, stdout: '', stderr: ''})
      const refused = await parix(['api', 'y', '--silent'])
      expect(refused).to.include({code: 5, stdout: ''})
      expect(refused.stderr).to.include('No.')
    }))

  it('flaw 1, threat 7.9: --json is the document of the service with its digits, and no C1 control in it', () =>
    withParix(async ({service, parix}) => {
      const body = `{"a":${MAX},"n":1.10,"s":"\u009b31m\u007f"}`
      service.answer('GET', '/api/v1/x', {body}).answer('GET', '/api/v1/y', {body: '<html>hello'})
      expect((await parix(['api', 'x', '--json'])).stdout).to.equal(`{"a":${MAX},"n":1.10,"s":"\\u009b31m\\u007f"}\n`)
      const page = await parix(['api', 'y', '--json'])
      expect(page.code).to.equal(1)
      expect(JSON.parse(page.stdout)).to.have.nested.property('error.code', 'not_json')
    }))

  it('threat 3.18: a web page with an error status is named, not dumped', () =>
    withParix(async ({service, parix}) => {
      const html = {headers: {'content-type': 'text/html'}, body: '<html><body>Proxy says no</body></html>'}
      service.answer('POST', '/api/v1/x', {status: 502, ...html})
      const {code, stdout, stderr} = await parix(['api', 'x', '-X', 'POST'])
      expect({code, stdout}).to.deep.equal({code: 75, stdout: ''})
      expect(stderr)
        .to.match(/web page instead of JSON/)
        .and.not.include('<html>')
    }))

  it('threat 7.11: a body of any size goes by as it comes', () =>
    withParix(async ({service, parix}) => {
      const chunk = Buffer.alloc(1024 * 1024, 'x')
      service.answer('GET', '/api/v1/x', {
        raw: (_request, response) => {
          let sent = 0
          const more = () => {
            while (sent < 80) {
              sent++
              if (!response.write(chunk)) return
            }
            response.end()
          }
          response.on('drain', more)
          more()
        },
      })
      const {code, stdoutBytes} = await parix(['api', 'x'])
      expect(code).to.equal(0)
      expect(stdoutBytes.length).to.equal(80 * 1024 * 1024)
    }))

  it('rule 21: a reader that goes away is not an error', () =>
    withParix(async ({service, start}) => {
      let closed: (() => void) | undefined
      const gone = new Promise<void>((resolve) => {
        closed = resolve
      })
      service.answer('GET', '/api/v1/x', {
        raw: (_request, response) => {
          response.on('close', () => closed?.())
          const more = () => {
            while (!response.destroyed && response.write(Buffer.alloc(65536, 'x'))) {}
          }
          response.on('drain', more)
          more()
        },
      })
      const running = start(['api', 'x'])
      await running.saw(/x/)
      running.child.stdout!.destroy()
      await gone
      const {code, stderr} = await running.result
      expect({code, stderr}).to.deep.equal({code: 0, stderr: ''})
    }))

  it('threat 7.10: on a terminal the body is pretty and cleaned, its numbers exact', () =>
    withParix(async ({service, onTerminal}) => {
      const body = `{"id":${MAX},"name":"\u202eevil\u009b","e":"\\u001b"}`
      service
        .answer('GET', '/api/v1/x', {body, headers: {'content-type': 'application/json; charset=utf-8'}})
        .answer('GET', '/api/v1/y', {body: 'plain \u001b]52;c;eA==\u0007', headers: {'content-type': 'text/plain'}})
      const pretty = onTerminal(['api', 'x', '--no-color'])
      expect((await pretty.result).stdout.replaceAll('\r', '')).to.equal(
        `{\n  "id": ${MAX},\n  "name": "\\u202eevil\\u009b",\n  "e": "\\u001b"\n}\n`,
      )
      const plain = await onTerminal(['api', 'y', '--no-color']).result
      expect(plain.stdout).to.equal('plain \\u001b]52;c;eA==\\u0007\r\n')
      const coloured = await onTerminal(['api', 'x']).result
      expect(coloured.stdout).to.include('\u001b[36m"id"\u001b[39m: \u001b[33m34028236692')
    }))

  it('rule 15: says so when it reads the body from the keyboard', () =>
    withParix(async ({service, onTerminal}) => {
      service.answer('POST', '/api/v1/x', {json: {ok: true}})
      const running = onTerminal(['api', 'x', '--input', '-'])
      await running.saw(/Reading the body from the keyboard\. End it with Ctrl-D\./)
      running.child.stdin!.write('{"a":1}\n\u0004')
      expect((await running.result).code).to.equal(0)
      expect(service.requests[0]!.body).to.equal('{"a":1}\n')
    }))

  describe('flaw 14: bad input is refused, and nothing is sent', () => {
    const wrong: [string, string[], RegExp][] = [
      ['a body that is not JSON', ['x', '-d', '{name: 1}'], /the body is not JSON \(at position 1/],
      ['-d @file', ['x', '-d', '@body.json'], /--input body\.json/],
      ['a file that is not there', ['x', '--input', '/nowhere/x.json'], /there is no such file/],
      ['a directory', ['x', '--input', '/'], /it is a directory/],
      ['stdin without JSON', ['x', '--input', '-'], /the body is not JSON/],
      ['a GET with a body', ['x', '-X', 'GET', '-d', '{}'], /GET request has no body/],
      ['two bodies', ['x', '-d', '{}', '-f', 'a=1'], /--field and --data can't be given together/],
      ['a field without =', ['x', '-f', 'name'], /-f is wrong/],
      ['a header without a colon', ['x', '-H', 'accept'], /-H is wrong/],
      ['a method that is not valid', ['x', '-X', 'GET /evil'], /not a method/],
      ['CONNECT', ['x', '-X', 'CONNECT'], /not a method/],
      ['a wrong jq expression', ['x', '-X', 'POST', '--jq', '.a['], /--jq is wrong: syntax error/],
      ['--paginate of a POST', ['x', '-X', 'POST', '--paginate'], /--paginate is for GET/],
      ['an empty path', [''], /path is empty/i],
    ]
    for (const [what, words, says] of wrong) {
      it(what, () =>
        withParix(async ({service, parix}) => {
          const {code, stdout, stderr} = await parix(['api', ...words])
          expect(stderr)
            .to.match(says)
            .and.not.match(/\n\s+at /)
          expect({code, stdout}).to.deep.equal({code: 2, stdout: ''})
          expect(service.requests).to.deep.equal([])
        }),
      )
    }
  })

  it('a lost answer: a read is asked again, a write is not, and says so', () =>
    withParix(async ({service, parix}) => {
      service
        .answer('GET', '/api/v1/x', {drop: true}, {json: 1})
        .answer('POST', '/api/v1/x', {drop: true})
        .answer('POST', '/api/v1/databases/db_1/tb/create_transfers', {drop: true})
        .answer('POST', '/api/v1/databases/db_1/tb/query_transfers', {drop: true}, {json: {}})
      expect(await parix(['api', 'x'])).to.include({code: 0, stdout: '1'})
      const lost = await parix(['api', 'x', '-d', '{}', '--json'])
      expect(lost.code).to.equal(75)
      const {error} = JSON.parse(lost.stdout) as {error: {message: string; retryable: boolean; next: string[]}}
      expect(error.message).to.match(/The POST may have been carried out/)
      expect(error.retryable).to.equal(false)
      expect(service.to('POST', '/api/v1/x')).to.have.length(1)
      const transfers = await parix(['api', 'databases/db_1/tb/create_transfers', '-d', '[{"id":"1"}]'])
      expect(transfers.stderr).to.include('Send the same body again: TigerBeetle creates each id only once.')
      const query = await parix(['api', 'databases/db_1/tb/query_transfers', '-f', 'limit=1'])
      expect(query.code).to.equal(0)
    }))

  it('a write that the service failed on is not called harmless to repeat; one that it was too busy for is', () =>
    withParix(async ({service, parix}) => {
      const problem = {title: 'T', detail: 'It broke.'}
      service.answer('POST', '/api/v1/x', {status: 500, json: problem}, {status: 503, json: problem})
      const retryable = async () =>
        (JSON.parse((await parix(['api', 'x', '-d', '{}', '--json'])).stdout) as {error: {retryable: boolean}}).error
      expect(await retryable()).to.include({exitCode: 75, status: 500, retryable: false})
      expect(await retryable()).to.include({exitCode: 75, status: 503, retryable: true})
    }))
})

describe('parix api --jq', () => {
  const filtered = (body: string, words: string[], work: (run: Awaited<ReturnType<SignedInParix['parix']>>) => void) =>
    withParix(async ({service, parix}) => {
      service.answer('GET', '/api/v1/x', {body})
      work(await parix(['api', 'x', ...words]))
    })

  it('prints text without quotes and all else as JSON, 128 bits exact', () =>
    filtered(`{"l":[${MAX},"a\\tb",{"n":1.10}]}`, ['--jq', '.l[]'], ({code, stdout, stderr}) => {
      expect({code, stdout, stderr}).to.deep.equal({code: 0, stdout: `${MAX}\na\tb\n{"n":1.10}\n`, stderr: ''})
    }))

  it('with --json: one JSON value a line', () =>
    filtered('{"l":["a",1]}', ['--jq', '.l[]', '--json'], ({stdout}) => {
      expect(stdout).to.equal('"a"\n1\n')
    }))

  it('warns when a large number was calculated', () =>
    filtered('{"a":9007199254740993}', ['--jq', '.a + 0'], ({code, stdout, stderr}) => {
      expect({code, stdout}).to.deep.equal({code: 0, stdout: '9007199254740992\n'})
      expect(stderr).to.match(/Warning: --jq calculated 9007199254740992 in double precision/)
    }))

  it('an expression that fails on the answer, and a body that is not JSON, exit 1', async () => {
    await filtered('{"a":1}', ['--jq', '.a.b'], ({code, stderr}) => {
      expect(code).to.equal(1)
      expect(stderr).to.match(/--jq failed: Cannot index number/)
    })
    await filtered('nothing', ['--jq', '.a'], ({code, stdout}) => {
      expect({code, stdout}).to.deep.equal({code: 1, stdout: ''})
    })
  })
})
