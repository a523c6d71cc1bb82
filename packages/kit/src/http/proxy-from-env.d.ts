declare module 'proxy-from-env' {
  /** The proxy's URL, or an empty string. */
  export function getProxyForUrl(url: URL | string): string
}
