import {type Api, createApi} from '@parix/kit/api'
import {parseBaseUrl} from '@parix/kit/origin'
import {createCredentialSource, openSessionStore} from '@parix/kit/session'
import {type RecordingService, TEST_API_KEY, withHome, withService} from '@parix/testkit'

/** The real client, over real HTTP, in this process: for what needs no command line. */
export function withApi(work: (service: RecordingService, api: Api) => Promise<void>): Promise<void> {
  return withHome((home) =>
    withService(async (service) => {
      const base = parseBaseUrl(service.baseUrl)
      const environment = {...home.environment, PARIX_API_KEY: TEST_API_KEY}
      const shared = {base, environment, userAgent: 'parix/test', say: () => {}}
      const credentials = createCredentialSource({...shared, store: openSessionStore({environment})})
      await work(service, createApi({...shared, credentials}))
    }),
  )
}

/** What `promise` is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}
