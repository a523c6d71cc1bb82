import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {mkdtempSync} from 'node:fs'
import {createServer} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {after, before, test} from 'node:test'
import {fileURLToPath} from 'node:url'

const RUN = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const ANSWERS = {
  '/api/v1/session': {ok: true, auth: {user: {id: 'user_1', name: 'Ada'}}},
  '/api/v1/databases': {
    ok: true,
    databases: [
      {id: 'db_1', name: 'books'},
      {id: 'db_2', name: 'stock'},
    ],
  },
}

let server
before(async () => {
  server = createServer((request, response) => {
    const answer = request.headers['x-api-key'] === 'px_test' ? ANSWERS[request.url.split('?')[0]] : undefined
    response.writeHead(answer ? 200 : 404, {'content-type': 'application/json'}).end(JSON.stringify(answer ?? {}))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
})
after(() => server.close())

function parix(...words) {
  const home = mkdtempSync(join(tmpdir(), 'hello-'))
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    PARIX_API_KEY: 'px_test',
    PARIX_BASE_URL: `http://127.0.0.1:${server.address().port}`,
  }
  const child = spawn(process.execPath, [RUN, ...words], {env})
  const result = {stdout: '', stderr: ''}
  for (const stream of ['stdout', 'stderr']) child[stream].on('data', (chunk) => (result[stream] += chunk))
  return new Promise((resolve) => child.on('close', (code) => resolve({...result, code})))
}

test('greets who is signed in, and the databases in a table', async () => {
  const {stdout, code} = await parix('hello')
  assert.equal(code, 0)
  assert.match(stdout, /^Hello, Ada!\nDATABASE\s+ID\nbooks\s+db_1\nstock\s+db_2\n$/)
})

test('--json prints one document', async () => {
  const {stdout} = await parix('hello', 'stock', '--json')
  assert.deepEqual(JSON.parse(stdout), {name: 'Ada', databases: [{id: 'db_2', name: 'stock'}]})
})

test('a database that is not there is an error with a code of its own', async () => {
  const {stdout, stderr, code} = await parix('hello', 'nowhere', '--json')
  assert.equal(code, 3)
  assert.equal(JSON.parse(stdout).error.code, 'not_found')
  assert.equal(stderr, '')
})
