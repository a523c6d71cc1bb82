import {makeHome, type RecordingService, startRecordingService, type TestHome} from '@parix/testkit'

/** What the tests of one `describe` begin with. */
export interface Given {
  /** One for all of them; its requests are those of the test. */
  readonly service: RecordingService
  /** A new one for each. */
  readonly home: TestHome
}

/** Starts a recording service before the tests of this `describe`, makes a home for each, and takes both away. */
export function givenService(): Given {
  const given = {} as {service: RecordingService; home: TestHome}
  before(async () => {
    given.service = await startRecordingService()
  })
  after(() => given.service.stop())
  beforeEach(() => {
    given.home = makeHome()
    given.service.requests.length = 0
  })
  afterEach(() => given.home.remove())
  return given
}
