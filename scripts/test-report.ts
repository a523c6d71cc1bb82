import {writeFileSync} from 'node:fs'
import Mocha from 'mocha'

/** What `scripts/test.ts` wants to know of a run of mocha; printed as the reporter `dot` prints, or `spec` for a part of the suite. */
export interface Report {
  passing: number
  failures: Failure[]
}

export interface Failure {
  file: string
  title: string
}

/** Where the report is written, as JSON. */
export const REPORT_VARIABLE = 'PARIX_TEST_REPORT'

const {EVENT_RUN_END, EVENT_TEST_FAIL} = Mocha.Runner.constants

export default class TestReporter {
  private readonly shown: {done?(failures: number, end: (failures: number) => void): void}

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    const failures: Failure[] = []
    runner.on(EVENT_TEST_FAIL, (test: Mocha.Test) =>
      failures.push({file: fileOf(test), title: test.titlePath().join(' › ')}),
    )
    runner.once(EVENT_RUN_END, () => {
      const report: Report = {passing: runner.stats?.passes ?? 0, failures}
      writeFileSync(process.env[REPORT_VARIABLE]!, JSON.stringify(report))
    })
    const {dot, spec} = Mocha.reporters as unknown as Record<string, new (...of: unknown[]) => typeof this.shown>
    this.shown = new (options.parallel ? dot! : spec!)(runner, options)
  }

  done(failures: number, end: (failures: number) => void): void {
    if (this.shown.done === undefined) end(failures)
    else this.shown.done(failures, end)
  }
}

/** A hook's own file isn't always known: then it is that of the suite. */
function fileOf(test: Mocha.Runnable): string {
  if (test.file !== undefined) return test.file
  let suite = test.parent
  while (suite !== undefined && suite.file === undefined) suite = suite.parent
  return suite?.file ?? ''
}
