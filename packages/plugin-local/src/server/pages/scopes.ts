/** What each scope lets a program do, in words for the person who is asked. */
const IN_WORDS: Record<string, string> = {
  openid: 'Know who you are',
  profile: 'See your name',
  email: 'See your email address',
  offline_access: 'Stay signed in until you sign out',
  'org:read': 'See your organization and your role in it',
  'db:read': 'See databases, accounts, transfers and balances',
  'db:write': 'Create and remove databases, make accounts and transfers',
  'billing:read': 'See the state of billing',
}

export function scopeInWords(scope: string): string {
  return IN_WORDS[scope] ?? scope
}

/** The scopes of a request, each once, in the order asked for. */
export function splitScopes(scope: string | null | undefined): string[] {
  return [...new Set((scope ?? '').split(' ').filter(Boolean))]
}
