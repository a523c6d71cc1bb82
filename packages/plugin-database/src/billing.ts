import type {CreateDatabaseAnswer} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {isLoopback} from '@parix/kit/origin'

/**
 * Nothing was created, because something has to be paid first. The address is shown only if it is https, or of this machine:
 * a service must not be able to hand out `javascript:` or `file:` (threats 7.8).
 *
 * @param again the command to repeat afterwards
 */
export function billingError(billing: NonNullable<CreateDatabaseAnswer['billing']>, again: string): ParixError {
  const url = billing.checkoutUrl ? webAddress(billing.checkoutUrl) : undefined
  const refused = billing.checkoutUrl && url === undefined
  return new ParixError('BILLING', `Nothing was created: ${billing.message || 'billing has to be set up first'}`, {
    code: billing.code || 'billing',
    ...(refused && {errors: ['The service named an address that is not plain https, so it is not shown.']}),
    ...(url !== undefined && {hint: `Pay at ${url}, then run the command again.`}),
    next: again,
  })
}

function webAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
  return safe && url.username === '' && url.password === '' ? url.href : undefined
}
