export interface WaysOptions {
  port: number
  /** Of this machine, for the SSH line. */
  hostname: string
  canPaste: boolean
  offersDevice: boolean
  /** `parix auth login --device` at this service. */
  deviceCommand: string
}

/** What a person can do when the browser on this machine does not answer, best first. */
export function otherWays({port, hostname, canPaste, offersDevice, deviceCommand}: WaysOptions): string {
  const ways = [
    ...(canPaste ? ['Open the page in any browser, and paste the address that it ends on here.'] : []),
    `By SSH: run this where the browser is, then open the page there: ssh -L ${port}:127.0.0.1:${port} ${hostname}`,
    ...(offersDevice ? [`Sign in with a code instead: ${deviceCommand}`] : []),
  ]
  return ['Waiting for the browser. If it runs on another machine:', ...ways.map((way) => `  - ${way}`)].join('\n')
}

/** What is said to a pasted line that is not the answer. */
export function pasteReply(verdict: 'foreign' | 'unknown'): string {
  return verdict === 'foreign'
    ? 'That address belongs to another sign-in. Paste the one that the page above ended on.'
    : 'That is not the address that a sign-in ends on: it begins with http://127.0.0.1: and holds code= and state=.'
}
