import {type RunResult, type SignedInParix, withParix} from '@parix/testkit'
import {expect} from 'chai'

interface Failure {
  error: {
    code: string
    exitCode: number
    message: string
    hint?: string
    next?: string[]
    fieldErrors?: object
    errors?: string[]
  }
}

const failure = ({stdout}: RunResult) => (JSON.parse(stdout) as Failure).error
const PAGE = {body: '<!DOCTYPE html><title>Log in</title>', headers: {'content-type': 'text/html'}}

describe('parix api: a web page in place of the service', () => {
  it('a write that a page answers is not a success: 75, and nothing on stdout', () =>
    withParix(async ({service, parix}) => {
      for (const page of [PAGE, {body: PAGE.body}, {...PAGE, status: 201}]) {
        service.answer('POST', /./, page).answer('DELETE', /./, page)
        for (const words of [
          ['databases', '-f', 'name=books'],
          ['databases/db_1', '-X', 'DELETE'],
          ['databases/db_1', '-X', 'DELETE', '--silent'],
          ['databases/db_1/tb/create_transfers', '-d', '[]'],
        ]) {
          const {code, stdout, stderr} = await parix(['api', ...words])
          expect({code, stdout}).to.deep.equal({code: 75, stdout: ''})
          expect(stderr)
            .to.include('responded with a web page instead of JSON')
            .and.include('may have been carried out')
        }
      }
    }))

  it('a lookup by POST that a page answers is 75 too; a page that is asked for by GET is passed on', () =>
    withParix(async ({service, parix}) => {
      service.answer('POST', /./, PAGE).answer('GET', /./, PAGE)
      const lookup = await parix(['api', 'databases/db_1/tb/query_transfers', '-f', 'limit=1', '--json'])
      expect(failure(lookup)).to.include({code: 'web_page', exitCode: 75})
      expect(await parix(['api', '/'])).to.include({code: 0, stdout: PAGE.body})
    }))
})

describe('parix api: memory is bounded by what is asked', function () {
  this.timeout(120_000)

  /** Sends `mebibytes` of `chunk`, at the speed at which they are read. */
  const large = (mebibytes: number, status = 200, chunk = Buffer.alloc(1024 * 1024, 'x')) => ({
    raw: (_: unknown, response: {writeHead: (status: number) => void} & NodeJS.WritableStream) => {
      response.writeHead(status)
      let left = mebibytes
      const more = () => {
        while (left-- > 0) if (!response.write(chunk)) return void response.once('drain', more)
        response.end()
      }
      more()
    },
  })
  const answering = (mebibytes: number, status: number, work: (parix: SignedInParix['parix']) => Promise<void>) =>
    withParix(async ({service, parix}) => {
      service.answer('GET', '/api/v1/x', large(mebibytes, status))
      await work(parix)
    })
  /** Less than the body, and enough for Node itself: who holds the body ends with a crash, not with 0. */
  const small = {env: {NODE_OPTIONS: '--max-old-space-size=48'}}

  it('--silent keeps nothing', () =>
    answering(200, 200, async (parix) => {
      expect(await parix(['api', 'x', '--silent'], small)).to.include({code: 0, stdout: '', stderr: ''})
    }))

  for (const flags of [['--json'], ['--jq', '.'], ['--paginate']]) {
    it(`${flags[0]} of a body that it can't hold is an error in words`, () =>
      answering(80, 200, async (parix) => {
        const {code, stdout, stderr} = await parix(['api', 'x', ...flags])
        expect(code).to.equal(1)
        expect(stdout + stderr).to.match(new RegExp(`larger than \\d\\d MiB, too large for ${flags[0]}`))
        expect(stderr).not.to.include('Aborted')
      }))
  }

  it('the body of an error is read as far as it is shown', () =>
    answering(200, 404, async (parix) => {
      const {code, stdout, stderr} = await parix(['api', 'x'], small)
      expect({code, stdout}).to.deep.equal({code: 3, stdout: ''})
      expect(stderr.length).to.be.lessThan(3000)
    }))
})

describe('parix api: words', () => {
  it('a path that Git Bash rewrote is named as such, and the path that works is given', () =>
    withParix(async ({service, parix}) => {
      for (const path of ['C:/Program Files/Git/api/v1/databases', 'C:\\Program Files\\Git\\api\\v1\\databases']) {
        const error = failure(await parix(['api', path, '--json']))
        expect(error).to.include({code: 'rewritten_path', exitCode: 2})
        expect(error.message).to.include('Git Bash rewrites arguments that begin with a slash')
        expect(error.hint).to.equal('Leave the leading slash out.')
        expect(error.next?.[0]).to.match(/^parix api api\/v1\/databases\b/)
      }
      expect(service.requests).to.deep.equal([])
    }))

  it('an error of the body as a whole has a name, and no sentence is shown twice', () =>
    withParix(async ({service, parix}) => {
      const detail = 'Invalid input: expected object, received null'
      service.answer('POST', '/api/v1/databases', {
        status: 422,
        json: {
          title: 'Unprocessable',
          detail,
          errors: [detail, detail, 'another'],
          fieldErrors: {'': ['Invalid input']},
        },
      })
      const run = await parix(['api', 'databases', '-d', 'null', '--json'])
      expect(failure(run)).to.deep.include({fieldErrors: {'the body': ['Invalid input']}, errors: ['another']})
      expect((await parix(['api', 'databases', '-d', 'null'])).stderr.split(detail)).to.have.length(2)
    }))
})
