/** What every call here needs from outside. */
export interface OAuthWorld {
  userAgent: string
  environment?: NodeJS.ProcessEnv
  now?: () => number
  signal?: AbortSignal
}
