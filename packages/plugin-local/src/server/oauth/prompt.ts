/**
 * The prompts that the provider gets for those that were asked for (OpenID Connect Core §3.1.2.1): consent is always among
 * them (threat 2.7). To choose an account and to make one are what the sign-in page offers anyway. `none` stays: it is
 * refused for want of a consent, since none is ever remembered.
 */
export function consentPrompt(prompt: string): string {
  const asked = new Set(prompt.split(' '))
  if (asked.has('none')) return 'none'
  return asked.has('login') || asked.has('select_account') || asked.has('create') ? 'login consent' : 'consent'
}
