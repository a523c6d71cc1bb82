import {cleanLine} from '@parix/kit/text'
import {expect} from 'chai'
import fc from 'fast-check'
import {type FileResult, junitText, tapText} from '../../src/testing/report-tests.js'
import type {TestResult} from '../../src/testing/run-tests.js'

const good = (name: string, milliseconds = 5): TestResult => ({name, ok: true, line: 3, milliseconds, failures: []})
const bad = (name: string, ...messages: string[]): TestResult => ({
  ...{name, ok: false, line: 7, milliseconds: 1500},
  failures: messages.map((message, index) => ({line: 10 + index, column: 4, message})),
})
const FILES: FileResult[] = [
  {file: 'a.test.yaml', tests: [good('pays'), bad('holds', 'expected created', 'pending = 1: 2')]},
  {file: 'b.test.yaml', tests: [good('closes', 12)]},
]
/** Names and messages as people and attackers write them. */
const hostile = fc.oneof(
  fc.string({unit: 'grapheme', maxLength: 30}),
  fc.constantFrom(
    '# SKIP',
    '\\',
    'a\nnot ok 2',
    'a\r\nb',
    '<x>&"\'</x>',
    ']]>',
    '\u001b[31m',
    '\0',
    '\ufffe',
    '\ud800',
    '&#60;',
    '…',
  ),
)

describe('results of tests as TAP', () => {
  it('are a plan, a line for each, numbered through all files, and the failures of each below it', () => {
    expect(tapText(FILES)).to.equal(`TAP version 14
1..3
ok 1 - a.test.yaml: pays # time=5ms
not ok 2 - a.test.yaml: holds # time=1500ms
  ---
  failures:
    - message: "expected created"
      at: "a.test.yaml:10:4"
    - message: "pending = 1: 2"
      at: "a.test.yaml:11:4"
  ...
ok 3 - b.test.yaml: closes # time=12ms
`)
  })

  it('of nothing are an empty plan', () => {
    expect(tapText([])).to.equal('TAP version 14\n1..0\n')
    expect(tapText([{file: 'a', tests: []}])).to.equal('TAP version 14\n1..0\n')
  })

  it('no name makes a line, a directive or a result of its own', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile, fc.boolean(), hostile), {maxLength: 6}), (all) => {
        const files = all.map(([file, name, ok, message]) => ({file, tests: [ok ? good(name) : bad(name, message)]}))
        const lines = tapText(files).split('\n')
        const results = lines.filter((line) => /^(not )?ok /.test(line))
        expect(results.map((line) => line.startsWith('ok'))).to.deep.equal(all.map(([, , ok]) => ok))
        expect(lines).to.have.lengthOf(2 + all.reduce((sum, [, , ok]) => sum + (ok ? 1 : 6), 0) + 1)
        // A # that is not escaped begins a directive: there is the one that tells the time.
        for (const line of results) expect(line.replace(/\\[\\#]/g, '').match(/#/g)).to.have.lengthOf(1)
      }),
      {numRuns: 300},
    ))
})

describe('results of tests as JUnit', () => {
  it('are a suite for each file, with its counts and times, and a case for each test', () => {
    expect(junitText(FILES)).to.equal(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="a.test.yaml" tests="2" failures="1" time="1.505">
    <testcase classname="a.test.yaml" name="pays" file="a.test.yaml" line="3" time="0.005"/>
    <testcase classname="a.test.yaml" name="holds" file="a.test.yaml" line="7" time="1.500">
      <failure message="expected created">a.test.yaml:10:4 expected created</failure>
      <failure message="pending = 1: 2">a.test.yaml:11:4 pending = 1: 2</failure>
    </testcase>
  </testsuite>
  <testsuite name="b.test.yaml" tests="1" failures="0" time="0.012">
    <testcase classname="b.test.yaml" name="closes" file="b.test.yaml" line="3" time="0.012"/>
  </testsuite>
</testsuites>
`)
  })

  it('are well formed whatever the names are, and say them again', () =>
    fc.assert(
      fc.property(hostile, hostile, hostile, (file, name, message) => {
        const text = junitText([{file, tests: [bad(name, message)]}])
        const attributes = [...text.matchAll(/ ([a-z]+)="([^"<>]*)"/g)].map(([, key, value]) => [
          key,
          unescaped(value!),
        ])
        expect(attributes).to.deep.include(['name', cleanLine(file)])
        expect(attributes).to.deep.include(['classname', cleanLine(file)])
        expect(attributes.filter(([key]) => key === 'name').at(-1)![1]).to.equal(cleanLine(name))
        expect(attributes).to.deep.include(['message', cleanLine(message)])
        const rest = text
          .replace(/<\?xml [^>]*\?>/, '')
          .replace(/<\/?[a-z]+( [a-z]+="[^"<&]*(&#\d+;[^"<&]*)*")*\/?>/g, '')
        expect(rest).to.not.match(/[<>]|&(?!#\d+;)/)
        // Characters that XML does not have.
        expect(text).to.not.match(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/)
      }),
      {numRuns: 300},
    ))
})

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
}
