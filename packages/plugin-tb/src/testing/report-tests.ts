/** Results of tests in the forms that CI systems read: TAP 14 and JUnit's XML. */

import {cleanLine} from '@parix/kit/text'
import type {TestResult} from './run-tests.js'

/** The tests of one file. */
export interface FileResult {
  file: string
  tests: TestResult[]
}

/** https://testanything.org/tap-version-14-specification.html */
export function tapText(files: readonly FileResult[]): string {
  const all = files.flatMap(({file, tests}) => tests.map((test) => ({file, test})))
  const lines = all.flatMap(({file, test}, index) => {
    const title = `${cleanLine(file)}: ${cleanLine(test.name)}`.replace(/[\\#]/g, '\\$&')
    const head = `${test.ok ? 'ok' : 'not ok'} ${index + 1} - ${title} # time=${test.milliseconds}ms`
    if (test.ok) return [head]
    const failures = test.failures.flatMap(({line, column, message}) => [
      `    - message: ${JSON.stringify(cleanLine(message))}`,
      `      at: ${JSON.stringify(`${file}:${line}:${column}`)}`,
    ])
    return [head, '  ---', '  failures:', ...failures, '  ...']
  })
  return `${['TAP version 14', `1..${all.length}`, ...lines].join('\n')}\n`
}

/** One testsuite for each file. */
export function junitText(files: readonly FileResult[]): string {
  const suites = files.flatMap(({file, tests}) => {
    const failed = tests.filter(({ok}) => !ok).length
    return [
      `  <testsuite name="${escaped(file)}" tests="${tests.length}" failures="${failed}" time="${seconds(tests)}">`,
      ...tests.flatMap((test) => caseLines(file, test)),
      '  </testsuite>',
    ]
  })
  return `${['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>'].join('\n')}\n`
}

function caseLines(file: string, test: TestResult): string[] {
  const head = `    <testcase classname="${escaped(file)}" name="${escaped(test.name)}" file="${escaped(file)}" line="${test.line}" time="${seconds([test])}"`
  if (test.ok) return [`${head}/>`]
  return [
    `${head}>`,
    ...test.failures.map(
      ({line, column, message}) =>
        `      <failure message="${escaped(message)}">${escaped(`${file}:${line}:${column} ${message}`)}</failure>`,
    ),
    '    </testcase>',
  ]
}

function seconds(tests: readonly TestResult[]): string {
  return (tests.reduce((sum, {milliseconds}) => sum + milliseconds, 0) / 1000).toFixed(3)
}

/** Characters that XML does not have, not even escaped, are shown by their numbers. */
function escaped(text: string): string {
  return cleanLine(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
